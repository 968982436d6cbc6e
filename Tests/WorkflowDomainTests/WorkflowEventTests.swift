import EventModel
import EventSourcingTesting
import FoundationEssentials
import Testing
import WorkflowDomain

@Suite("The stored form of workflow events") struct WorkflowEventTests {
    static let hidden: [JSONValue] = [
        SealedValue(subject: "workspace:default", key: "k1", ciphertext: "AAAA").value,
        SealedValue.erased(subject: "workspace:default"),
    ]

    @Test func `names and versions never change`() {
        #expect(
            WorkflowEventType.allCases.map { "\($0.rawValue) v\($0.schemaVersion)" } == [
                "workflow.imported v2", "workflow.revised v2", "workflow.original_kept v1", "workflow.renamed v1",
                "workflow.block_added v1", "workflow.block_removed v1", "workflow.block_moved v1",
                "workflow.block_renamed v1", "workflow.block_enabled v1", "workflow.block_disabled v1",
                "workflow.block_locked v1", "workflow.block_unlocked v1", "workflow.block_reparented v1",
                "workflow.block_configured v1", "workflow.sub_block_changed v1", "workflow.edge_added v1",
                "workflow.edge_removed v1", "workflow.subflow_changed v1", "workflow.variable_set v1",
                "workflow.variable_removed v1", "workflow.replaced v1", "workflow.published v1",
                "workflow.unpublished v1", "workflow.archived v1", "workflow.restored v1",
            ])
        #expect(
            WorkflowFormat.allCases.map(\.rawValue) == [
                "sim-export-1.0", "sim-api-v2", "sim-state", "sim-state-wrapped", "sim-state-legacy", "sim-serialized",
                "sim-yaml-1.0", "sim-yaml-fragment",
            ])
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `every event survives being written and read`(_ seed: UInt64) throws {
        var history = WorkflowHistory()
        try history.apply(RandomWorkflow(seed: seed).reading().command)
        try history.apply(RandomWorkflow(seed: seed + 1_000).reading().command)
        try history.apply(.publish(label: "v\(seed)"))
        try history.apply(.unpublish)
        try history.apply(.archive)
        try history.apply(.restore)
        try history.apply(.replaceState(RandomWorkflow(seed: seed + 2_000).reading().definition))
        #expect(history.events.count == 7)
        try history.checkStorage("seed \(seed)")
    }

    // MARK: Version 1

    @Test(arguments: [WorkflowEventType.imported, .revised])
    func `version 1, where values stood open in the definition, is read for ever`(_ type: WorkflowEventType) throws {
        let name = type.rawValue.split(separator: ".")[1]
        let sample = try JSONValue(try ProjectFiles.bytes("\(EventSchemaTests.directory)/\(name).v1.sample.json"))
        let event = try WorkflowEvent(
            decoding: sample.compactBytes(), type: EventType(type.rawValue), schemaVersion: 1)
        let definition = try #require(event.definition)
        #expect(definition.canonicalValue == sample["definition"]?.canonicalized)
        #expect(event.digest == definition.digest && event.eventType == type && event.schemaVersion == 2)
        let again = try WorkflowEvent(decoding: event.encoded(), type: event.type, schemaVersion: event.schemaVersion)
        #expect(again == event)
        #expect(event.payload["source"] == "refund.json" && event.payload["original"] == .null)
    }

    @Test func `what was not written by us is refused with the field`() throws {
        let data = try JSONValue(try ProjectFiles.bytes("\(EventSchemaTests.directory)/revised.v2.sample.json"))
        for (type, version) in [("workflow.deleted", 1), ("workflow.revised", 3), ("workflow.revised", 0)] {
            let type = try EventType(type)
            #expect(throws: EventFlaw.unknown(type: type, schemaVersion: Int32(version))) {
                try WorkflowEvent(decoding: data.compactBytes(), type: type, schemaVersion: Int32(version))
            }
        }
        let type = try EventType("workflow.revised")
        #expect(throws: EventFlaw.json(.empty(at: 0))) {
            try WorkflowEvent(decoding: [], type: type, schemaVersion: 2)
        }
        for field in ["definition", "digest", "format", "source", "revision", "previousDigest", "changes"] {
            let without = JSONValue.object(try #require(data.object).removing([field]))
            #expect(throws: EventFlaw.missing(JSONPath.root[field])) {
                try WorkflowEvent(decoding: without.compactBytes(), type: type, schemaVersion: 2)
            }
        }
    }

    // MARK: Personal values

    @Test func `the open part of an event holds nothing that was typed in`() throws {
        let text = """
            {"blocks":{"a":{"type":"agent","name":"A","subBlocks":{"p":{"type":"code","value":"SECRET-1"}}},
            "l":{"type":"loop","name":"L","data":{"collection":"SECRET-2","count":3}}},"edges":[],
            "loops":{"l":{"nodes":[],"forEachItems":["SECRET-3"],"iterations":3}},
            "parallels":{"q":{"nodes":[],"distribution":{"x":"SECRET-4"}}},
            "variables":{"v":{"id":"v","name":"n","type":"plain","value":"SECRET-5"}},"metadata":{"name":"Open"}}
            """
        let reading = try read(text, name: "SECRET-6.json")
        let event = try #require(WorkflowDecider.decide(reading.command, .notImported).first)
        let marks = WorkflowEvent.personalMarks.filter { $0.type == event.type }
        let open = PlainSeal.sealed(event.payload, at: marks.map(\.path), with: Self.hidden[0])
        let visible = String(decoding: open.compactBytes(), as: UTF8.self)
        #expect(!visible.contains("SECRET") && visible.contains(#""name":"Open""#))
        #expect(String(decoding: event.encoded(), as: UTF8.self).contains("SECRET-5"))
    }

    @Test(arguments: hidden) func `a hidden event still gives the whole structure`(_ hidden: JSONValue) throws {
        for seed in 1...40 as ClosedRange<UInt64> {
            let reading = try RandomWorkflow(seed: seed).reading()
            let event = try #require(WorkflowDecider.decide(reading.command, .notImported).first)
            let marks = WorkflowEvent.personalMarks.filter { $0.type == event.type }
            let sealed = PlainSeal.sealed(event.payload, at: marks.map(\.path), with: hidden)
            let seen = try WorkflowEvent(
                decoding: sealed.canonicalBytes(), type: event.type, schemaVersion: event.schemaVersion)
            let definition = try #require(seen.definition)
            #expect(definition.blocks.map(\.id) == reading.definition.blocks.map(\.id))
            #expect(definition.edges == reading.definition.edges && seen.digest == reading.digest)
            let values = definition.blocks.flatMap(\.subBlocks).map(\.value) + definition.variables.map(\.value)
            let hasAny = event.payload["values"]?.isNull == false
            #expect(values.allSatisfy { hasAny ? $0 == hidden : $0.isNull }, "seed \(seed)")
            let state = WorkflowDecider.fold(.notImported, [seen])
            guard case .present(let present) = state else {
                Issue.record("seed \(seed): no workflow")
                continue
            }
            #expect(present.digest == reading.digest)
        }
    }

    @Test(arguments: hidden) func `over hidden values only what needs no digest is decided`(_ hidden: JSONValue) throws
    {
        let definition = try read(Self.withInput(hidden)).definition
        let content = WorkflowContent(
            definition: definition, format: .state, digest: ContentDigest(of: [1]), source: hidden)
        let state = WorkflowDecider.fold(.notImported, [.imported(WorkflowImported(content: content))])
        let place = JSONPath.root["blocks"]["a"]["subBlocks"]["p"]["value"]
        for command in [
            .rename("Other"), .edit(.renameBlock("a", name: "Other")), .replaceState(definition),
            .importDefinition(
                definition, format: .state, digest: definition.digest, sourceName: "f", original: nil),
        ] as [WorkflowDecider.Command] {
            #expect(throws: WorkflowDecider.Rejection.hiddenValue(place)) {
                try WorkflowDecider.decide(command, state)
            }
        }
        #expect(try WorkflowDecider.decide(.archive, state) == [.archived(revision: 1)])
        #expect(try WorkflowDecider.decide(.publish(label: nil), state).count == 1)
        let plain = try read(Self.withInput("plain"))
        #expect(try WorkflowDecider.decide(plain.command, state).count == 1)
    }

    @Test(arguments: hidden) func `the same content brings back what was erased, and leaves alone what is sealed`(
        _ hidden: JSONValue
    ) throws {
        let plain = try read(Self.withInput("plain"))
        let unseen = try read(Self.withInput(hidden)).definition
        let content = WorkflowContent(definition: unseen, format: .state, digest: plain.digest, source: hidden)
        let state = WorkflowDecider.fold(.notImported, [.imported(WorkflowImported(content: content))])
        for command in [plain.command, .replaceState(plain.definition)] {
            let events = try WorkflowDecider.decide(command, state)
            guard hidden.erasedSubject != nil else {
                #expect(events.isEmpty)
                continue
            }
            #expect(events.count == 1 && events[0].digest == plain.digest)
            let after = WorkflowDecider.fold(state, events)
            #expect(try WorkflowDecider.decide(command, after).isEmpty, "it is there again")
            #expect(try WorkflowDecider.decide(.rename("Other"), after).count == 1)
        }
    }

    private static func withInput(_ value: JSONValue) -> JSONValue {
        let input: JSONValue = ["id": "p", "type": "code", "value": value]
        return state(["a": ["type": "agent", "name": "A", "subBlocks": ["p": input]]])
    }

    @Test func `a definition that would not fit an event once its values are sealed is refused`() throws {
        let value = String(repeating: "x", count: 740_000)
        let text = String(decoding: Self.withInput(.string(value)).compactBytes(), as: UTF8.self)
        #expect {
            try read(text)
        } throws: { error in
            guard case .definitionTooLarge(let bytes, let limit) = error as? WorkflowFormatError else { return false }
            return bytes > limit
        }
        let short = String(repeating: "x", count: 700_000)
        let events = try WorkflowDecider.decide(try read(Self.withInput(.string(short))).command, .notImported)
        for event in events { #expect(WorkflowLimitsCheck.sealedBytes(of: event) <= 1 << 20) }
    }
}

/// What sealing makes of an event's size, reckoned independently: base64 of the value with 28 bytes of nonce and tag, in its envelope.
enum WorkflowLimitsCheck {
    static func sealedBytes(of event: WorkflowEvent) -> Int {
        let paths = WorkflowEvent.personalMarks.filter { $0.type == event.type }.map(\.path)
        return PlainSeal.sealed(event.payload, at: paths) { value in
            let length = (value.canonicalBytes().count + 28 + 2) / 3 * 4
            return SealedValue(
                subject: "workspace:" + String(repeating: "w", count: 64), key: "2147483647",
                ciphertext: String(repeating: "A", count: length)
            ).value
        }.compactBytes().count
    }
}
