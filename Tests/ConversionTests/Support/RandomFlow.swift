import EventModel
import EventSourcingTesting
import WorkflowDomain

/// A workflow made up from a seed, with every construct that workflows have.
struct RandomFlow {
    /// How far it may go.
    enum Manners {
        /// What Sim's editor allows: no cycles, no edges across containers, one start.
        case proper
        /// Whatever an import tolerates: cycles, crossing and dangling edges, several starts or none, strange ids.
        case wild
    }

    private(set) var blocks: [Block] = []
    private(set) var edges: [Edge] = []
    private var parents: [String: String] = [:]
    private var random: SplitMix64
    private let manners: Manners

    static func workflow(seed: UInt64, _ manners: Manners, size: ClosedRange<Int> = 1...14) -> WorkflowDefinition {
        var flow = RandomFlow(seed: seed, manners)
        return flow.make(count: Int.random(in: size, using: &flow.random))
    }

    private init(seed: UInt64, _ manners: Manners) {
        random = SplitMix64(seed: seed)
        self.manners = manners
    }

    private mutating func make(count: Int) -> WorkflowDefinition {
        for index in 0..<count { addBlock(index) }
        for _ in 0..<Int.random(in: count / 2...count * 2, using: &random) { addEdge() }
        if manners == .wild { addWildEdges() }
        var loops: [Container] = []
        var parallels: [Container] = []
        for block in blocks {
            if block.type == "loop" { loops.append(container(block)) }
            if block.type == "parallel" { parallels.append(container(block)) }
        }
        var metadata = JSONObject()
        if random.chance(percent: 80) {
            metadata["name"] = .string(random.pick(["Refund é😀", "", "R", String(repeating: "long ", count: 40)]))
        }
        if random.chance(percent: 50) { metadata["description"] = "What it is for" }
        return WorkflowDefinition(
            blocks: blocks, edges: edges, loops: loops, parallels: parallels, variables: variables(),
            metadata: metadata,
            extra: random.chance(percent: 20) ? JSONObject([.init(key: "lastSaved", value: 1)]) : JSONObject())
    }

    private static let types = [
        "agent", "function", "api", "condition", "condition", "router_v2", "router", "loop", "parallel", "wait",
        "human_in_the_loop", "response", "workflow", "workflow_input", "evaluator", "variables", "note", "slack",
        "learned_last_week",
    ]

    private mutating func addBlock(_ index: Int) {
        let isStart = index == 0 && (manners == .proper || random.chance(percent: 70))
        let type =
            isStart || (manners == .wild && random.chance(percent: 8))
            ? random.pick(["starter", "start_trigger", "schedule", "generic_webhook"]) : random.pick(Self.types)
        let id = manners == .wild ? strangeID(index) : "b\(index)"
        let containers = blocks.filter(\.isContainer).map(\.id.text)
        let parent = !isStart && !containers.isEmpty && random.chance(percent: 50) ? random.pick(containers) : nil
        parents[id] = parent
        var data = JSONObject()
        if let parent {
            data = JSONObject([.init(key: "parentId", value: .string(parent)), .init(key: "extent", value: "parent")])
        }
        if type == "loop" || type == "parallel" { data["count"] = .number(JSONNumber(index)) }
        var extra = JSONObject([.init(key: "height", value: .number(JSONNumber(index * 10)))])
        if random.chance(percent: 10) { extra["locked"] = true }
        blocks.append(
            Block(
                id: ElementID(id), type: type,
                name: random.pick(["Name \(index)", "Same name", "", "Ünïcode 😀 \(index)"]),
                position: random.chance(percent: 90) ? Position(x: JSONNumber(index), y: JSONNumber(2)) : nil,
                subBlocks: inputs(type, id: id), outputs: JSONObject([.init(key: "content", value: "string")]),
                isEnabled: isStart || random.chance(percent: 90), data: data, extra: extra))
    }

    private mutating func strangeID(_ index: Int) -> String {
        let names = ["end", "root", "a.b", "x:y", "é", "e\u{301}", "a-b", "wf.b1", "%3A", " ", "\u{1}1\n"]
        let name = random.pick(names)
        return parents[name] == nil && !blocks.contains { $0.id.text == name } && random.chance(percent: 50)
            ? name : "b\(index)"
    }

