import EventModel

extension WorkflowEditor {
    /// A batch without the elements that a lock protects: the others go ahead, as they do in Sim, where somebody selects a part of the
    /// canvas and presses a key. A batch in which everything is protected stays whole, so that it is refused with the reason.
    ///
    /// Inputs that are set together stay together, and so do blocks that are added with their edges: half of them would be something else.
    func sparingLocked(_ edit: WorkflowEdit) -> WorkflowEdit {
        switch edit {
        case .removeBlocks(let ids): .removeBlocks(free(ids) { [$0] })
        case .moveBlocks(let places): .moveBlocks(free(places) { [$0.block] })
        case .enableBlocks(let ids, let isEnabled): .enableBlocks(free(ids) { [$0] }, isEnabled)
        case .reparentBlocks(let moves): .reparentBlocks(free(moves) { [$0.block] + [$0.parent].compactMap(\.self) })
        case .configureBlocks(let configurations): .configureBlocks(free(configurations) { [$0.block] })
        case .addEdges(let edges): .addEdges(free(edges) { [$0.source, $0.target] })
        case .removeEdges(let ids): .removeEdges(freeEdges(ids))
        case .addBlocks, .renameBlock, .lockBlocks, .setSubBlocks, .configureSubflow, .setVariable, .changeVariable,
            .removeVariable:
            edit
        }
    }

    /// Whether the block or a container around it is locked.
    private func isProtected(_ id: ElementID) -> Bool {
        ([id] + ancestors(of: id)).contains { blocks[$0]?.isLocked == true }
    }

    private func free<Element>(_ elements: [Element], _ touched: (Element) -> [ElementID]) -> [Element] {
        let free = elements.filter { element in !touched(element).contains(where: isProtected) }
        return free.isEmpty ? elements : free
    }

    private func freeEdges(_ ids: [ElementID]) -> [ElementID] {
        let edges = Dictionary(definition.edges.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return free(ids) { id in edges[id].map { [$0.source, $0.target] } ?? [] }
    }
}
