import EventModel
import Testing
import WorkflowDomain

/// One operation of Sim's editor and what it comes to.
struct NamedOperation: Sendable, CustomStringConvertible {
    let target: String
    let name: String
    let payload: JSONValue
    let event: String

    init(_ target: String, _ name: String, _ payload: JSONValue, _ event: String) {
        self.target = target
        self.name = name
        self.payload = payload
        self.event = event
    }

    var description: String { "\(target) \(name)" }

    static let all: [NamedOperation] = blocks + several + rest

    private static let place: JSONValue = ["x": 3, "y": 4]

    private static let blocks: [NamedOperation] = [
        .init("block", "update-position", ["id": "a", "position": place, "commit": true], "block_moved"),
        .init("block", "update-name", ["id": "a", "name": "N"], "block_renamed"),
        .init("block", "toggle-enabled", ["id": "a"], "block_disabled"),
        .init("block", "toggle-enabled", ["id": "off"], "block_enabled"),
        .init("block", "update-parent", ["id": "a", "parentId": "l"], "block_reparented"),
        .init("block", "update-advanced-mode", ["id": "a", "advancedMode": true], "block_configured"),
        .init("block", "update-trigger-mode", ["id": "a", "triggerMode": true], "block_configured"),
        .init("block", "update-error-enabled", ["id": "a", "errorEnabled": true], "block_configured"),
        .init("block", "toggle-handles", ["id": "a", "horizontalHandles": true], "block_configured"),
        .init("block", "update-retry", ["id": "a", "retry": ["enabled": true, "maxTries": 3]], "block_configured"),
        .init(
            "block", "update-canonical-mode", ["id": "a", "canonicalId": "m", "canonicalMode": "basic"],
            "block_configured"),
        .init(
            "block", "replace-canonical-modes", ["id": "a", "data": ["canonicalModes": ["m": "basic"]]],
            "block_configured"),
    ]

    private static let several: [NamedOperation] = [
        .init("blocks", "batch-update-positions", ["updates": [["id": "a", "position": place]]], "block_moved"),
        .init("blocks", "batch-add-blocks", ["blocks": [block("n")], "edges": []], "block_added"),
        .init("blocks", "batch-remove-blocks", ["ids": ["a", "b"]], "block_removed"),
        .init("blocks", "batch-toggle-enabled", ["blockIds": ["a"]], "block_disabled"),
        .init("blocks", "batch-toggle-locked", ["blockIds": ["a"]], "block_locked"),
        .init("blocks", "batch-toggle-locked", ["blockIds": ["vault"]], "block_unlocked"),
        .init("blocks", "batch-toggle-handles", ["blockIds": ["a"]], "block_configured"),
        .init("blocks", "batch-update-parent", ["updates": [["id": "a", "parentId": "l"]]], "block_reparented"),
        .init("edges", "batch-add-edges", ["edges": [edge("n", "b", "l")]], "edge_added"),
        .init("edges", "batch-remove-edges", ["ids": ["ab"]], "edge_removed"),
    ]

    private static let rest: [NamedOperation] = [
        .init("edge", "add", edge("n", "b", "l"), "edge_added"),
        .init("edge", "remove", ["id": "ab"], "edge_removed"),
        .init("subblock", "subblock-update", ["blockId": "a", "subblockId": "p", "value": 1], "sub_block_changed"),
        .init(
            "subblock", "subblock-update-with-canonical-modes",
            ["blockId": "a", "subblockId": "p", "value": 1, "canonicalModes": [:]], "sub_block_changed"),
        .init(
            "subblock", "subblock-batch-update", ["updates": [["blockId": "a", "subblockId": "p", "value": 1]]],
            "sub_block_changed"),
        .init("subflow", "update", ["id": "l", "type": "loop", "config": ["iterations": 7]], "subflow_changed"),
        .init("variable", "add", ["id": "w", "name": "n2", "type": "number", "value": 1], "variable_set"),
        .init("variable", "variable-update", ["variableId": "v", "field": "value", "value": 2], "variable_set"),
        .init("variable", "remove", ["variableId": "v"], "variable_removed"),
        .init("workflow", "replace-state", ["state": state(["z": block("z")])], "replaced"),
    ]
}

