import EventModel
import WorkflowDomain

/// What a workflow's structure implies: which blocks are reached, what must have run before what, and in which order blocks that run
/// side by side can be visited one after the other.
///
/// The nodes are the blocks, then their ports, then the entry from which all starts are reached. Ports being nodes, the
/// dominator of a join tells a decision (its block) from a fan-out (its port). Edges that close a cycle are left out.
struct FlowAnalysis {
    let graph: WorkflowGraph
    /// The number of the first port of every block.
    let portBase: [Int]
    /// The block of every port, from the first port on.
    let portBlocks: [Int]
    let entry: Int
    /// The blocks in which executions begin.
    let starts: [Int]
    /// All nodes, each before whatever it leads to.
    private(set) var order: [Int] = []
    /// The place of every node in ``order``; -1 for annotations.
    private(set) var rank: [Int]
    /// Whether a start leads to the block.
    private(set) var isReached: [Bool]
    private(set) var tree: DominatorTree
    private let ways: Ways

    init(_ graph: WorkflowGraph, starts: [Int]) {
        self.graph = graph
        self.starts = starts
        var base: [Int] = []
        var owners: [Int] = []
        for block in graph.blocks.indices {
            base.append(graph.blocks.count + owners.count)
            owners.append(contentsOf: repeatElement(block, count: graph.ports[block].count))
        }
        portBase = base
        portBlocks = owners
        entry = graph.blocks.count + owners.count
        rank = Array(repeating: -1, count: entry + 1)
        isReached = Array(repeating: false, count: entry + 1)
        tree = DominatorTree(count: entry + 1, root: entry)
        ways = Ways(graph, portBase: base, ports: owners.count, starts: starts)
        let roots = walk()
        dominate(roots: roots)
    }

    /// Whether a node is a block.
    func isBlock(_ node: Int) -> Bool { node < graph.blocks.count }

    /// The port that a node is.
    func port(_ node: Int) -> Port? {
        guard !isBlock(node), node != entry else { return nil }
        let block = portBlocks[node - graph.blocks.count]
        return graph.ports[block][node - portBase[block]]
    }

    /// Whether a node is a port that several blocks are behind.
    func isFanOut(_ node: Int) -> Bool { !isBlock(node) && node != entry && ways.places(of: node).count > 1 }

    /// Calls `body` with every node that `node` leads to at once.
    @inline(__always)
    func forEachSuccessor(of node: Int, _ body: (Int) -> Void) {
        for place in ways.places(of: node) { body(ways.targets[place]) }
    }

    /// Orders the nodes by a depth-first walk.
    /// - Returns: the blocks from which unreached parts were walked.
    private mutating func walk() -> [Int] {
        var finished: [Int] = []
        finished.reserveCapacity(entry + 1)
        var seen = [Bool](repeating: false, count: entry + 1)
        func walk(from root: Int) {
            var stack = [(node: root, left: ways.places(of: root))]
            seen[root] = true
            while let top = stack.indices.last {
                // The last first: a reversed post-order then has the first first.
                guard let place = stack[top].left.popLast() else {
                    finished.append(stack.removeLast().node)
                    continue
                }
                let next = ways.targets[place]
                guard !seen[next] else { continue }
                seen[next] = true
                stack.append((next, ways.places(of: next)))
            }
        }
        walk(from: entry)
        let begun = finished
        finished = []
        for node in begun { isReached[node] = true }
        var roots: [Int] = []
        for block in graph.blocks.indices where !seen[block] && !graph.isEntered[block] && !graph.traits[block].isNote {
            roots.append(block)
            walk(from: block)
        }
        for block in graph.blocks.indices where !seen[block] && !graph.traits[block].isNote {
            roots.append(block)
            walk(from: block)
        }
        // The entry first, then what it leads to, then the rest.
        order = begun.reversed() + finished.reversed()
        for (place, node) in order.enumerated() { rank[node] = place }
        return roots
    }

