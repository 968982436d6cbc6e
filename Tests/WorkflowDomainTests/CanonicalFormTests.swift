import EventModel
import EventSourcingTesting
import Testing
import WorkflowDomain

@Suite("The canonical form") struct CanonicalFormTests {
    @Test(arguments: 1...150 as ClosedRange<UInt64>)
    func `is the same whichever format a workflow comes in`(_ seed: UInt64) throws {
        let workflow = RandomWorkflow(seed: seed)
        let expected = try read(workflow.state)
        #expect(expected.format == .state)
        for (value, format) in [
            (workflow.export, WorkflowFormat.export), (workflow.apiV2, .apiV2),
            (["state": workflow.state], .wrappedState),
            (workflow.serialized, .serialized), (workflow.connectionsForm, .yaml),
        ] {
            let reading = try read(value)
            #expect(reading.format == format, "seed \(seed)")
            #expect(reading.digest == expected.digest, "seed \(seed), \(format)")
            #expect(reading.definition.blocks == expected.definition.blocks, "seed \(seed), \(format)")
            #expect(reading.definition.edges == expected.definition.edges, "seed \(seed), \(format)")
        }
    }

    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `reads back as the same value and the same bytes`(_ seed: UInt64) throws {
        let definition = try read(RandomWorkflow(seed: seed).export).definition
        let again = try WorkflowFile.read(definition.canonicalBytes(), name: "again").definition
        #expect(again == definition && again.canonicalBytes() == definition.canonicalBytes(), "seed \(seed)")
        let exported = try WorkflowFile.read(definition.exported(at: "2026-06-01T00:00:00Z"), name: "exported")
        #expect(exported.digest == definition.digest && exported.format == .export, "seed \(seed)")
    }

    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `is written as its value would be`(_ seed: UInt64) throws {
        let definition = try read(RandomWorkflow(seed: seed).export).definition
        #expect(definition.canonicalBytes() == definition.canonicalValue.canonicalBytes(), "seed \(seed)")
        guard case .object(var lasting) = definition.canonicalValue else { return }
        for field in WorkflowDefinition.volatileFields { lasting[field] = nil }
        lasting["metadata"] = .object(definition.metadata.removing(WorkflowDefinition.volatileFields))
        #expect(definition.digest == ContentDigest(of: JSONValue.object(lasting).canonicalBytes()), "seed \(seed)")
    }

    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `does not depend on the order of keys, nor of edges`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let workflow = RandomWorkflow(seed: seed)
        for value in [workflow.state, workflow.export, workflow.serialized, workflow.connectionsForm] {
            let expected = try read(value).definition
            #expect(try read(value.shuffled(using: &random)).definition == expected, "seed \(seed)")
        }
    }

    @Test func `keeps unknown fields everywhere`() throws {
        let file = """
            {"version":"1.0","exportedAt":"t","origin":{"x":1},"state":{"future":[1,{"a":null}],"blocks":{"a":{"id":"a",
            "type":"agent","name":"A","glow":7,"position":{"x":0,"y":0},"subBlocks":{"p":{"id":"p","type":"code",
            "value":1.50,"hint":"h"}},"outputs":{"o":{"type":"any"}},"enabled":false,"data":{"deep":[true]}}},
            "edges":[{"id":"e","source":"a","target":"a2","type":"step","data":{"c":1},"label":"L"}],
            "loops":{"l":{"id":"l","nodes":["b","a"],"iterations":2,"odd":1}},"parallels":{},
            "variables":{"v":{"id":"v","name":"n","type":"number","value":1,"note":"x"}},"metadata":{"name":"N","color":"red"}}}
            """
        let definition = try read(file).definition
        let value = try JSONValue(definition.canonicalBytes())
        #expect(value["future"] == [1, ["a": .null]] && value["origin"] == ["x": 1])
        #expect(value["blocks"]?["a"]?["glow"] == 7 && value["blocks"]?["a"]?["enabled"] == false)
        #expect(value["blocks"]?["a"]?["subBlocks"]?["p"]?["hint"] == "h")
        #expect(value["blocks"]?["a"]?["subBlocks"]?["p"]?["value"]?.number?.lexeme == "1.5")
        #expect(value["blocks"]?["a"]?["data"]?["deep"] == [true])
        #expect(value["edges"]?[0]?["label"] == "L" && value["edges"]?[0]?["type"] == "step")
        #expect(value["loops"]?["l"]?["odd"] == 1 && value["loops"]?["l"]?["nodes"] == ["a", "b"])
        #expect(value["variables"]?["v"]?["note"] == "x" && value["metadata"]?["color"] == "red")
    }

    @Test func `a move is a revision, saving and exporting are not`() throws {
        let here = try read(state(["a": block("a")]))
        var moved = block("a").object ?? JSONObject()
        moved["position"] = ["x": 1, "y": 0]
        #expect(try read(state(["a": .object(moved)])).digest != here.digest)
        var saved = state(["a": block("a")]).object ?? JSONObject()
        saved["lastSaved"] = 1_795_225_989_243
        saved["isDeployed"] = true
        #expect(try read(.object(saved)).digest == here.digest)
        let exported: JSONValue = ["version": "1.0", "exportedAt": "2026", "state": state(["a": block("a")])]
        #expect(try read(exported).digest == here.digest)
    }

    @Test func `says nothing twice: defaults are left out`() throws {
        let plain = try read(state(["a": block("a")], edges: [edge("e", "a", "a")]))
        let wordy: JSONValue = [
            "id": "e", "source": "a", "target": "a", "type": "default", "data": [:], "sourceHandle": .null,
            "targetHandle": .null,
        ]
        #expect(try read(state(["a": block("a")], edges: [wordy])).digest == plain.digest)
    }
}
