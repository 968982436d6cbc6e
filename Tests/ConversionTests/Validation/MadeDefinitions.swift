import EventModel
import EventSourcingTesting
import JourneyDomain
import WorkflowDomain

/// Workflows as the editor would let people draw them: grown from the start, block by block.
struct WellFormedWorkflow {
    private var random: SplitMix64
    private var blocks: [Block] = []
    private var edges: [Edge] = []
    private var containers: [(kind: String, id: ElementID)] = []

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func workflow() -> WorkflowDefinition {
        grow(from: "start", "source", inside: nil, depth: 0, length: Int.random(in: 1...12, using: &random))
        func members(_ id: ElementID) -> [ElementID] { blocks.filter { $0.parentID == id }.map(\.id) }
        func made(_ kind: String) -> [Container] {
            containers.filter { $0.kind == kind }.map {
                Container(id: $0.id, nodes: members($0.id), settings: JSONObject())
            }
        }
        return Judged.workflow(
            blocks, edges, loops: made("loop"), parallels: made("parallel"),
            variables: [Variable(id: "v", name: "tier", type: "string", value: "gold")])
    }

    /// Adds up to `length` blocks behind a port, each behind the one before.
    private mutating func grow(
        from source: ElementID, _ port: String, inside parent: ElementID?, depth: Int, length: Int
    ) {
        var (last, port) = (source, port)
        for _ in 0..<length {
            let id = ElementID("b\(blocks.count)")
            edges.append(Judged.edge(last, id, port))
            port = add(id, inside: parent, depth: depth)
            last = id
        }
    }

    /// Adds a block and whatever hangs on it, and answers the port by which the way goes on.
    private mutating func add(_ id: ElementID, inside parent: ElementID?, depth: Int) -> String {
        let text = JSONValue.string("tell <start.input> and <variable.tier>\(parent == nil ? "" : " and more")")
        func block(_ type: String, _ inputs: [String: JSONValue]) -> Block {
            Judged.block(id, type, name: "Step \(id.text)", parent: parent?.text, inputs: inputs)
        }
        switch depth < 3 ? Int.random(in: 0...5, using: &random) : 0 {
        case 1:
            let rows = Judged.rows([("\(id.text)-if", "if"), ("\(id.text)-else", "else")])
            blocks.append(block("condition", ["conditions": rows]))
            grow(from: id, "condition-\(id.text)-if", inside: parent, depth: depth + 1, length: 2)
            return "condition-\(id.text)-else"
        case 2:
            blocks.append(block("router_v2", ["routes": Judged.rows([("x", "X"), ("y", "Y")])]))
            grow(from: id, "router-x", inside: parent, depth: depth + 1, length: 2)
            return "router-y"
        case 3, 4:
            let kind = ["loop", "parallel"][Int.random(in: 0...1, using: &random)]
            blocks.append(block(kind, [:]))
            containers.append((kind, id))
            grow(
                from: id, "\(kind)-start-source", inside: id, depth: depth + 1,
                length: Int.random(in: 1...3, using: &random))
            return "\(kind)-end-source"
        case 5:
            blocks.append(block("api", ["url": text]))
            grow(from: id, "error", inside: parent, depth: depth + 1, length: 1)
            return "source"
        default:
            blocks.append(block("agent", ["messages": [["content": text]]]))
            return "source"
        }
    }
}

/// Definitions in which anything may refer to anything, by ids that repeat, are empty or missing.
struct HostileDefinitions {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    private mutating func id() -> ElementID {
        random.pick(["a", "b", "c", "d", "e", "", "end", "root", "r", "é", "loop-a-sentinel-end"])
    }

    private mutating func text() -> String {
        random.pick([
            "", "<a.b>", "<<", "<loop.index>", "<variable.>", "<.x>", "[{\"id\":\"x\",\"title\":\"if\"}]", "[{",
            "\u{0}<\u{202e}.é>",
        ])
    }

    mutating func workflow() -> WorkflowDefinition {
        let types = [
            "starter", "function", "condition", "router", "router_v2", "loop", "parallel", "note", "schedule", "",
            "Bad Type", "new_one",
        ]
        let blocks = (0..<Int.random(in: 0...10, using: &random)).map { _ in
            Judged.block(
                id(), random.pick(types), name: random.pick(["", "A", "a", "Loop", "Start"]),
                parent: random.pick([nil, "a", "b", "gone", ""]),
                inputs: ["conditions": .string(text()), "routes": .string(text()), "code": [.string(text()), 7]],
                isEnabled: random.pick([true, false]),
                data: JSONObject([.init(key: "collection", value: .string(text()))]))
        }
        let handles: [String?] = [
            nil, "source", "error", "condition-x", "router-", "loop-start-source", "parallel-end-source", "", "odd",
        ]
        let edges = (0..<Int.random(in: 0...14, using: &random)).map { _ in
            Judged.edge(id(), id(), random.pick(handles), id: id())
        }
        func containers() -> [Container] {
            (0..<Int.random(in: 0...2, using: &random)).map { _ in
                Container(
                    id: id(), nodes: [id(), id()],
                    settings: JSONObject([
                        .init(key: "iterations", value: random.pick([JSONValue]([0, -1, 5_000, .string(text())])))
                    ]))
            }
        }
        return WorkflowDefinition(
            blocks: blocks, edges: edges, loops: containers(), parallels: containers(),
            variables: [Variable(id: id(), name: text(), type: nil, value: .null)])
    }

    mutating func journey() -> JourneyDefinition {
        let states = (0..<Int.random(in: 0...8, using: &random)).map { _ in
            JourneyState(
                id: id(), kind: random.pick([nil, .chat, .tool, .fork]), action: random.pick([nil, text()]),
                tools: random.pick([[], ["x"], [":"], ["s:t"]]),
                metadata: JSONObject([.init(key: "lockstep", value: random.pick([JSONValue]([7, ["id": "x"], [:]])))]))
        }
        let transitions = (0..<Int.random(in: 0...12, using: &random)).map { _ in
            JourneyTransition(id: id(), source: id(), target: id(), condition: random.pick([nil, "", "x"]))
        }
        return JourneyDefinition(
            title: text(), conditions: random.pick([[], ["", "x", "x"]]), root: id(), states: states,
            transitions: transitions,
            extra: JSONObject([.init(key: "condition_ids", value: random.pick([JSONValue]([7, ["x"], .null])))]))
    }
}
