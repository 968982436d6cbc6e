import EventModel
import Testing
import WorkflowDomain

@Suite("Imported files") struct OriginalFileTests {
    private func original(
        of revision: Int?, in events: some Sequence<WorkflowEvent>
    ) throws(OriginalFlaw) -> [UInt8] { try search(revision, events).result().bytes }

    private func search(_ revision: Int?, _ events: some Sequence<WorkflowEvent>) -> OriginalSearch {
        events.reduce(into: OriginalSearch(of: "workflow", revision: revision)) { $1.tell(&$0) }
    }

    private static func input(_ value: JSONValue) -> JSONValue {
        let input: JSONValue = ["id": "p", "type": "code", "value": value]
        return state(["a": ["type": "agent", "name": "A", "subBlocks": ["p": input]]])
    }

    /// A life: imported from a file, edited, converted from a journey, imported from another file, edited again.
    private func life(first: [UInt8], second: [UInt8]) throws -> [WorkflowEvent] {
        func file(_ value: String, _ original: [UInt8]?) throws -> WorkflowDecider.Command {
            let definition = try read(Self.input(.string(value))).definition
            return .importDefinition(
                definition, format: .state, digest: definition.digest, sourceName: "\(value).json", original: original)
        }
        var events: [WorkflowEvent] = []
        for command in [
            try file("one", first), .rename("Other"), try file("journey", nil), try file("two", second),
            .publish(label: nil), .rename("Another"),
        ] {
            let state = WorkflowDecider.fold(.notImported, events)
            events += try WorkflowDecider.decide(command, state)
        }
        return events
    }

    @Test(arguments: [10, 1_200_000])
    func `the newest file is found behind edits and conversions, and every earlier one by its revision`(
        _ size: Int
    ) throws {
        let first = [UInt8](repeating: 1, count: size)
        let second = [UInt8](repeating: 2, count: size)
        let events = try life(first: first, second: second)
        let newest = try search(nil, events).result()
        #expect(newest.bytes == second && newest.revision == 4 && newest.newestRevision == 5)
        #expect(
            newest.name == "two.json" && newest.format == WorkflowFormat.state.rawValue
                && newest.digest == ContentDigest(of: second))
        #expect(try original(of: 1, in: events) == first)
        #expect(try original(of: 4, in: events) == second)
    }

    @Test func `a revision that came from no file says so, and one that never was says which is the newest`() throws {
        let events = try life(first: [1], second: [2])
        for revision in [2, 3, 5] {
            #expect(throws: OriginalFlaw.notFromFile(revision: revision)) { try original(of: revision, in: events) }
        }
        for revision in [0, -1, 6, Int.max] {
            #expect(throws: OriginalFlaw.noRevision(revision, newest: 5)) { try original(of: revision, in: events) }
        }
        #expect(throws: OriginalFlaw.unknown("workflow")) { try original(of: nil, in: []) }
        let definition = try read(Self.input("x")).definition
        let converted = try WorkflowDecider.decide(
            .importDefinition(
                definition, format: .state, digest: definition.digest, sourceName: "journey j", original: nil),
            .notImported)
        #expect(throws: OriginalFlaw.notFromFile(revision: nil)) { try original(of: nil, in: converted) }
    }

    @Test(arguments: [1, 1_000, 500_000, 1_200_000, OriginalLimits.fileBytes])
    func `the bytes of an imported file come back exactly`(_ size: Int) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let definition = try read(Self.input("x")).definition
        let events = try WorkflowDecider.decide(
            .importDefinition(
                definition, format: .state, digest: definition.digest, sourceName: "f", original: bytes),
            .notImported)
        let stored = try events.map { event in
            #expect(WorkflowLimitsCheck.sealedBytes(of: event) <= 1 << 20)
            return try WorkflowEvent(decoding: event.encoded(), type: event.type, schemaVersion: event.schemaVersion)
        }
        #expect(events.reduce(0) { $0 + WorkflowLimitsCheck.sealedBytes(of: $1) } <= 8 << 20)
        #expect(try original(of: 1, in: stored) == bytes)
        #expect(throws: OriginalFlaw.noRevision(2, newest: 1)) { try original(of: 2, in: stored) }
        if stored.count > 1 {
            #expect(throws: OriginalFlaw.incomplete(stored.count - 2, of: stored.count - 1)) {
                try original(of: 1, in: stored.dropLast())
            }
        }
    }

    @Test func `a file that no append takes leaves its digest, and says so`() throws {
        let bytes = [UInt8](repeating: 7, count: OriginalLimits.fileBytes + 1)
        let definition = try read(Self.input("x")).definition
        let events = try WorkflowDecider.decide(
            .importDefinition(
                definition, format: .state, digest: definition.digest, sourceName: "f", original: bytes),
            .notImported)
        guard case .imported(let event)? = events.first else {
            Issue.record("no import")
            return
        }
        #expect(events.count == 1 && event.content.original?.digest == ContentDigest(of: bytes))
        #expect(throws: OriginalFlaw.tooLarge(bytes: bytes.count, limit: OriginalLimits.fileBytes)) {
            try original(of: 1, in: events)
        }
    }

    @Test func `hidden or altered originals are told apart`() throws {
        func event(_ data: JSONValue) throws -> WorkflowEvent {
            let definition = try read(Self.input("x")).definition
            let file = OriginalFile(bytes: 2, digest: ContentDigest(of: [1, 2]), place: .here(data))
            return .imported(
                WorkflowImported(
                    content: WorkflowContent(
                        definition: definition, format: .state, digest: definition.digest, source: "f", original: file))
            )
        }
        let whole = try event("AQI=")
        #expect(try original(of: 1, in: [whole]) == [1, 2])
        let sealed = try event(SealedValue(subject: "workspace:default", key: "1", ciphertext: "AAAA").value)
        #expect(throws: OriginalFlaw.sealed) { try original(of: 1, in: [sealed]) }
        let erased = try event(SealedValue.erased(subject: "workspace:default"))
        #expect(throws: OriginalFlaw.erased(subject: "workspace:default")) { try original(of: nil, in: [erased]) }
        for data in ["AQM=", "???", 7] as [JSONValue] {
            let event = try event(data)
            #expect(throws: OriginalFlaw.damaged) { try original(of: 1, in: [event]) }
        }
    }
}
