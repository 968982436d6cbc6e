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

    /// From so many ports of a block on, a port is looked up and not looked for.
    private static let manyPorts = 8

    let workflow: WorkflowDefinition
    let blocks: [Block]
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
    /// What every block is.
    let traits: [BlockTraits]
    /// What every block says about its state.
    let overrides: [Overrides]

    init(_ workflow: WorkflowDefinition) {
        self.workflow = workflow
        blocks = workflow.blocks
        var numbers: [ElementID: Int] = [:]
        numbers.reserveCapacity(blocks.count)
        var traits: [BlockTraits] = []
        traits.reserveCapacity(blocks.count)
        var overrides: [Overrides] = []
        overrides.reserveCapacity(blocks.count)
        ports = []
        ports.reserveCapacity(blocks.count)
        for number in blocks.indices {
            numbers[blocks[number].id] = number
            traits.append(BlockTraits(of: blocks, at: number))
            overrides.append(Overrides(blocks[number].data))
            ports.append(traits[number].hasOwnPorts ? Port.own(of: blocks[number]) : [])
        }
        self.traits = traits
        self.overrides = overrides
        self.numbers = numbers
        parents = Self.parents(of: traits, numbers: numbers)
        isEntered = Array(repeating: false, count: blocks.count)
        attachEdges()
        completePorts()
    }

    /// Containers by block; a parent that is missing, no container, or inside its own child counts as none.
    private static func parents(of blocks: [BlockTraits], numbers: [ElementID: Int]) -> [Int?] {
        var parents: [Int?] = blocks.map { block in
            guard let parent = block.parent.flatMap({ numbers[$0] }), blocks[parent].isContainer else { return nil }
            return parent
        }
        // 0 unseen, 1 on the present chain, 2 known to end at the top.
        var seen = [UInt8](repeating: 0, count: blocks.count)
        for block in blocks.indices where seen[block] == 0 && parents[block] != nil {
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
        var rows = [[ElementID: Int]](repeating: [:], count: blocks.count)
        var places: [Int: [ElementID: Int]] = [:]
        for block in blocks.indices where ports[block].first?.kind.isRow == true {
            rows[block] = Self.rows(of: ports[block])
        }
        let edges = workflow.edges
        for number in edges.indices {
            guard let source = numbers[edges[number].source], let target = numbers[edges[number].target] else {
                aside.append((number, .dangling))
                continue
            }
            guard !traits[source].isNote, !traits[target].isNote else {
                aside.append((number, .note))
                continue
            }
            guard traits[source].isEnabled, traits[target].isEnabled else {
                aside.append((number, .disabled))
                continue
            }
            let handle = Handle(edges[number].sourceHandle)
            let kind = Port.kind(
                of: handle, spelled: edges[number].sourceHandle, to: edges[number].target, from: traits[source],
                rows: rows[source])
            let context = kind.isStart ? source : parents[source]
            guard parents[target] == context else {
                aside.append((number, .crossing))
                continue
            }
            if kind.isSuccess && handle == .always { unconditional[source, default: []].append(target) }
            let index = place(of: kind, in: source, places: &places)
            ports[source][index].edges.append(number)
            ports[source][index].targets.append(target)
            isEntered[target] = true
        }
    }

    /// The place of a port among those of its block; a port that is new goes last.
    private mutating func place(of kind: Port.Kind, in source: Int, places: inout [Int: [ElementID: Int]]) -> Int {
        if case .row(let row) = kind { return row }
        if kind.isStart || kind.isEnd { return kind.isStart ? 0 : 1 }
        guard ports[source].count >= Self.manyPorts else {
            for place in ports[source].indices where ports[source][place].kind.isSame(as: kind) { return place }
            ports[source].append(Port(kind))
            return ports[source].count - 1
        }
        if places[source] == nil { places[source] = Self.places(of: ports[source]) }
        let key = ElementID(Port(kind).key)
        if let place = places[source]?[key] { return place }
        ports[source].append(Port(kind))
        places[source]?[key] = ports[source].count - 1
        return ports[source].count - 1
    }

    private static func places(of ports: [Port]) -> [ElementID: Int] {
        var places: [ElementID: Int] = [:]
        for (place, port) in ports.enumerated() where !port.kind.isRow { places[ElementID(port.key)] = place }
        return places
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
            guard traits[block].isEnabled else { continue }
            if let parent = parents[block], !isEntered[block], !traits[block].isNote {
                entries[parent, default: []].append(block)
            }
        }
        for block in blocks.indices {
            if let always = unconditional[block],
                let failure = ports[block].firstIndex(where: \.kind.isFailure)
            {
                for target in always { ports[block][failure].targets.append(target) }
            }
            // What only fails, and what has no edge at all, succeeds into the end.
            if ports[block].allSatisfy(\.kind.isFailure) { ports[block].insert(Port(.success), at: 0) }
            if traits[block].isContainer, ports[block][0].targets.isEmpty {
                ports[block][0].targets = IndexList(entries[block] ?? [])
                for entry in entries[block] ?? [] { isEntered[entry] = true }
            }
            for port in ports[block].indices where ports[block][port].targets.count > 1 {
                var seen: Set<Int> = []
                ports[block][port].targets = IndexList(
                    ports[block][port].targets.filter { seen.insert($0).inserted })
            }
        }
    }
}
