import EventModel

/// What is conspicuous about single blocks.
enum Remarks {
    static func types(of blocks: [Placed<Block>], knownTypesOnly: Bool, findings: inout Findings) {
        for block in blocks where !SimBlockTypes.contains(block.element.type) {
            if !SimBlockTypes.isWellFormed(block.element.type) {
                findings.problem(.malformedType(block.element.type), at: block.path)
            } else if knownTypesOnly {
                findings.problem(.unknownType(block.element.type), at: block.path)
            } else {
                findings.warn(.unknownType(block.element.type), at: block.path)
            }
        }
    }
}

/// What is conspicuous about edges: ends, handles, repetitions, borders and circles.
struct EdgeRemarks {
    private let edges: [Placed<Edge>]
    private let parents: [ElementID: ElementID]
    private var blocks: [ElementID: Block] = [:]
    private var branches: [ElementID: Set<ElementID>] = [:]

    init(_ draft: Draft, edges: [Placed<Edge>]) {
        self.edges = edges
        parents = Containment.parents(of: draft.blocks)
        for block in draft.blocks {
            blocks[block.element.id] = block.element
            branches[block.element.id] = Set(block.element.branches.map { ElementID($0.id) })
        }
    }

    func remark(findings: inout Findings) {
        var seen: [[UInt8]: ElementID] = [:]
        for edge in edges {
            remarkEnds(edge, findings: &findings)
            remarkHandle(edge, findings: &findings)
            let alike = Array(
                Edge.derivedID(
                    source: edge.element.source, target: edge.element.target, sourceHandle: edge.element.sourceHandle,
                    targetHandle: edge.element.targetHandle
                ).utf8)
            if let first = seen[alike] {
                findings.warn(.duplicateEdge(of: first), at: edge.path)
            } else {
                seen[alike] = edge.element.id
            }
        }
        remarkCircle(findings: &findings)
    }

    private func remarkEnds(_ edge: Placed<Edge>, findings: inout Findings) {
        let (source, target) = (edge.element.source, edge.element.target)
        if source == target { findings.warn(.selfEdge, at: edge.path) }
        if blocks[source] == nil { findings.warn(.missingSource(source), at: edge.path) }
        if blocks[target] == nil { findings.warn(.missingTarget(target), at: edge.path) }
        guard blocks[source] != nil, blocks[target] != nil, source != target else { return }
        let inside = edge.element.handle == .containerStart
        guard parents[target] == (inside ? source : parents[source]) else {
            return findings.warn(.crossesContainer, at: edge.path)
        }
    }

    private func remarkHandle(_ edge: Placed<Edge>, findings: inout Findings) {
        guard let block = blocks[edge.element.source], let text = edge.element.sourceHandle else { return }
        let known: Bool
        var branch: String?
        switch edge.element.handle {
        case .always, .success, .failure: known = true
        case .condition(let id):
            known = block.type == "condition" || block.type == "router"
            branch = id
        case .route(let id):
            known = block.type == "router" || block.type == "router_v2"
            branch = id
        case .containerStart, .containerEnd: known = text.hasPrefix(block.type + "-")
        case .other: known = false
        }
        guard known else { return findings.warn(.unknownHandle(text, blockType: block.type), at: edge.path) }
        guard let branch, let rows = branches[block.id], !rows.isEmpty else { return }
        if !rows.contains(ElementID(branch)) { findings.warn(.unknownBranch(branch), at: edge.path) }
    }

    /// Notes one circle. Walks without recursion: a chain of blocks may be long.
    private func remarkCircle(findings: inout Findings) {
        var following: [ElementID: [(target: ElementID, path: JSONPath)]] = [:]
        for edge in edges
        where edge.element.source != edge.element.target && blocks[edge.element.source] != nil
            && blocks[edge.element.target] != nil
        {
            following[edge.element.source, default: []].append((edge.element.target, edge.path))
        }
        var finished: Set<ElementID> = []
        for start in following.keys.sorted() where !finished.contains(start) {
            var trail: [(id: ElementID, next: Int)] = [(start, 0)]
            var onTrail: Set<ElementID> = [start]
            while let (id, next) = trail.last {
                guard let edges = following[id], next < edges.count else {
                    finished.insert(id)
                    onTrail.remove(id)
                    trail.removeLast()
                    continue
                }
                trail[trail.count - 1].next += 1
                let (target, path) = edges[next]
                if onTrail.contains(target) { return findings.warn(.cycle(through: target), at: path) }
                guard !finished.contains(target) else { continue }
                trail.append((target, 0))
                onTrail.insert(target)
            }
        }
    }
}
