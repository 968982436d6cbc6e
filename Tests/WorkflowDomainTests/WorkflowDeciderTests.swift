import EventModel
import Testing
import WorkflowDomain

@Suite("The workflow decider") struct WorkflowDeciderTests {
    private let first = state(["a": block("a"), "b": block("b")], edges: [edge("e", "a", "b")])
    private let second = state(
        ["a": block("a", "agent"), "c": block("c")], edges: [edge("f", "a", "c")], loops: ["l": ["nodes": []]])

    private func history(_ values: JSONValue...) throws -> [WorkflowEvent] {
        var state = WorkflowDecider.initialState
        var events: [WorkflowEvent] = []
        for value in values {
            let decided = try WorkflowDecider.decide(try read(value).command, state)
            state = WorkflowDecider.fold(state, decided)
            events += decided
        }
        return events
    }

    @Test func `the first import is an event with the whole definition`() throws {
        let reading = try read(first)
        guard case .imported(let event)? = try history(first).first else {
            Issue.record("no import")
            return
        }
        let content = event.content
        #expect(content.definition == reading.definition && content.digest == reading.digest)
        #expect(content.format == .state && content.sourceName == "file.json")
        #expect(content.original?.bytes == first.compactBytes().count)
    }

    @Test func `importing the same content again, in any format, appends nothing`() throws {
        #expect(try history(first, first).count == 1)
        let exported: JSONValue = ["version": "1.0", "exportedAt": "2027-01-01T00:00:00Z", "state": first]
        #expect(try history(first, exported, ["state": first]).count == 1)
        #expect(try history(first, second, second).count == 2)
    }

    @Test func `a changed definition is a revision that says what changed`() throws {
        let events = try history(first, second, first)
        guard case .revised(let revised) = events[1], case .revised(let back) = events[2] else {
            Issue.record("no revision")
            return
        }
        #expect(revised.revision == 2 && back.revision == 3)
        #expect(revised.previousDigest == events[0].digest && back.content.digest == events[0].digest)
        #expect(revised.changes.blocks == .init(added: ["c"], removed: ["b"], changed: ["a"]))
        #expect(revised.changes.edges == .init(added: ["f"], removed: ["e"], changed: []))
        #expect(revised.changes.containers == .init(added: ["l"]) && revised.changes.variables.isEmpty)
        #expect(!revised.changes.metadata && !revised.changes.isTruncated)
    }

    @Test func `a renamed workflow is a revision of its metadata`() throws {
        var renamed = first.object ?? JSONObject()
        renamed["metadata"] = ["name": "New"]
        guard case .revised(let revised)? = try history(first, .object(renamed)).last else {
            Issue.record("no revision")
            return
        }
        #expect(revised.changes.metadata && revised.changes.blocks.isEmpty)
    }

    @Test func `a list of changes stays within its bytes`() throws {
        let ids = (0..<2_000).map { "block-with-a-rather-long-id-\($0)" }
        let wide = state(.object(JSONObject(ids.map { .init(key: $0, value: block($0)) })))
        guard case .revised(let revised)? = try history(first, wide).first(where: { $0.eventType == .revised }) else {
            Issue.record("no revision")
            return
        }
        #expect(revised.changes.isTruncated && revised.changes.blocks.added.count < 2_000)
        #expect(revised.changes.blocks.added.map(\.text).joined().utf8.count <= WorkflowLimits.changeBytes)
    }

    @Test func `a digest of something else is refused`() throws {
        let reading = try read(first)
        let other = try read(second).digest
        let command = WorkflowDecider.Command.importDefinition(
            reading.definition, format: .state, digest: other, sourceName: "x", original: nil)
        #expect(throws: WorkflowDecider.Rejection.digestMismatch(claimed: other, actual: reading.digest)) {
            try WorkflowDecider.decide(command, .notImported)
        }
    }
}
