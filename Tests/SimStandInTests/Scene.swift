import EventModel
import EventSourcingTesting
import WorkflowDomain

@testable import SimStandIn

/// A stand-in whose clock is moved by hand, and all that it has told.
struct Scene {
    var core: StandIn
    var now = Timestamp(microseconds: 1_770_000_000_000_000)
    var events: [JSONValue] = []

    init(_ workflows: [WorkflowGraph], _ settings: StandIn.Settings = StandIn.Settings()) {
        core = StandIn(workflows, settings)
    }

    @discardableResult
    mutating func tell(_ input: StandIn.Input, after wait: Duration = .zero) -> Answer {
        now = now.advanced(by: wait)
        let (answer, told) = core.receive(input, at: now)
        events += told
        return answer
    }

    @discardableResult
    mutating func start(_ workflow: String = "w", as run: String = "r") -> Answer {
        tell(.execute(workflow: workflow, input: ["amount": 3], run: run, isQueued: true))
    }

    /// The types of the events, with the block where there is one.
    var story: [String] {
        events.map { event in
            guard let type = event["type"]?.string else {
                return "pause \(event["pausePoints"]?[0]?["resumeStatus"]?.string ?? "")"
            }
            return type + (event["data"]?["blockId"]?.string.map { " \($0)" } ?? "")
        }
    }

    /// The blocks that have ended well, in order.
    var completed: [String] {
        story.filter { $0.hasPrefix("block:completed") }.map { String($0.dropFirst("block:completed ".count)) }
    }
}

/// A workflow from a few words: blocks as `id:type` or `id:type:parent`, edges as `from>to` or `from>to:handle`.
func graph(_ blocks: [String], _ edges: [String], id: String = "w", data: [String: JSONObject] = [:]) -> WorkflowGraph {
    WorkflowGraph(id: id, definition(blocks, edges, data: data))
}

func definition(_ blocks: [String], _ edges: [String], data: [String: JSONObject] = [:]) -> WorkflowDefinition {
    let made = blocks.map { text -> Block in
        let parts = text.split(separator: ":").map(String.init)
        var content = data[parts[0]] ?? JSONObject()
        if parts.count > 2 { content["parentId"] = .string(parts[2]) }
        return Block(id: ElementID(parts[0]), type: parts[1], name: parts[0].uppercased(), data: content)
    }
    let containers = made.filter(\.isContainer).map { block in
        Container(
            id: block.id, nodes: made.filter { $0.parentID == block.id }.map(\.id),
            settings: (data[block.id.text] ?? JSONObject()))
    }
    return WorkflowDefinition(
        blocks: made,
        edges: edges.enumerated().map { at, text in
            let sides = text.split(separator: ":", maxSplits: 1).map(String.init)
            let ends = sides[0].split(separator: ">").map(String.init)
            return Edge(
                id: ElementID("e\(at)"), source: ElementID(ends[0]), target: ElementID(ends[1]),
                sourceHandle: sides.count > 1 ? sides[1] : nil)
        }, loops: containers.filter { container in made.contains { $0.id == container.id && $0.type == "loop" } },
        parallels: containers.filter { container in made.contains { $0.id == container.id && $0.type == "parallel" } })
}
