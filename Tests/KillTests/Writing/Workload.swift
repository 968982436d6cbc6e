import EventSourcingTesting
import Foundation

/// The lines of one writer, from a seed: streams of its own, of which it knows every version; a few that all writers share; and workflows,
/// which have a view of their own.
struct Workload: Sendable {
    private static let sharedStreams = 5
    private static let largestPadding = 1_500

    private let writer: Int
    private let samples: WorkflowSamples
    private var random: SplitMix64
    private var count = 0
    /// The versions of the streams that are being written.
    private var own: [String: Int64] = [:]

    init(writer: Int, seed: UInt64, samples: WorkflowSamples) {
        self.writer = writer
        self.samples = samples
        random = SplitMix64(seed: seed &+ UInt64(writer) &* 1_000_003)
    }

    mutating func next() -> Ledger.Line {
        count += 1
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return workflow()
        case 1, 2:
            let stream = "note-shared\(Int.random(in: 0..<Self.sharedStreams, using: &random))"
            return line(stream, version: nil, type: "note.written", data: payload())
        default:
            let stream = "order-\(writer)x\(Int.random(in: 0..<20, using: &random))x\(count / 2_000)"
            let version = advance(stream)
            return line(
                stream, version: version, type: version == 1 ? "order.placed" : "order.changed", data: payload())
        }
    }

    private mutating func workflow() -> Ledger.Line {
        let stream = "workflow-\(writer)x\(count / 400)x\(Int.random(in: 0..<8, using: &random))"
        let version = advance(stream)
        return line(
            stream, version: version, type: version == 1 ? "workflow.imported" : "workflow.revised",
            data: version == 1 ? samples.imported : samples.revised(version))
    }

    private mutating func advance(_ stream: String) -> Int64 {
        own[stream, default: 0] += 1
        return own[stream, default: 1]
    }

    private mutating func payload() -> String {
        let padding = Int.random(in: 0...Self.largestPadding, using: &random)
        return #"{"writer":\#(writer),"n":\#(count),"pad":"\#(String(repeating: "x", count: padding))"}"#
    }

    private mutating func line(_ stream: String, version: Int64?, type: String, data: String) -> Ledger.Line {
        let id = uuid()
        let expected = version.map { $0 == 1 ? "noStream" : "\($0 - 1)" } ?? "any"
        let text =
            #"{"event_id":"\#(id.uuidString)","stream":"\#(stream)","expected":"\#(expected)","type":"\#(type)","data":\#(data)}"#
        return Ledger.Line(id: id, stream: stream, version: version, text: text)
    }

    private mutating func uuid() -> UUID {
        let (high, low) = (random.next(), random.next())
        func byte(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> (8 * (index % 8))) }
        // Version 4: the ids of this test are random and nothing more.
        return UUID(
            uuid: (
                byte(0), byte(1), byte(2), byte(3), byte(4), byte(5), byte(6) & 0x0f | 0x40, byte(7),
                byte(8) & 0x3f | 0x80, byte(9), byte(10), byte(11), byte(12), byte(13), byte(14), byte(15)
            ))
    }
}

/// The published samples of the two events of workflows, one line each.
struct WorkflowSamples: Sendable {
    let imported: String
    private let revision: String

    init(checkout: URL) throws {
        let folder = checkout.appendingPathComponent("Schemas/events/workflow")
        func line(_ name: String) throws -> String {
            // JSON has line breaks between its parts only.
            try String(contentsOf: folder.appendingPathComponent("\(name).v1.sample.json"), encoding: .utf8)
                .replacing("\n", with: " ")
        }
        imported = try line("imported")
        revision = try line("revised")
    }

    func revised(_ version: Int64) -> String {
        revision.replacing(/"revision":\s*\d+/, with: #""revision": \#(version)"#)
    }
}
