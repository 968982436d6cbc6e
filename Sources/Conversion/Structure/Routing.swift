import EventModel
import WorkflowDomain

/// Where a conversation goes when it leaves a block: the target of the edge, or whatever the order of visits puts in between.
struct Routing {
    /// Where a way leads.
    enum Destination: Hashable {
        /// To a block.
        case block(Int)
        /// To the question whether an element of a group is due.
        case elementGate(Int)
        /// To the question whether the exit of a group, by its port, is due.
        case exitGate(Int)
        /// To the end of the journey.
        case end
    }

    private struct Way: Hashable {
        let frame: Int
        let target: Int
    }

    let flow: FlowAnalysis
    let plan: VisitPlan
    /// The ports of fan-outs whose branches lead to several places outside.
    private(set) var unstructured: Set<Int> = []
    private var known: [Way: Destination] = [:]

    init(_ flow: FlowAnalysis) {
        self.flow = flow
        plan = VisitPlan(flow)
    }

    /// Where the port with the number `port` of `block` leads.
    mutating func destination(of port: Int, of block: Int) -> Destination {
        let node = flow.portBase[block] + port
        let targets = flow.graph.ports[block][port].targets
        guard targets.count > 1 else { return route(from: node, to: targets.first) }
        if let first = plan.elements[node]?.first { return enter(first) }
        let ahead = targets.filter { flow.rank[$0] > flow.rank[node] }
        let first = ahead.min { flow.rank[$0] < flow.rank[$1] } ?? targets.first
        let destination = route(from: node, to: first)
        if plan.exits[node].count > 1, destination == first.map(Destination.block) { unstructured.insert(node) }
        return destination
    }

    /// Where a gate leads when what it asks for is not due.
    mutating func destination(pastGate gate: Destination) -> Destination {
        switch gate {
        case .elementGate(let element): route(from: element, to: nil)
        case .exitGate(let port): route(from: port, to: nil)
        case .block, .end: gate
        }
    }

    /// Where a gate leads when what it asks for is due.
    mutating func destination(behindGate gate: Destination) -> Destination {
        switch gate {
        case .elementGate(let element): .block(element)
        case .exitGate(let port): route(from: port, to: plan.exits[port].first)
        case .block, .end: gate
        }
    }

    private func enter(_ element: Int) -> Destination {
        plan.isCertain[element] ? .block(element) : .elementGate(element)
    }

    /// Climbs out of the groups and containers around `node` until `target` is in sight, or something else comes first.
    private mutating func route(from node: Int, to target: Int?) -> Destination {
        if let target, flow.rank[target] <= flow.rank[node] { return .block(target) }
        var node = node
        var target = target
        var climbed: [Way] = []
        var result: Destination?
        while result == nil {
            let way = Way(frame: plan.frame[node], target: target ?? -1)
            if let found = known[way] {
                result = found
            } else {
                climbed.append(way)
                result = step(from: &node, to: &target)
            }
        }
        let destination = result ?? .end
        if climbed.count > 1 { for way in climbed { known[way] = destination } }
        return destination
    }

    /// One level up.
    /// - Returns: `nil` when the search goes on from the new `node`.
    private mutating func step(from node: inout Int, to target: inout Int?) -> Destination? {
        let frame = plan.frame[node]
        guard frame >= 0 else { return target.map(Destination.block) ?? .end }
        if let target, flow.tree.isAncestor(frame, of: target) { return .block(target) }
        guard plan.isElement[frame] else { return .block(flow.portBlocks[frame - flow.graph.blocks.count]) }
        if plan.next[frame] >= 0 { return enter(plan.next[frame]) }
        let port = flow.tree.parent(of: frame)
        if plan.exits[port].count > 1 || plan.hasMoreExits[port] { unstructured.insert(port) }
        if target == nil, let exit = plan.exits[port].first {
            guard plan.musts[port].contains(exit) else {
                return plan.exits[port].count == 1 ? .exitGate(port) : climb(to: &node, above: port)
            }
            target = exit
        }
        return climb(to: &node, above: port)
    }

    private func climb(to node: inout Int, above port: Int) -> Destination? {
        node = port
        return nil
    }
}
