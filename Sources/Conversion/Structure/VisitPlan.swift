import EventModel
import WorkflowDomain

/// In which order the blocks behind a fan-out are visited.
///
/// A conversation is in one state at a time, so what runs side by side is visited one after the other: the regions that a
/// fan-out dominates are its elements, in topological order; whoever leaves an element goes on to the next, and behind the last one lies
/// whatever the whole group leads to (its exit). An element, or the exit, is *certain* if it runs whenever the group does.
struct VisitPlan {
    /// Which nodes beyond a region are kept apart; more of them count as "many".
    static let width = 8

    /// The elements of every fan-out, by the number of its port.
    private(set) var elements: [Int: [Int]] = [:]
    /// The innermost element, or start of a container, that every node is in; -1 for none.
    private(set) var frame: [Int]
    /// The element after this one; -1 for none.
    private(set) var next: [Int]
    private(set) var isElement: [Bool]
    /// Whether an element runs whenever its group does.
    private(set) var isCertain: [Bool]
    /// The blocks outside that a node's region leads to, at most ``width``.
    private(set) var exits: [[Int]]
    /// Whether there are more than that.
    private(set) var hasMoreExits: [Bool]
    /// The blocks outside a node's region that run for certain once the node does, as far as that can be told.
    private(set) var musts: [[Int]]

    init(_ flow: FlowAnalysis) {
        let count = flow.entry + 1
        frame = Array(repeating: -1, count: count)
        next = Array(repeating: -1, count: count)
        isElement = Array(repeating: false, count: count)
        isCertain = Array(repeating: false, count: count)
        exits = Array(repeating: [], count: count)
        hasMoreExits = Array(repeating: false, count: count)
        musts = Array(repeating: [], count: count)
        findElements(flow)
        for node in flow.order.reversed() where node != flow.entry {
            findExits(of: node, flow)
            findMusts(of: node, flow)
        }
    }

    /// Whether `node` is the way into a container.
    static func isContainerStart(_ node: Int, _ flow: FlowAnalysis) -> Bool {
        guard !flow.isBlock(node), node != flow.entry else { return false }
        let block = flow.portBlocks[node - flow.graph.blocks.count]
        return flow.graph.ports[block][node - flow.portBase[block]].kind.isStart
    }

    private static func sort(_ nodes: inout [Int], by rank: [Int]) {
        if nodes.count > 1 { nodes.sort { rank[$0] < rank[$1] } }
    }

    private mutating func findElements(_ flow: FlowAnalysis) {
        for node in flow.order where node != flow.entry {
            let above = flow.tree.parent(of: node)
            if flow.isBlock(node), flow.isFanOut(above) {
                if let last = elements[above]?.last { next[last] = node }
                elements[above, default: []].append(node)
                isElement[node] = true
            }
            let isFrame = isElement[node] || Self.isContainerStart(node, flow)
            frame[node] = isFrame ? node : above == flow.entry ? -1 : frame[above]
        }
    }

    private mutating func findExits(of node: Int, _ flow: FlowAnalysis) {
        let here = flow.rank[node]
        var found: [Int] = []
        swap(&found, &exits[node])
        flow.forEachSuccessor(of: node) { target in
            // Dominated nodes come later in the order, so theirs are known and have been handed up.
            if flow.rank[target] > here, flow.tree.parent(of: target) != node, found.count <= Self.width,
                !found.contains(target)
            {
                found.append(target)
            }
        }
        hasMoreExits[node] = hasMoreExits[node] || found.count > Self.width
        Self.sort(&found, by: flow.rank)
        if found.count > Self.width { found.removeLast(found.count - Self.width) }
        exits[node] = found
        let above = flow.tree.parent(of: node)
        hasMoreExits[above] = hasMoreExits[above] || hasMoreExits[node]
        for exit in found where flow.tree.parent(of: exit) != above && !exits[above].contains(exit) {
            if exits[above].count <= Self.width { exits[above].append(exit) } else { hasMoreExits[above] = true }
        }
    }

    private mutating func findMusts(of node: Int, _ flow: FlowAnalysis) {
        var found: [Int]
        if flow.isBlock(node) {
            let first = flow.portBase[node]
            let ports = first..<first + flow.graph.ports[node].count
            if flow.graph.traits[node].isContainer {
                found = musts[first + 1]
            } else {
                found = ports.isEmpty ? [] : musts[first]
                for port in ports.dropFirst() where !found.isEmpty {
                    found.removeAll { !musts[port].contains($0) }
                }
            }
        } else {
            found = []
            flow.forEachSuccessor(of: node) { if flow.rank[$0] > flow.rank[node] { found.append($0) } }
        }
        if found.contains(where: { !musts[$0].isEmpty }) {
            var seen = Set(found)
            var place = 0
            while place < found.count {
                for must in musts[found[place]] where seen.insert(must).inserted { found.append(must) }
                place += 1
            }
        }
        for must in found where flow.tree.parent(of: must) == node { isCertain[must] = true }
        if !found.isEmpty {
            let tree = flow.tree
            found.removeAll { tree.parent(of: $0) == node }
        }
        Self.sort(&found, by: flow.rank)
        if found.count > Self.width { found.removeLast(found.count - Self.width) }
        musts[node] = found
    }
}
