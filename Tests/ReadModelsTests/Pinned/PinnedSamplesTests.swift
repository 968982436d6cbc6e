import EventModel
import ReadModels
import Testing

@Suite struct `Pinned samples` {
    @Test func `the samples that the binary carries are those of the schemas`() throws {
        let lines = SampleEvent.all.sorted { ($0.type, $0.version) < ($1.type, $1.version) }.map { sample in
            "\(sample.type) \(sample.version) \(String(decoding: sample.data.compactBytes(), as: UTF8.self))\n"
        }
        #expect(lines.count > 90)
        try PinnedFile(path: "Schemas/samples/event_samples.txt").hold(to: lines.joined())
    }
}

extension FoldSample {
    /// The samples of all schemas.
    static let all = SampleEvent.all.map {
        FoldSample(type: EventType(trusting: $0.type), schemaVersion: $0.version, data: $0.data.compactBytes())
    }
}
