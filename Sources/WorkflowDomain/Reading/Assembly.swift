import EventModel

/// Puts the elements of a draft together: complete, unique, and with everything conspicuous noted.
enum Assembly {
    static func assemble(_ draft: Draft, findings: inout Findings, knownTypesOnly: Bool) -> WorkflowDefinition {
        guard checkSizes(draft, findings: &findings) else { return WorkflowDefinition(blocks: [], edges: []) }
        checkUnique(draft.blocks.map { ($0.element.id, $0.path) }, findings: &findings)
        checkUnique(draft.loops.map { ($0.element.id, $0.path) }, findings: &findings)
        checkUnique(draft.parallels.map { ($0.element.id, $0.path) }, findings: &findings)
        checkUnique(draft.variables.map { ($0.element.id, $0.path) }, findings: &findings)
        let edges = identified(draft.edges, findings: &findings)
        Containment.checkParents(draft.blocks, findings: &findings)
        if findings.problems.isEmpty {
            Remarks.types(of: draft.blocks, knownTypesOnly: knownTypesOnly, findings: &findings)
            EdgeRemarks(draft, edges: edges).remark(findings: &findings)
            Containment.remark(draft, edges: edges, findings: &findings)
        }
        let blocks = draft.blocks.map(\.element)
        return WorkflowDefinition(
            blocks: blocks, edges: edges.map(\.element),
            loops: Containment.completed(draft.loops.map(\.element), type: "loop", blocks: blocks),
            parallels: Containment.completed(draft.parallels.map(\.element), type: "parallel", blocks: blocks),
            variables: draft.variables.map(\.element), metadata: draft.metadata, extra: draft.extra)
    }

    /// - Returns: whether the draft is small enough to be looked at more closely.
    private static func checkSizes(_ draft: Draft, findings: inout Findings) -> Bool {
        var isSmall = true
        if draft.blocks.isEmpty && findings.problems.isEmpty { findings.problem(.noBlocks, at: .root) }
        for (what, count, limit) in [
            ("blocks", draft.blocks.count, WorkflowLimits.blocks), ("edges", draft.edges.count, WorkflowLimits.edges),
        ] where count > limit {
            findings.problem(.tooMany(what: what, count: count, limit: limit), at: .root)
            isSmall = false
        }
        return isSmall
    }

    private static func checkUnique(_ elements: [(ElementID, JSONPath)], findings: inout Findings) {
        var seen: [ElementID: JSONPath] = [:]
        for (id, path) in elements {
            if id.text.utf8.count > WorkflowLimits.idBytes {
                findings.problem(.idTooLong(bytes: id.text.utf8.count, limit: WorkflowLimits.idBytes), at: path)
            }
            if id.text.isEmpty { findings.problem(.emptyText(field: "id"), at: path) }
            if let first = seen[id] {
                findings.problem(.duplicateID(id.text, first: first), at: path)
            } else {
                seen[id] = path
            }
        }
    }

    /// The edges with an id each. An edge without one gets it from its ends and handles; if several are alike, the later
    /// ones are numbered.
    private static func identified(_ drafts: [DraftEdge], findings: inout Findings) -> [Placed<Edge>] {
        checkUnique(drafts.compactMap { draft in draft.id.map { (ElementID($0), draft.path) } }, findings: &findings)
        var taken = Set(drafts.compactMap(\.id).map { ElementID($0) })
        var repeats: [String: Int] = [:]
        return drafts.map { draft in
            var id = draft.id
            while id == nil {
                let base = Edge.derivedID(
                    source: draft.source, target: draft.target, sourceHandle: draft.sourceHandle,
                    targetHandle: draft.targetHandle)
                let number = repeats[base, default: 0] + 1
                repeats[base] = number
                let candidate = number == 1 ? base : "\(base)-\(number)"
                if taken.insert(ElementID(candidate)).inserted { id = candidate }
            }
            let edge = Edge(
                id: ElementID(id ?? ""), source: draft.source, target: draft.target, sourceHandle: draft.sourceHandle,
                targetHandle: draft.targetHandle, extra: draft.extra)
            return Placed(element: edge, path: draft.path)
        }
    }
}
