import EventModel
import WorkflowDomain

/// The ways out of a workflow's blocks, and what is reached by them: read from the definition, and shared with the conversion in nothing.
struct WorkflowPorts {
    /// A way out of a block.
    private struct Port: Hashable {
        let block: ElementID
        let name: String
    }

    private var targets: [Port: Set<ElementID>] = [:]
    private var successors: [ElementID: Set<ElementID>] = [:]
    private let all: [ElementID]
    private let beginnings: [ElementID]

    init(_ workflow: WorkflowDefinition) {
        all = workflow.blocks.map(\.id)
        let blocks = Dictionary(workflow.blocks.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let top = workflow.blocks.filter { $0.parentID == nil && $0.isEnabled && !$0.isNote }
        let triggers = top.filter(\.isTrigger)
        let entries = Set(workflow.edges.map(\.target))
        beginnings = (triggers.isEmpty ? top.filter { !entries.contains($0.id) } : triggers).map(\.id)
        var entered: Set<ElementID> = []
        for edge in workflow.edges {
            guard let source = blocks[edge.source], let target = blocks[edge.target], source.isEnabled, target.isEnabled
            else { continue }
            entered.insert(target.id)
            for name in Self.names(of: edge, from: source) { add(target.id, to: Port(block: source.id, name: name)) }
        }
        for member in workflow.blocks where member.isEnabled && !entered.contains(member.id) {
            guard let parent = member.parentID, blocks[parent]?.isContainer == true else { continue }
            add(member.id, to: Port(block: parent, name: "start"))
        }
        for member in workflow.blocks {
            guard let parent = member.parentID, blocks[parent] != nil else { continue }
            successors[parent, default: []].insert(member.id)
        }
    }

    /// The blocks that no beginning leads to: they have states, and nobody enters them.
    var unreached: Set<ElementID> { Set(all).subtracting(reached(from: beginnings)) }

    private mutating func add(_ target: ElementID, to port: Port) {
        targets[port, default: []].insert(target)
        successors[port.block, default: []].insert(target)
    }

    /// The ways that an edge may be followed by: without a handle it is followed after a failure as after success.
    private static func names(of edge: Edge, from source: Block) -> [String] {
        let handle = edge.handle
        if source.isContainer { return [handle == .containerStart ? "start" : "end"] }
        if source.type == "router", handle == .success || handle == .always { return ["router-" + edge.target.text] }
        switch handle {
        case .always: return ["success", "failure"]
        case .success: return ["success"]
        case .failure: return ["failure"]
        case .condition, .route, .containerStart, .containerEnd, .other: return [edge.sourceHandle ?? ""]
        }
    }

    /// The blocks, each before whatever it leads to; `nil` when there is a circle.
    var order: [ElementID]? {
        var entering: [ElementID: Int] = [:]
        for target in successors.values.joined() { entering[target, default: 0] += 1 }
        var order: [ElementID] = []
        var open = all.filter { entering[$0] == nil }
        while let next = open.popLast() {
            order.append(next)
            for target in successors[next] ?? [] {
                entering[target, default: 0] -= 1
                if entering[target] == 0 { open.append(target) }
            }
        }
        return order.count == all.count ? order : nil
    }

    /// `blocks` and everything that they lead to.
    func reached(from blocks: some Sequence<ElementID>) -> Set<ElementID> {
        var reached = Set(blocks)
        var open = Array(reached)
        while let next = open.popLast() {
            for target in successors[next] ?? [] where reached.insert(target).inserted { open.append(target) }
        }
        return reached
    }

    /// `block`, and every block that leads to it.
    func reachers(of block: ElementID) -> Set<ElementID> {
        Set(successors.keys.filter { reached(from: [$0]).contains(block) }).union([block])
    }

    /// Where the order of visits may depend on `places`: every fan-out that leads to what one of them leads to, with all that it leads to,
    /// and every fan-out that leads to some of that.
    func beside(_ places: Set<ElementID>) -> Set<ElementID> {
        var fanOuts = targets.filter { $0.value.count > 1 }.map { ($0.key.block, reached(from: $0.value)) }
        var meeting = reached(from: places)
        var beside: Set<ElementID> = []
        while let next = fanOuts.firstIndex(where: { !$0.1.isDisjoint(with: meeting) }) {
            let (block, region) = fanOuts.remove(at: next)
            meeting.formUnion(region)
            beside.formUnion(region.union([block]))
        }
        return beside
    }
}
