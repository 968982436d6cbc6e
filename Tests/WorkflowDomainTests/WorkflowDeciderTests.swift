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
        let content = WorkflowContent(
            definition: reading.definition, format: .state, digest: reading.digest, sourceName: "file.json")
        #expect(try history(first) == [.imported(WorkflowImported(content: content))])
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
        #expect(revised.previousDigest == events[0].content.digest && back.content.digest == events[0].content.digest)
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
        guard case .revised(let revised)? = try history(first, wide).last else {
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
            reading.definition, format: .state, digest: other, sourceName: "x")
        #expect(throws: WorkflowDecider.Rejection.digestMismatch(claimed: other, actual: reading.digest)) {
            try WorkflowDecider.decide(command, .notImported)
        }
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `every event survives being written and read`(_ seed: UInt64) throws {
        for event in try history(RandomWorkflow(seed: seed).state, RandomWorkflow(seed: seed + 1_000).serialized, first)
        {
            let data = event.encoded()
            try JSONDoor.validate(data)
            let again = try WorkflowEvent(
                decoding: data, type: event.type.rawValue, schemaVersion: event.type.schemaVersion)
            #expect(again == event && again.encoded() == data, "seed \(seed)")
        }
    }
}

@Suite("The stored form of workflow events") struct WorkflowEventCodingTests {
    @Test func `names and versions never change`() {
        #expect(
            WorkflowEventType.allCases.map { "\($0.rawValue) v\($0.schemaVersion)" } == [
                "workflow.imported v1", "workflow.revised v1",
            ])
        #expect(
            WorkflowFormat.allCases.map(\.rawValue) == [
                "sim-export-1.0", "sim-api-v2", "sim-state", "sim-state-wrapped", "sim-state-legacy", "sim-serialized",
                "sim-yaml-1.0",
                "sim-yaml-fragment",
            ])
    }

    @Test(arguments: [("imported", "workflow.imported"), ("revised", "workflow.revised")])
    func `the sample is what the encoder writes, and the schema requires exactly its keys`(
        _ file: String, _ type: String
    ) throws {
        let sample = try JSONValue(try Files.bytes("\(Files.eventSchemas)/\(file).v1.sample.json"))
        let event = try WorkflowEvent(decoding: sample.compactBytes(), type: type, schemaVersion: 1)
        #expect(event.encoded() == sample.canonicalBytes() && event.type.rawValue == type)
        #expect(event.content.digest == event.content.definition.digest)
        let schema = try JSONValue(try Files.bytes("\(Files.eventSchemas)/\(file).v1.json"))
        #expect(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema")
        try agree(sample, schema, root: schema)
        let formats = schema["properties"]?["format"]?["enum"]?.array?.compactMap(\.string)
        #expect(formats == WorkflowFormat.allCases.map(\.rawValue))
    }

    /// Keys that are written are described, and those of closed objects are all required.
    private func agree(_ value: JSONValue, _ schema: JSONValue, root: JSONValue) throws {
        if let reference = schema["$ref"]?.string {
            let definition = try #require(root["$defs"]?[String(reference.dropFirst("#/$defs/".count))])
            return try agree(value, definition, root: root)
        }
        guard let object = value.object, let properties = schema["properties"]?.object else { return }
        let required = Set((schema["required"]?.array ?? []).compactMap(\.string))
        if schema["additionalProperties"] == false { #expect(required == Set(object.keys)) }
        #expect(required.isSubset(of: object.keys) && Set(object.keys).isSubset(of: properties.keys))
        for member in object.members { try agree(member.value, properties[member.key] ?? [:], root: root) }
    }

    @Test func `what was not written by us is refused with the field`() throws {
        let data = try JSONValue(try Files.bytes("\(Files.eventSchemas)/revised.v1.sample.json"))
        #expect(throws: WorkflowEventFlaw.unknown(type: "workflow.deleted", schemaVersion: 1)) {
            try WorkflowEvent(decoding: data.compactBytes(), type: "workflow.deleted", schemaVersion: 1)
        }
        #expect(throws: WorkflowEventFlaw.unknown(type: "workflow.revised", schemaVersion: 2)) {
            try WorkflowEvent(decoding: data.compactBytes(), type: "workflow.revised", schemaVersion: 2)
        }
        #expect(throws: WorkflowEventFlaw.json(.empty(at: 0))) {
            try WorkflowEvent(decoding: [], type: "workflow.revised", schemaVersion: 1)
        }
        for field in ["definition", "digest", "format", "source", "revision", "previousDigest", "changes"] {
            let without = JSONValue.object(try #require(data.object).removing([field]))
            #expect(throws: WorkflowEventFlaw.field(JSONPath.root[field])) {
                try WorkflowEvent(decoding: without.compactBytes(), type: "workflow.revised", schemaVersion: 1)
            }
        }
    }
}
