import EventModel
import FoundationEssentials
import ReadModels
import Testing

@Suite("Events that are left out") struct ProjectionEventTests {
    private func sample() throws -> SampleEvent {
        try #require(SampleEvent.all.first { $0.type == "projection.event_skipped" })
    }

    private func skipped(_ position: Int64 = 7, reason: String = "written by hand") -> EventSkipped {
        EventSkipped(
            version: 2, position: GlobalPosition(position), eventID: UUID(uuid: Self.oneID),
            eventType: .init(trusting: "a.b"),
            key: ParkingKey(text: "k"), cause: "why", reason: reason)
    }

    private let none = SkippedEvents.none
    private static let oneID: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)

    @Test func `the sample is read and written again to the same bytes`() throws {
        let bytes = try sample().data.canonicalBytes()
        let event = try ProjectionEvent(decoding: bytes, type: ProjectionEvent.eventSkippedType, schemaVersion: 1)
        #expect(event.encoded() == bytes && event.schemaVersion == 1)
        guard case .eventSkipped(let skipped) = event else { return }
        #expect(skipped.position == GlobalPosition(4711) && skipped.key.text == #"["default","exec-17"]"#)
        #expect(ProjectionEvent.stream(of: "executions").rawValue == "projection-executions")
    }

    @Test func `the schema lists exactly what is written, and marks nothing`() throws {
        let properties = try #require(try sample().schema["properties"]?.object)
        #expect(Set(properties.keys) == Set(try sample().data.object?.keys ?? []))
        #expect(!properties.members.contains { $0.value["x-personal"] != nil })
        #expect(ProjectionEvent.personalMarks.isEmpty)
    }

    @Test func `other types, versions and shapes are refused`() throws {
        let sample = try sample().data
        let bytes = sample.canonicalBytes()
        #expect(throws: EventFlaw.self) {
            try ProjectionEvent(decoding: bytes, type: EventType("projection.other"), schemaVersion: 1)
        }
        #expect(throws: EventFlaw.self) {
            try ProjectionEvent(decoding: bytes, type: ProjectionEvent.eventSkippedType, schemaVersion: 2)
        }
        for key in try #require(sample.object).keys {
            var object = try #require(sample.object)
            object[key] = nil
            #expect(throws: EventFlaw.self, "\(key)") {
                try ProjectionEvent(
                    decoding: JSONValue.object(object).canonicalBytes(), type: ProjectionEvent.eventSkippedType,
                    schemaVersion: 1)
            }
        }
    }

    @Test func `an event is left out once, however often it is asked for`() throws {
        let events = try SkipDecider.decide(.skip(skipped(), actor: "ada"), none)
        #expect(events == [.eventSkipped(skipped())])
        let state = SkipDecider.fold(none, events)
        #expect(try SkipDecider.decide(.skip(skipped(reason: "other words"), actor: "bob"), state) == [])
        #expect(state.includes(GlobalPosition(7), id: skipped().eventID) && state.count == 1)
        #expect(!state.includes(GlobalPosition(7), id: UUID()), "another event at that position is not meant")
        #expect(try SkipDecider.decide(.skip(skipped(8), actor: "ada"), state).count == 1)
    }

    @Test(
        arguments: [
            ("", "ada", 7, SkipDecider.Rejection.reasonMissing), (" \n", "ada", 7, .reasonMissing),
            ("r", "", 7, .actorMissing), ("r", nil, 7, .actorMissing), ("r", "ada", 0, .noPosition(.start)),
            (
                String(repeating: "é", count: 501), "ada", 7,
                .reasonTooLong(bytes: 1_002, limit: EventSkipped.reasonLimit)
            ),
        ] as [(String, String?, Int64, SkipDecider.Rejection)])
    func `without reason or actor nothing is left out`(
        _ reason: String, _ actor: String?, _ position: Int64, _ expected: SkipDecider.Rejection
    ) {
        #expect(throws: expected) {
            try SkipDecider.decide(.skip(skipped(position, reason: reason), actor: actor), none)
        }
        #expect(expected.description.contains("; "))
    }
}

@Suite("Parking keys") struct ParkingKeyTests {
    @Test func `different keys have different names, also where text looks the same`() {
        let values: [ColumnValue] = [
            .text("é"), .text("e\u{301}"), .text("1"), .int(1), .null, .text("null"), .bool(true), .text("a\u{0}b"),
            .text("[\"a\"]"), .bytes([1]), .bytes([2]), .text(String(repeating: "x", count: 600)),
            .text(String(repeating: "x", count: 601)), .text(String(repeating: "é", count: 600)),
        ]
        let keys = values.map { ParkingKey(row: RowKey([$0])) }
        #expect(Set(keys).count == values.count)
        #expect(keys.allSatisfy { $0.text.utf8.count <= ParkingKey.textLimit && !$0.text.utf8.contains(0) })
        #expect(keys.allSatisfy { $0.sort == .row && ParkingKey(text: $0.text) == $0 })
        #expect(ParkingKey(row: RowKey([.text("default"), .text("e-17")])).text == #"["default","e-17"]"#)
    }
}
