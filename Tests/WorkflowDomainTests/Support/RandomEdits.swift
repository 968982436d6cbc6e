import EventModel
import EventSourcingTesting
import WorkflowDomain

/// Edits made up from a seed, over whatever a definition is at the moment: most are allowed, some are not.
struct RandomEdits {
    private var random: SplitMix64
    private var counter = 0

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func next(over definition: WorkflowDefinition) -> WorkflowEdit {
        counter += 1
        let ids = definition.blocks.map(\.id)
        switch Int.random(in: 0..<15, using: &random) {
        case 0: return .addBlocks(part(among: ids))
        case 1: return .removeBlocks([any(ids)])
        case 2: return .moveBlocks([BlockPlace(any(ids), at: position()), BlockPlace(any(ids), at: position())])
        case 3: return .renameBlock(any(ids), name: "Name \(Int.random(in: 0..<5, using: &random))")
        case 4: return .enableBlocks([any(ids), any(ids)], .random(using: &random))
        case 5: return .lockBlocks([any(ids)], Int.random(in: 0..<4, using: &random) == 0)
        case 6: return .reparentBlocks([reparenting(ids, definition)])
        case 7:
            let value: JSONValue = Bool.random(using: &random) ? true : .null
            return .configureBlocks([
                BlockConfiguration(any(ids), fields: JSONObject([.init(key: "advancedMode", value: value)]))
            ])
        case 8, 9:
            return .setSubBlocks([
                SubBlockEdit(SubBlockChange(any(ids), any(["input0", "input1", "neu"]), value: value()))
            ])
        case 10, 11: return .addEdges([edge(ids)])
        case 12: return .removeEdges([any(definition.edges.map(\.id))])
        case 13:
            let containers = (definition.loops + definition.parallels).map(\.id)
            let word = definition.loops.contains { $0.id == containers.first } ? "iterations" : "count"
            return .configureSubflow(
                any(Array(containers.prefix(1))), settings: JSONObject([.init(key: word, value: value())]))
        default: return variable(definition)
        }
    }

    /// One of them, or now and then one that is not there.
    private mutating func any(_ ids: [ElementID]) -> ElementID {
        Int.random(in: 0..<20, using: &random) == 0 ? "nowhere" : ids.randomElement(using: &random) ?? "nowhere"
    }

    private mutating func position() -> Position {
        Position(x: JSONNumber(Int.random(in: 0..<4, using: &random)), y: JSONNumber(7))
    }

    private mutating func value() -> JSONValue {
        [.null, 1, "text", ["a": [1, 2]], true].randomElement(using: &random) ?? .null
    }

    private mutating func part(among ids: [ElementID]) -> WorkflowPart {
        let type = ["agent", "loop", "parallel", "note"].randomElement(using: &random) ?? "agent"
        var data = JSONObject()
        if Bool.random(using: &random) { data["parentId"] = .string(any(ids).text) }
        if type == "loop" || type == "parallel" { data["count"] = 3 }
        let block = Block(
            id: ElementID("new\(counter)"), type: type, name: "New \(counter)", position: position(),
            subBlocks: [SubBlock(id: "input0", type: "code", value: value())], data: data)
        let edge = Edge(id: ElementID("to-new\(counter)"), source: any(ids), target: block.id, sourceHandle: "source")
        return WorkflowPart(blocks: [block], edges: Bool.random(using: &random) ? [edge] : [])
    }

    private mutating func edge(_ ids: [ElementID]) -> Edge {
        let handles: [String?] = ["source", "error", nil, "loop-start-source"]
        return Edge(
            id: ElementID("edge\(Int.random(in: 0..<40, using: &random))"), source: any(ids), target: any(ids),
            sourceHandle: handles.randomElement(using: &random) ?? nil, targetHandle: "target")
    }

    private mutating func reparenting(_ ids: [ElementID], _ definition: WorkflowDefinition) -> BlockReparenting {
        let containers = definition.blocks.filter(\.isContainer).map(\.id)
        let parent: ElementID? = Int.random(in: 0..<3, using: &random) == 0 ? nil : any(containers)
        return BlockReparenting(any(ids), into: parent, at: Bool.random(using: &random) ? position() : nil)
    }

    private mutating func variable(_ definition: WorkflowDefinition) -> WorkflowEdit {
        let ids = definition.variables.map(\.id)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return .setVariable(Variable(id: any(ids + ["v9"]), name: "n", type: "plain", value: value()))
        case 1: return .changeVariable(any(ids), field: "value", value: value())
        default: return .removeVariable(any(ids))
        }
    }
}
