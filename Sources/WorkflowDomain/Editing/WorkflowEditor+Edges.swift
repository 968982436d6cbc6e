import EventModel

extension WorkflowEditor {
    func edgesAdded(_ edges: [Edge]) throws(EditRejection) -> WorkflowChange? {
        try Self.checkBatch(edges.count)
        var rules = EdgeRules(blocks: blocks, edges: definition.edges)
        var added: [Edge] = []
        for edge in edges {
            for end in [edge.source, edge.target] { try refuseLocked(end) }
            if try rules.admit(edge) { added.append(edge) }
        }
        return added.isEmpty ? nil : .edgesAdded(added.sorted { $0.id < $1.id })
    }

    func edgesRemoved(_ ids: [ElementID]) throws(EditRejection) -> WorkflowChange? {
        try Self.checkBatch(ids.count)
        let wanted = Set(ids)
        let gone = definition.edges.filter { wanted.contains($0.id) }
        for edge in gone {
            for end in [edge.source, edge.target] { try refuseLocked(end) }
        }
        return gone.isEmpty ? nil : .edgesRemoved(gone.map(\.id))
    }
}

/// The rules that a new edge must keep, given the blocks and edges that are there.
struct EdgeRules {
    private let blocks: [ElementID: Block]
    private var edges: [ElementID: Edge]
    private var alike: [Ends: ElementID]
    private var following: [ElementID: [ElementID]] = [:]

    init(blocks: [ElementID: Block], edges: [Edge]) {
        self.blocks = blocks
        self.edges = Dictionary(edges.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        alike = Dictionary(edges.map { (Ends($0), $0.id) }, uniquingKeysWith: { first, _ in first })
        for edge in edges { following[edge.source, default: []].append(edge.target) }
    }

    /// Takes an edge in.
    /// - Returns: whether it is new; `false` when exactly this edge is there.
    mutating func admit(_ edge: Edge) throws(EditRejection) -> Bool {
        try WorkflowEditor.check(id: edge.id)
        if let present = edges[edge.id] {
            guard present == edge else { throw .duplicateID(edge.id) }
            return false
        }
        try checkEnds(edge)
        if let other = alike[Ends(edge)] { throw .duplicateEdge(edge.id, of: other) }
        guard !leads(from: edge.target, to: edge.source) else { throw .cycle(edge.id) }
        guard edges.count < WorkflowLimits.edges else {
            throw .tooMany(what: "edges", count: edges.count + 1, limit: WorkflowLimits.edges)
        }
        edges[edge.id] = edge
        alike[Ends(edge)] = edge.id
        following[edge.source, default: []].append(edge.target)
        return true
    }

    private func checkEnds(_ edge: Edge) throws(EditRejection) {
        guard edge.source != edge.target else { throw .selfEdge(edge.id) }
        for end in [edge.source, edge.target] {
            guard let block = blocks[end] else { throw .edgeToNowhere(edge.id, block: end) }
            if block.isNote { throw .edgeToNote(edge.id, block: end) }
        }
        if Self.crosses(edge, parents: { blocks[$0]?.parentID }) { throw .crossesContainer(edge.id) }
    }

    /// Whether an edge would cross the border of a container: both ends are in the same one, or it leads from a container's start inside.
    static func crosses(_ edge: Edge, parents: (ElementID) -> ElementID?) -> Bool {
        parents(edge.target) != (edge.handle == .containerStart ? edge.source : parents(edge.source))
    }

    /// Without recursion: a chain of blocks may be long.
    private func leads(from start: ElementID, to end: ElementID) -> Bool {
        var seen: Set<ElementID> = [start]
        var open = [start]
        while let id = open.popLast() {
            if id == end { return true }
            for next in following[id] ?? [] where seen.insert(next).inserted { open.append(next) }
        }
        return false
    }

    /// What makes two edges the same for the editor.
    private struct Ends: Hashable {
        let source: ElementID
        let target: ElementID
        let sourceHandle: ElementID?
        let targetHandle: ElementID?

        init(_ edge: Edge) {
            source = edge.source
            target = edge.target
            sourceHandle = edge.sourceHandle.map { ElementID($0) }
            targetHandle = edge.targetHandle.map { ElementID($0) }
        }
    }
}
