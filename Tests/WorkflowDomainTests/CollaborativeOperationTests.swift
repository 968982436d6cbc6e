import EventModel
import Testing
import WorkflowDomain

@Suite("Sim's collaborative operations") struct CollaborativeOperationTests {
    private let definition: WorkflowDefinition

    init() throws {
        var off = block("b").object ?? JSONObject()
        off["enabled"] = false
        off["data"] = ["canonicalModes": ["m": "basic"]]
        var value =
            state(
                ["a": block("a"), "b": .object(off), "l": block("l", "loop")], edges: [edge("ab", "a", "b")]
            ).object ?? JSONObject()
        value["variables"] = ["v": ["id": "v", "name": "n", "type": "string", "value": "x"]]
        value["metadata"] = ["name": "W"]
        definition = try read(.object(value)).definition
    }

    private func operation(_ target: String, _ operation: String, _ payload: JSONValue) throws -> CollaborativeOperation
    {
        try CollaborativeOperation([
            "operation": .string(operation), "target": .string(target), "payload": payload,
            "timestamp": 1_700_000_000_000,
            "operationId": "op-1",
        ])
    }

    private func command(_ target: String, _ name: String, _ payload: JSONValue) throws -> WorkflowDecider.Command? {
        try operation(target, name, payload).command(over: definition)
    }

    private let place = Position(x: JSONNumber(3), y: JSONNumber(4))

    @Test func `what an operation says of itself is kept`() throws {
        let read = try operation("block", "update-name", ["id": "a", "name": "N"])
        #expect(read.target == .block && read.operation == "update-name" && read.operationID == "op-1")
        #expect(read.timestamp == 1_700_000_000_000)
        #expect(try CollaborativeOperation(read.value) == read)
    }

