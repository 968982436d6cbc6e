import EventModel

/// Adding blocks together with their edges and containers.
struct PartAddition {
    private let editor: WorkflowEditor

    init(_ editor: WorkflowEditor) { self.editor = editor }

    func change(adding part: WorkflowPart) throws(EditRejection) -> WorkflowChange? {
        try WorkflowEditor.checkBatch(part.blocks.count + part.edges.count)
        var all = editor.blocks
        var added: [Block] = []
        for block in part.blocks {
            if all[block.id] == block { continue }
            try check(block)
            guard all.updateValue(block, forKey: block.id) == nil else { throw .duplicateID(block.id) }
            added.append(block)
        }
        guard all.count <= WorkflowLimits.blocks else {
            throw .tooMany(what: "blocks", count: all.count, limit: WorkflowLimits.blocks)
        }
        for block in added { try checkParents(of: block, among: all) }
        let edges = try admitted(part.edges, among: all)
        guard !added.isEmpty || !edges.isEmpty else { return nil }
        guard !added.isEmpty else { return .edgesAdded(edges) }
        let ids = Set(added.map(\.id))
        return .blocksAdded(
            WorkflowPart(
                blocks: added, edges: edges,
                loops: containers(part.loops.filter { ids.contains($0.id) }, "loop", added),
                parallels: containers(part.parallels.filter { ids.contains($0.id) }, "parallel", added)))
    }

    private func check(_ block: Block) throws(EditRejection) {
        try WorkflowEditor.check(id: block.id)
        try WorkflowEditor.check(name: block.name)
        guard SimBlockTypes.contains(block.type) || SimBlockTypes.isWellFormed(block.type) else {
            throw .malformedType(block.id, block.type)
        }
    }

    private func checkParents(of block: Block, among all: [ElementID: Block]) throws(EditRejection) {
        var next = block.parentID
        var depth = 0
        while let id = next {
            guard id != block.id else { throw .containerCycle(block.id) }
            guard let parent = all[id] else { throw .unknownBlock(id) }
            guard parent.isContainer else { throw .noContainer(id) }
            // A lock that comes with the part protects it afterwards, not from itself.
            if editor.blocks[id]?.isLocked == true { throw .locked(id) }
            depth += 1
            guard depth <= WorkflowLimits.containerDepth else {
                throw .containersTooDeep(block.id, limit: WorkflowLimits.containerDepth)
            }
            next = parent.parentID
        }
    }

    private func admitted(_ edges: [Edge], among all: [ElementID: Block]) throws(EditRejection) -> [Edge] {
        var rules = EdgeRules(blocks: all, edges: editor.definition.edges)
        var admitted: [Edge] = []
        for edge in edges {
            for end in [edge.source, edge.target] { try editor.refuseLocked(end) }
            if try rules.admit(edge) { admitted.append(edge) }
        }
        return admitted
    }

    /// The containers of the added blocks: as given, or derived from the block; membership follows the blocks either way.
    private func containers(_ given: [Container], _ type: String, _ added: [Block]) -> [Container] {
        let members = Dictionary(grouping: added.filter { $0.parentID != nil }, by: \.parentID)
        let own = Set(added.filter { $0.type == type }.map(\.id))
        return Containment.completed(given.filter { own.contains($0.id) }, type: type, blocks: added).map { container in
            Container(
                id: container.id, nodes: (members[container.id] ?? []).map(\.id), settings: container.settings)
        }
    }
}

/// Putting blocks into containers and taking them out.
struct Reparenting {
    private let editor: WorkflowEditor

    init(_ editor: WorkflowEditor) { self.editor = editor }

    func change(_ moves: [BlockReparenting]) throws(EditRejection) -> WorkflowChange? {
        try WorkflowEditor.checkBatch(moves.count)
        var parents = editor.blocks.compactMapValues(\.parentID)
        var changed: [ElementID: BlockReparenting] = [:]
        for move in moves {
            let block = try editor.editable(move.block)
            if let parent = move.parent {
                guard try editor.editable(parent).isContainer else { throw .noContainer(parent) }
            }
            parents[move.block] = move.parent
            let stays = block.parentID == move.parent && (move.position ?? block.position) == block.position
            changed[move.block] = stays ? nil : move
        }
        guard !changed.isEmpty else { return nil }
        for id in changed.keys.sorted() { try checkDepth(of: id, parents) }
        let elsewhere = Set(changed.keys.filter { editor.blocks[$0]?.parentID != parents[$0] })
        let crossing = editor.definition.edges.filter { edge in
            (elsewhere.contains(edge.source) || elsewhere.contains(edge.target)) && editor.blocks[edge.source] != nil
                && editor.blocks[edge.target] != nil && EdgeRules.crosses(edge, parents: { parents[$0] })
        }
        return .blocksReparented(
            changed.values.sorted { $0.block < $1.block }, removedEdges: crossing.map(\.id))
    }

    /// The block must not be inside itself; and how deep the containers are nested counts from the deepest block inside.
    private func checkDepth(of id: ElementID, _ parents: [ElementID: ElementID]) throws(EditRejection) {
        for start in [id] + editor.descendants(of: [id]).sorted() {
            var depth = 0
            var next = parents[start]
            while let parent = next {
                guard parent != start else { throw .containerCycle(id) }
                depth += 1
                guard depth <= WorkflowLimits.containerDepth else {
                    throw .containersTooDeep(id, limit: WorkflowLimits.containerDepth)
                }
                next = parents[parent]
            }
        }
    }
}