    private mutating func dominate(roots: [Int]) {
        for root in roots { tree.addPredecessor(entry, of: root) }
        for node in order {
            tree.settle(node)
            let here = rank[node]
            for place in ways.places(of: node) {
                let next = ways.targets[place]
                if rank[next] > here { tree.addPredecessor(node, of: next) }
            }
        }
    }
}

/// What every node leads to at once, in one array for all: a walk touches what lies side by side.
private struct Ways {
    /// What the nodes lead to, by the order of the nodes.
    let targets: [Int]
    /// Where the targets of every node begin; one more for the end of the last.
    private let bounds: [Int]

    init(_ graph: WorkflowGraph, portBase: [Int], ports: Int, starts: [Int]) {
        var targets: [Int] = []
        var bounds: [Int] = []
        targets.reserveCapacity(2 * ports + starts.count)
        bounds.reserveCapacity(graph.blocks.count + ports + 2)
        for block in graph.ports.indices {
            bounds.append(targets.count)
            for port in graph.ports[block].indices { targets.append(portBase[block] + port) }
        }
        for block in graph.ports.indices {
            for port in graph.ports[block].indices {
                bounds.append(targets.count)
                targets.append(contentsOf: graph.ports[block][port].targets)
            }
        }
        bounds.append(targets.count)
        targets.append(contentsOf: starts)
        bounds.append(targets.count)
        self.targets = targets
        self.bounds = bounds
    }

    /// The places of a node's targets among ``targets``.
    @inline(__always)
    func places(of node: Int) -> Range<Int> { bounds[node]..<bounds[node + 1] }
}

/// Immediate dominators, found in topological order, with pointers that jump towards the root so that ancestors are found in
/// logarithmic time.
struct DominatorTree {
    // Side by side, because whoever looks at one of them looks at the others.
    private struct Node {
        var parent: Int32 = -1
        var depth: Int32 = 0
        var jump: Int32
    }

    private var nodes: [Node]
    private let root: Int

    init(count: Int, root: Int) {
        nodes = Array(repeating: Node(jump: Int32(root)), count: count)
        self.root = root
    }

    /// The immediate dominator of a node; -1 for none.
    @inline(__always)
    func parent(of node: Int) -> Int { Int(nodes[node].parent) }

    /// Notes that `node`, which is settled, leads to `next`, which is not.
    mutating func addPredecessor(_ node: Int, of next: Int) {
        let known = parent(of: next)
        nodes[next].parent = Int32(known < 0 ? node : commonAncestor(known, node))
    }

    /// Notes that all predecessors of `node` are known.
    mutating func settle(_ node: Int) {
        guard node != root else { return }
        let place = max(parent(of: node), 0)
        let above = nodes[place]
        let far = nodes[Int(above.jump)]
        nodes[node].depth = above.depth + 1
        nodes[node].jump =
            above.depth - far.depth == far.depth - nodes[Int(far.jump)].depth ? far.jump : Int32(place)
    }

    /// Whether every way to `node` passes `ancestor`, or they are the same.
    func isAncestor(_ ancestor: Int, of node: Int) -> Bool {
        climb(from: node, to: nodes[ancestor].depth) == ancestor
    }

    /// The ancestor of `node` at `depth`, or itself when it is not below.
    private func climb(from node: Int, to depth: Int32) -> Int {
        var node = node
        while nodes[node].depth > depth {
            let jump = Int(nodes[node].jump)
            node = nodes[jump].depth >= depth ? jump : parent(of: node)
        }
        return node
    }

    private func commonAncestor(_ left: Int, _ right: Int) -> Int {
        var left = climb(from: left, to: nodes[right].depth)
        var right = climb(from: right, to: nodes[left].depth)
        while left != right {
            if nodes[left].jump != nodes[right].jump {
                (left, right) = (Int(nodes[left].jump), Int(nodes[right].jump))
            } else {
                (left, right) = (parent(of: left), parent(of: right))
            }
        }
        return left
    }
}