    @Test func `operations on one block`() throws {
        #expect(try command("block", "update-name", ["id": "a", "name": "N"]) == .edit(.renameBlock("a", name: "N")))
        let position: JSONValue = ["x": 3, "y": 4]
        #expect(
            try command("block", "update-position", ["id": "a", "position": position, "commit": true])
                == .edit(.moveBlocks([BlockPlace("a", at: place)])))
        #expect(try command("block", "update-position", ["id": "a", "position": position]) == nil)
        #expect(try command("block", "toggle-enabled", ["id": "a"]) == .edit(.enableBlocks(["a"], false)))
        #expect(try command("block", "toggle-enabled", ["id": "b"]) == .edit(.enableBlocks(["b"], true)))
        #expect(
            try command("block", "update-parent", ["id": "a", "parentId": "l", "extent": "parent"])
                == .edit(.reparentBlocks([BlockReparenting("a", into: "l")])))
        #expect(
            try command("block", "update-parent", ["id": "a", "parentId": .null])
                == .edit(.reparentBlocks([BlockReparenting("a", into: nil)])))
        for (name, field) in [
            ("update-advanced-mode", "advancedMode"), ("update-error-enabled", "errorEnabled"),
            ("toggle-handles", "horizontalHandles"), ("update-trigger-mode", "triggerMode"),
        ] {
            let fields = JSONObject([.init(key: field, value: true)])
            #expect(
                try command("block", name, .object(JSONObject([.init(key: "id", value: "a")] + fields.members)))
                    == .edit(.configureBlocks([BlockConfiguration("a", fields: fields)])))
        }
        let retry: JSONValue = ["enabled": true, "maxTries": 3, "waitBetweenTriesMs": 100]
        #expect(
            try command("block", "update-retry", ["id": "a", "retry": retry])
                == .edit(
                    .configureBlocks([BlockConfiguration("a", fields: JSONObject([.init(key: "retry", value: retry)]))])
                ))
    }

    @Test func `modes are set one by one, all at once, or together with an input`() throws {
        func modes(_ value: JSONValue) -> JSONObject? { value.object }
        #expect(
            try command("block", "update-canonical-mode", ["id": "b", "canonicalId": "n", "canonicalMode": "advanced"])
                == .edit(
                    .configureBlocks([BlockConfiguration("b", canonicalModes: modes(["m": "basic", "n": "advanced"]))]))
        )
        #expect(
            try command("block", "replace-canonical-modes", ["id": "b", "data": ["canonicalModes": ["x": "basic"]]])
                == .edit(.configureBlocks([BlockConfiguration("b", canonicalModes: modes(["x": "basic"]))])))
        let together = SubBlockChange("b", "tools", value: [1], canonicalModes: modes(["x": "basic"]))
        let subBlocks: JSONValue = ["tools": ["id": "tools", "type": "tool-input", "value": [1]]]
        #expect(
            try command(
                "block", "replace-canonical-modes",
                ["id": "b", "subBlocks": subBlocks, "data": ["canonicalModes": ["x": "basic"]]])
                == .edit(.setSubBlocks([SubBlockEdit(together)])))
        #expect(
            try command(
                "subblock", "subblock-update-with-canonical-modes",
                ["blockId": "b", "subblockId": "tools", "value": [1], "canonicalModes": ["x": "basic"]])
                == .edit(.setSubBlocks([SubBlockEdit(together)])))
    }

    @Test func `operations on several blocks`() throws {
        let position: JSONValue = ["x": 3, "y": 4]
        #expect(
            try command("blocks", "batch-update-positions", ["updates": [["id": "a", "position": position]]])
                == .edit(.moveBlocks([BlockPlace("a", at: place)])))
        #expect(try command("blocks", "batch-update-positions", ["updates": []]) == nil)
        #expect(
            try command("blocks", "batch-remove-blocks", ["ids": ["a", "b"]]) == .edit(.removeBlocks(["a", "b"])))
        #expect(
            try command("blocks", "batch-toggle-enabled", ["blockIds": ["b", "a"], "previousStates": ["b": true]])
                == .edit(.enableBlocks(["b", "a"], false)))
        #expect(
            try command("blocks", "batch-toggle-enabled", ["blockIds": ["b", "a"], "previousStates": [:]])
                == .edit(.enableBlocks(["b", "a"], true)))
        #expect(
            try command("blocks", "batch-toggle-locked", ["blockIds": ["a"], "previousStates": ["a": false]])
                == .edit(.lockBlocks(["a"], true)))
        let vertical = JSONObject([.init(key: "horizontalHandles", value: false)])
        #expect(
            try command("blocks", "batch-toggle-handles", ["blockIds": ["a"], "previousStates": ["a": true]])
                == .edit(.configureBlocks([BlockConfiguration("a", fields: vertical)])))
        #expect(
            try command(
                "blocks", "batch-update-parent",
                [
                    "updates": [
                        ["id": "a", "parentId": "l", "position": position],
                        ["id": "b", "parentId": "", "position": position],
                    ]
                ])
                == .edit(
                    .reparentBlocks([
                        BlockReparenting("a", into: "l", at: place), BlockReparenting("b", into: nil, at: place),
                    ])))
    }

    @Test func `several blocks follow the first that is not locked, as Sim lets them`() throws {
        var vault = block("a").object ?? JSONObject()
        vault["locked"] = true
        var off = block("b").object ?? JSONObject()
        off["enabled"] = false
        let locked = try read(state(["a": .object(vault), "b": .object(off)])).definition
        let toggle = try operation("blocks", "batch-toggle-enabled", ["blockIds": ["a", "b"], "previousStates": [:]])
        #expect(try toggle.command(over: locked) == .edit(.enableBlocks(["a", "b"], true)))
        let unlock = try operation("blocks", "batch-toggle-locked", ["blockIds": ["a", "b"], "previousStates": [:]])
        #expect(try unlock.command(over: locked) == .edit(.lockBlocks(["a", "b"], false)))
    }

    @Test func `added blocks bring edges, containers and the values that the editor sends beside them`() throws {
        var added = block("n").object ?? JSONObject()
        added["subBlocks"] = ["p": ["id": "p", "type": "code", "value": .null]]
        let edges: JSONValue = [["id": "e", "source": "a", "target": "n", "sourceHandle": .null, "type": "default"]]
        let loops: JSONValue = ["n2": ["id": "n2", "nodes": [], "iterations": 2]]
        let payload: JSONValue = [
            "blocks": [.object(added), block("n2", "loop")], "edges": edges, "loops": loops, "parallels": [:],
            "subBlockValues": ["n": ["p": "typed", "q": 1]],
        ]
        guard case .edit(.addBlocks(let part))? = try command("blocks", "batch-add-blocks", payload) else {
            Issue.record("nothing added")
            return
        }
        #expect(part.blocks.map(\.id) == ["n", "n2"] && part.edges == [Edge(id: "e", source: "a", target: "n")])
        #expect(part.blocks[0].value("p") == "typed" && part.blocks[0].value("q") == 1)
        #expect(part.blocks[0].subBlocks.map(\.type) == ["code", "short-input"])
        #expect(part.loops.map(\.times) == [2])
        let events = try WorkflowDecider.decide(.edit(.addBlocks(part)), imported)
        #expect(events.map(\.eventType) == [.blockAdded])
    }

    private var imported: WorkflowDecider.State {
        let content = WorkflowContent(
            definition: definition, format: .state, digest: definition.digest, source: "f")
        return WorkflowDecider.fold(.notImported, [.imported(WorkflowImported(content: content))])
    }

    @Test func `operations on edges, inputs, loops and variables`() throws {
        let new = Edge(id: "n", source: "a", target: "l", sourceHandle: "source", targetHandle: "target")
        let row: JSONValue = [
            "id": "n", "source": "a", "target": "l", "sourceHandle": "source", "targetHandle": "target",
        ]
        #expect(try command("edge", "add", row) == .edit(.addEdges([new])))
        #expect(try command("edge", "remove", ["id": "n"]) == .edit(.removeEdges(["n"])))
        #expect(try command("edges", "batch-add-edges", ["edges": [row]]) == .edit(.addEdges([new])))
        #expect(try command("edges", "batch-remove-edges", ["ids": ["n"]]) == .edit(.removeEdges(["n"])))
        let change = SubBlockChange("a", "p", value: ["k": 1])
        #expect(
            try command("subblock", "subblock-update", ["blockId": "a", "subblockId": "p", "value": ["k": 1]])
                == .edit(.setSubBlocks([SubBlockEdit(change)])))
        #expect(
            try command(
                "subblock", "subblock-batch-update",
                ["updates": [["blockId": "a", "subblockId": "p", "value": ["k": 1], "expectedValue": "old"]]])
                == .edit(.setSubBlocks([SubBlockEdit(change, expecting: "old")])))
        #expect(
            try command("subflow", "update", ["id": "l", "type": "loop", "config": ["iterations": 7]])
                == .edit(.configureSubflow("l", settings: JSONObject([.init(key: "iterations", value: 7)]))))
        #expect(
            try command(
                "variable", "add", ["id": "w", "name": "n2", "type": "number", "value": 1, "workflowId": "wf"])
                == .edit(
                    .setVariable(
                        Variable(
                            id: "w", name: "n2", type: "number", value: 1,
                            extra: JSONObject([.init(key: "workflowId", value: "wf")])))))
        #expect(try command("variable", "remove", ["variableId": "v"]) == .edit(.removeVariable("v")))
        #expect(
            try command("variable", "variable-update", ["variableId": "v", "field": "value", "value": 2])
                == .edit(.changeVariable("v", field: "value", value: 2)))
    }

    @Test func `a replaced state keeps the name and the variables that it does not speak of`() throws {
        guard
            case .replaceState(let wanted)? = try command(
                "workflow", "replace-state", ["state": state(["z": block("z")])])
        else {
            Issue.record("nothing replaced")
            return
        }
        #expect(wanted.blocks.map(\.id) == ["z"] && wanted.name == "W" && wanted.variables == definition.variables)
    }

    @Test func `what is not known is refused and kept`() throws {
        for (target, name) in [
            ("block", "explode"), ("blocks", "explode"), ("edge", "update"), ("edges", "x"), ("subblock", "x"),
            ("subflow", "add"), ("variable", "x"), ("workflow", "x"),
        ] {
            let operation = try operation(target, name, ["id": "a"])
            #expect(throws: CollaborativeFlaw(.unknown(target: target, operation: name), operation.value)) {
                try operation.command(over: definition)
            }
        }
        let foreign: JSONValue = ["operation": "x", "target": "galaxy", "payload": [:]]
        #expect(throws: CollaborativeFlaw(.unknown(target: "galaxy", operation: "x"), foreign)) {
            try CollaborativeOperation(foreign)
        }
    }

    @Test(
        arguments: [
            ("block", "update-name", ["id": "a"], CollaborativeFlaw.Reason.missing(JSONPath.root["payload"]["name"])),
            ("block", "update-name", ["name": "a"], .missing(JSONPath.root["payload"]["id"])),
            (
                "block", "toggle-handles", ["id": "a", "horizontalHandles": 1],
                .wrongType(JSONPath.root["payload"]["horizontalHandles"], wanted: "true or false", found: "number")
            ),
            (
                "blocks", "batch-remove-blocks", ["ids": [1]],
                .wrongType(JSONPath.root["payload"]["ids"], wanted: "a list of strings", found: "array")
            ),
            (
                "blocks", "batch-update-positions", ["updates": [["id": "a", "position": ["x": 1]]]],
                .wrongType(
                    JSONPath.root["payload"]["updates"][0]["position"], wanted: "{\"x\": number, \"y\": number}",
                    found: "object")
            ),
            (
                "blocks", "batch-update-parent", ["updates": [7]],
                .wrongType(JSONPath.root["payload"]["updates"][0], wanted: "an object", found: "number")
            ),
            (
                "edge", "add", ["id": "e", "source": "a"],
                .elements([WorkflowProblem(.missing(field: "target"), at: JSONPath.root["payload"])])
            ),
            (
                "blocks", "batch-add-blocks", ["blocks": [["id": "n", "name": "N"]]],
                .elements([WorkflowProblem(.missing(field: "type"), at: JSONPath.root["payload"]["blocks"][0])])
            ),
            (
                "workflow", "replace-state", ["state": ["blocks": [:]]],
                .elements([WorkflowProblem(.missing(field: "edges"), at: .root)])
            ),
        ] as [(String, String, JSONValue, CollaborativeFlaw.Reason)])
    func `a payload that is not as it should be is refused with the place`(
        _ target: String, _ name: String, _ payload: JSONValue, _ reason: CollaborativeFlaw.Reason
    ) throws {
        let operation = try operation(target, name, payload)
        let flaw = CollaborativeFlaw(reason, operation.value)
        #expect(throws: flaw) { try operation.command(over: definition) }
        #expect(!flaw.description.isEmpty)
    }

    @Test(
        arguments: [
            7, ["operation": 1], ["operation": "x", "target": "block"],
            ["operation": "x", "target": "block", "payload": 1],
        ] as [JSONValue])
    func `what is no operation is refused and kept`(_ value: JSONValue) {
        #expect {
            try CollaborativeOperation(value)
        } throws: { error in
            (error as? CollaborativeFlaw)?.operation == value
        }
    }
}
