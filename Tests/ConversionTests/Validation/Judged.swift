import Conversion
import EventModel
import JourneyDomain
import WorkflowDomain

/// Short spellings of what validation is tested with.
enum Judged {
    static func block(
        _ id: ElementID, _ type: String = "function", name: String? = nil, parent: String? = nil,
        inputs: [String: JSONValue] = [:], isEnabled: Bool = true, data: JSONObject = JSONObject()
    ) -> Block {
        var data = data
        data["parentId"] = parent.map(JSONValue.string)
        return Block(
            id: id, type: type, name: name ?? "Block \(id.text)",
            subBlocks: inputs.map { SubBlock(id: ElementID($0.key), type: nil, value: $0.value) }, isEnabled: isEnabled,
            data: data)
    }

    static func edge(
        _ source: ElementID, _ target: ElementID, _ handle: String? = "source", id: ElementID? = nil
    ) -> Edge {
        Edge(
            id: id ?? ElementID("\(source)>\(target)/\(handle ?? "")"), source: source, target: target,
            sourceHandle: handle)
    }

    /// A workflow of `start` and `blocks`.
    static func workflow(
        _ blocks: [Block], _ edges: [Edge] = [], loops: [Container] = [], parallels: [Container] = [],
        variables: [Variable] = []
    ) -> WorkflowDefinition {
        WorkflowDefinition(
            blocks: [block("start", "start_trigger", name: "Start")] + blocks, edges: edges, loops: loops,
            parallels: parallels, variables: variables)
    }

    /// `start` and `a` behind it, with `text` in an input of `a`.
    static func saying(_ text: JSONValue, input: String = "prompt", variables: [Variable] = []) -> WorkflowDefinition {
        workflow([block("a", "agent", inputs: [input: text])], [edge("start", "a")], variables: variables)
    }

    /// The rows of a condition or a router as the editor keeps them.
    static func rows(_ rows: [(id: String, title: String)]) -> JSONValue {
        let value = JSONValue.array(
            rows.map { ["id": .string($0.id), "title": .string($0.title), "value": .string("x")] })
        return .string(String(decoding: value.compactBytes(), as: UTF8.self))
    }

    /// A condition `c` behind `start`, and behind it `a` and `b`.
    static func condition(_ rows: JSONValue, _ edges: [Edge]) -> WorkflowDefinition {
        workflow(
            [block("c", "condition", inputs: ["conditions": rows]), block("a"), block("b")],
            [edge("start", "c")] + edges)
    }

    /// A loop `l` behind `start` with `members` in it.
    static func loop(
        _ members: [Block], _ edges: [Edge], nodes: [ElementID]? = nil, settings: JSONObject = JSONObject()
    ) -> WorkflowDefinition {
        workflow(
            [block("l", "loop")] + members, [edge("start", "l")] + edges,
            loops: [Container(id: "l", nodes: nodes ?? members.map(\.id), settings: settings)])
    }

    static func state(_ id: ElementID, _ kind: JourneyState.Kind? = .chat, action: String? = "Say something")
        -> JourneyState
    {
        JourneyState(id: id, kind: kind, action: action)
    }

    static func way(
        _ source: ElementID, _ target: ElementID, _ condition: String? = nil, id: ElementID? = nil
    ) -> JourneyTransition {
        JourneyTransition(
            id: id ?? ElementID("\(source)>\(target)/\(condition ?? "")"), source: source, target: target,
            condition: condition)
    }

    /// A journey of a root `r` and `states`.
    static func journey(
        _ states: [JourneyState], _ ways: [JourneyTransition], title: String = "Refund",
        conditions: [String] = ["the customer wants a refund"], root: JourneyState = state("r", nil, action: nil),
        extra: JSONObject = JSONObject()
    ) -> JourneyDefinition {
        JourneyDefinition(
            title: title, conditions: conditions, root: "r", states: [root] + states, transitions: ways, extra: extra)
    }

    /// A journey that is as it should be: `r`, then `a`, then the end.
    static let sound = journey([state("a")], [way("r", "a"), way("a", "end")])
}
