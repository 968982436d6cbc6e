import EventModel
import WorkflowDomain

/// A workflow by numbers: what leads where inside each container, so that everything after it is a walk over arrays.
struct WorkflowGraph {
    /// Why an edge has no transition.
    enum Aside {
        /// An end is missing.
        case dangling
        /// An end is an annotation.
        case note
        /// The ends are in different containers.
        case crossing
        /// An end is switched off: Sim makes no node of it, and no edge that touches it.
        case disabled
    }

    let workflow: WorkflowDefinition
    var blocks: [Block] { workflow.blocks }
    /// The number of every block.
    let numbers: [ElementID: Int]
    /// The container of every block; `nil` at the top.
    let parents: [Int?]
    /// The ports of every block, in their order.
    private(set) var ports: [[Port]]
    /// Whether an edge of the same container enters the block.
    private(set) var isEntered: [Bool]
    /// The blocks that an edge without handle leads to: after a failure as after success.
    private var unconditional: [Int: [Int]] = [:]
    /// The edges without transition.
    private(set) var aside: [(edge: Int, reason: Aside)] = []
    /// What every block says about its state.
    let overrides: [Overrides]

    init(_ workflow: WorkflowDefinition) {
        self.workflow = workflow
        let blocks = workflow.blocks
        var numbers: [ElementID: Int] = [:]
        numbers.reserveCapacity(blocks.count)
        for (number, block) in blocks.enumerated() { numbers[block.id] = number }
        self.numbers = numbers
        parents = Self.parents(of: blocks, numbers: numbers)
        overrides = blocks.map(Overrides.init(of:))
        ports = blocks.map(Port.own(of:))
        isEntered = Array(repeating: false, count: blocks.count)
        attachEdges()
        completePorts()
    }

    /// Containers by block; a parent that is missing, no container, or inside its own child counts as none.
    private static func parents(of blocks: [Block], numbers: [ElementID: Int]) -> [Int?] {
        var parents: [Int?] = blocks.map { block in
            guard let parent = block.parentID.flatMap({ numbers[$0] }), blocks[parent].isContainer else { return nil }
            return parent
        }
        // 0 unseen, 1 on the present chain, 2 known to end at the top.
        var seen = [UInt8](repeating: 0, count: blocks.count)
        for block in blocks.indices where seen[block] == 0 {
            var chain: [Int] = []
            var next: Int? = block
            while let here = next, seen[here] == 0 {
                seen[here] = 1
                chain.append(here)
                next = parents[here]
            }
            if let here = next, seen[here] == 1, let last = chain.last { parents[last] = nil }
            for here in chain { seen[here] = 2 }
        }
        return parents
    }

    private mutating func attachEdges() {
        var rows: [Int: [ElementID: Int]] = [:]
        var places: [Int: [ElementID: Int]] = [:]
        for (number, edge) in workflow.edges.enumerated() {
            guard let source = numbers[edge.source], let target = numbers[edge.target] else {
                aside.append((number, .dangling))
                continue
            }
            guard !blocks[source].isNote, !blocks[target].isNote else {
                aside.append((number, .note))
                continue
            }
            guard blocks[source].isEnabled, blocks[target].isEnabled else {
                aside.append((number, .disabled))
                continue
            }
            if rows[source] == nil { rows[source] = Self.rows(of: ports[source]) }
            let kind = Port.kind(of: edge, from: blocks[source], rows: rows[source] ?? [:])
            let context = kind == .start ? source : parents[source]
            guard parents[target] == context else {
                aside.append((number, .crossing))
                continue
            }
            if edge.handle == .always && kind == .success { unconditional[source, default: []].append(target) }
            let index = place(of: kind, in: source, places: &places)
            ports[source][index].edges.append(number)
            ports[source][index].targets.append(target)
            isEntered[target] = true
        }
    }

    /// The place of a port among those of its block; a port that is new goes last.
    private mutating func place(of kind: Port.Kind, in source: Int, places: inout [Int: [ElementID: Int]]) -> Int {
        if case .row(let row) = kind { return row }
        if kind == .start || kind == .end { return kind == .start ? 0 : 1 }
        let port = Port(kind)
        let key = ElementID(port.key)
        if let place = places[source]?[key] { return place }
        ports[source].append(port)
        places[source, default: [:]][key] = ports[source].count - 1
        return ports[source].count - 1
    }

    private static func rows(of ports: [Port]) -> [ElementID: Int] {
        var rows: [ElementID: Int] = [:]
        for (place, port) in ports.enumerated() {
            if port.kind.isRow, let branch = port.branch { rows[ElementID(branch.id)] = place }
        }
        return rows
    }

    /// Gives every block a way on, every container its entries, and every way each target once.
    private mutating func completePorts() {
        var entries: [Int: [Int]] = [:]
        for block in blocks.indices {
            guard blocks[block].isEnabled else { continue }
            if let parent = parents[block], !isEntered[block], !blocks[block].isNote {
                entries[parent, default: []].append(block)
            }
        }
        for block in blocks.indices {
            if let always = unconditional[block],
                let failure = ports[block].firstIndex(where: { $0.kind == .failure })
            {
                ports[block][failure].targets += always
            }
            let hasSuccess = ports[block].contains { $0.kind == .success }
            let onlyFails = ports[block].allSatisfy { $0.kind == .failure }
            if onlyFails && !hasSuccess { ports[block].insert(Port(.success), at: 0) }
            if blocks[block].isContainer, ports[block][0].targets.isEmpty {
                ports[block][0].targets = entries[block] ?? []
                for entry in entries[block] ?? [] { isEntered[entry] = true }
            }
            for port in ports[block].indices where ports[block][port].targets.count > 1 {
                var seen: Set<Int> = []
                ports[block][port].targets = ports[block][port].targets.filter { seen.insert($0).inserted }
            }
        }
    }
}

extension Port.Kind {
    var isRow: Bool { if case .row = self { true } else { false } }
}