@Suite("The vocabulary of Sim's editor") struct CollaborativeVocabularyTests {
    private static let canvas: JSONValue = {
        var off = block("off").object ?? JSONObject()
        off["enabled"] = false
        var vault = block("vault").object ?? JSONObject()
        vault["locked"] = true
        var value =
            state(
                [
                    "a": block("a"), "b": block("b"), "l": block("l", "loop"), "off": .object(off),
                    "vault": .object(vault),
                ], edges: [edge("ab", "a", "b")]
            ).object ?? JSONObject()
        value["variables"] = ["v": ["id": "v", "name": "n", "type": "string", "value": "x"]]
        return .object(value)
    }()

    @Test(arguments: NamedOperation.all) func `each operation is one event of ours`(_ named: NamedOperation) throws {
        var history = try WorkflowHistory(Self.canvas)
        let operation = try CollaborativeOperation([
            "operation": .string(named.name), "target": .string(named.target), "payload": named.payload,
            "timestamp": 1_700_000_000_000,
        ])
        let command = try #require(try operation.command(over: history.definition))
        let events = try history.apply(command)
        #expect(events.map(\.type.rawValue) == ["workflow.\(named.event)"])
        try history.checkStorage("\(named)")
    }

    @Test func `every target and every operation that is documented is among them`() {
        #expect(Set(NamedOperation.all.map(\.target)) == Set(CollaborativeOperation.Target.allCases.map(\.rawValue)))
        let documented = [
            "update-position", "update-name", "toggle-enabled", "update-parent", "batch-add-blocks",
            "batch-remove-blocks", "batch-add-edges", "batch-remove-edges", "replace-state",
        ]
        #expect(Set(documented).isSubset(of: NamedOperation.all.map(\.name)))
    }

    @Test func `every edit that our events know is among them`() {
        let told = Set(NamedOperation.all.map { "workflow.\($0.event)" })
        let others: Set = [
            "workflow.imported", "workflow.revised", "workflow.original_kept", "workflow.renamed",
            "workflow.published", "workflow.unpublished", "workflow.archived", "workflow.restored",
        ]
        #expect(told.union(others) == Set(WorkflowEventType.allCases.map(\.rawValue)))
    }

    @Test func `a revision names what was added, removed and changed, of every kind`() throws {
        var next = Self.canvas.object ?? JSONObject()
        next["blocks"] = [
            "a": block("a", "agent"), "b": block("b"), "new": block("new"), "l": block("l", "loop"),
            "p": block("p", "parallel"),
        ]
        next["edges"] = [edge("ab", "a", "b", "error"), edge("an", "a", "new")]
        next["variables"] = [
            "v": ["id": "v", "name": "n", "type": "string", "value": "y"],
            "w": ["id": "w", "name": "m", "type": "number", "value": 1],
        ]
        var history = try WorkflowHistory(Self.canvas)
        try history.apply(try read(.object(next)).command)
        var later = next
        later["edges"] = []
        later["variables"] = [:]
        try history.apply(try read(.object(later)).command)
        let revisions = history.events.compactMap { event -> WorkflowDifference? in
            if case .revised(let revised) = event { revised.changes } else { nil }
        }
        try #require(revisions.count == 2)
        #expect(revisions[0].blocks == .init(added: ["new", "p"], removed: ["off", "vault"], changed: ["a"]))
        #expect(revisions[0].edges == .init(added: ["an"], changed: ["ab"]))
        #expect(revisions[0].containers == .init(added: ["p"]))
        #expect(revisions[0].variables == .init(added: ["w"], changed: ["v"]))
        #expect(revisions[1].edges == .init(removed: ["ab", "an"]))
        #expect(revisions[1].variables == .init(removed: ["v", "w"]))
    }
}