    private mutating func inputs(_ type: String, id: String) -> [SubBlock] {
        switch type {
        case "agent":
            let message: JSONValue = ["role": "system", "content": "Help them"]
            return random.pick([
                [SubBlock(id: "systemPrompt", type: "long-input", value: "Do what is asked")],
                [SubBlock(id: "messages", type: "messages-input", value: [message])],
                [SubBlock(id: "messages", type: nil, value: .string(#"[{"role":"user","content":"Hello"}]"#))], [],
            ])
        case "condition", "router_v2":
            let rows = ["if", "else-if", "else"].prefix(Int.random(in: 0...3, using: &random)).map { row -> JSONValue in
                [
                    "id": .string("\(id)-\(row)"), "title": .string(row),
                    "value": .string(row == "else" ? "" : "<x> > \(row)"),
                ]
            }
            let name = type == "condition" ? "conditions" : "routes"
            let list = JSONValue.array(Array(rows))
            return [
                SubBlock(
                    id: ElementID(name), type: nil, value: .string(String(decoding: list.compactBytes(), as: UTF8.self))
                )
            ]
        case "human_in_the_loop": return [SubBlock(id: "display", type: nil, value: random.pick(["Approve?", ""]))]
        case "wait":
            return [SubBlock(id: "amount", type: nil, value: 5), SubBlock(id: "unit", type: nil, value: "seconds")]
        default:
            return random.chance(percent: 50)
                ? [SubBlock(id: "input", type: "code", value: ["b": [1, "2"], "a": .null])] : []
        }
    }

    private mutating func addEdge() {
        guard blocks.count > 1 else { return }
        let from = Int.random(in: 0..<blocks.count, using: &random)
        let to = Int.random(in: 0..<blocks.count, using: &random)
        let (source, target) = manners == .proper && from > to ? (blocks[to], blocks[from]) : (blocks[from], blocks[to])
        guard source.id != target.id, manners == .wild || (!source.isNote && !target.isNote) else { return }
        guard manners == .wild || target.id != blocks[0].id else { return }
        let isChild = parents[target.id.text] == source.id.text
        let isSibling = parents[target.id.text] == parents[source.id.text]
        guard manners == .wild || isChild || isSibling else { return }
        let handle = handle(of: source, to: target, isChild: isChild)
        guard manners == .wild || !edges.contains(where: { $0.source == source.id && $0.target == target.id }) else {
            return
        }
        add(source.id, target.id, handle)
    }

    private mutating func handle(of source: Block, to target: Block, isChild: Bool) -> String? {
        if source.isContainer { return isChild ? "\(source.type)-start-source" : "\(source.type)-end-source" }
        let rows = source.branches.map(\.sourceHandle)
        if !rows.isEmpty { return random.pick(rows) }
        if source.type == "router" { return random.pick(["router-" + target.id.text, "source"]) }
        return random.pick(["source", "source", nil, "error"])
    }

    private mutating func addWildEdges() {
        let ids = blocks.map(\.id) + ["gone", "nowhere"]
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            add(
                random.pick(ids), random.pick(ids),
                random.pick([nil, "source", "b", "condition-x-else", "loop-start-source", "error"]))
        }
    }

    private mutating func add(_ source: ElementID, _ target: ElementID, _ handle: String?) {
        let id = ElementID("e\(edges.count)")
        let extra =
            random.chance(percent: 10) ? JSONObject([.init(key: "data", value: ["label": "seen"])]) : JSONObject()
        edges.append(
            Edge(
                id: id, source: source, target: target, sourceHandle: handle,
                targetHandle: random.chance(percent: 50) ? "target" : nil, extra: extra))
    }

    private mutating func container(_ block: Block) -> Container {
        var nodes = blocks.filter { $0.parentID == block.id }.map(\.id)
        if manners == .wild && random.chance(percent: 10) { nodes.append("gone") }
        return Container(id: block.id, nodes: nodes, settings: JSONObject([.init(key: "enabled", value: true)]))
    }

    private mutating func variables() -> [Variable] {
        (0..<Int.random(in: 0...2, using: &random)).map { index in
            Variable(id: ElementID("v\(index)"), name: random.pick(["count", "name", ""]), type: "plain", value: .null)
        }
    }
}
