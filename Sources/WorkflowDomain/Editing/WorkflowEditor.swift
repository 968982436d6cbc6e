import EventModel

/// The editor's rules: what an edit comes to in a definition, or why it is refused.
struct WorkflowEditor {
    let definition: WorkflowDefinition
    let blocks: [ElementID: Block]

    init(_ definition: WorkflowDefinition) {
        self.definition = definition
        blocks = Dictionary(definition.blocks.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// What the edit comes to.
    /// - Returns: `nil` when there is nothing left to do.
    func change(for edit: WorkflowEdit) throws(EditRejection) -> WorkflowChange? {
        switch sparingLocked(edit) {
        case .addBlocks(let part): try PartAddition(self).change(adding: part)
        case .removeBlocks(let ids): try removal(of: ids)
        case .moveBlocks(let places): try move(places)
        case .renameBlock(let id, let name): try rename(id, name)
        case .enableBlocks(let ids, let isEnabled): try enable(ids, isEnabled)
        case .lockBlocks(let ids, let isLocked): try lock(ids, isLocked)
        case .reparentBlocks(let moves): try Reparenting(self).change(moves)
        case .configureBlocks(let configurations): try configure(configurations)
        case .setSubBlocks(let edits): try set(edits)
        case .addEdges(let edges): try edgesAdded(edges)
        case .removeEdges(let ids): try edgesRemoved(ids)
        case .configureSubflow(let id, let settings): try configure(id, settings)
        case .setVariable(let variable): try set(variable)
        case .changeVariable(let id, let field, let value): try change(id, field, value)
        case .removeVariable(let id):
            definition.variables.contains { $0.id == id } ? .variableRemoved(id) : nil
        }
    }
}

// MARK: Rules that several edits share

extension WorkflowEditor {
    func known(_ id: ElementID) throws(EditRejection) -> Block {
        guard let block = blocks[id] else { throw .unknownBlock(id) }
        return block
    }

    /// The containers around a block, the innermost first; a circle, which an import would refuse, ends it.
    func ancestors(of id: ElementID) -> [ElementID] {
        var chain: [ElementID] = []
        var next = blocks[id]?.parentID
        while let parent = next, chain.count <= WorkflowLimits.containerDepth {
            chain.append(parent)
            next = blocks[parent]?.parentID
        }
        return chain
    }

    func refuseLocked(_ id: ElementID) throws(EditRejection) {
        for candidate in [id] + ancestors(of: id) where blocks[candidate]?.isLocked == true { throw .locked(candidate) }
    }

    /// A block that is there and may be edited.
    func editable(_ id: ElementID) throws(EditRejection) -> Block {
        let block = try known(id)
        try refuseLocked(id)
        return block
    }

    /// What is inside of the blocks, at any depth.
    func descendants(of ids: Set<ElementID>) -> Set<ElementID> {
        var children: [ElementID: [ElementID]] = [:]
        for block in definition.blocks {
            if let parent = block.parentID { children[parent, default: []].append(block.id) }
        }
        var found: Set<ElementID> = []
        var open = Array(ids)
        while let id = open.popLast() {
            for child in children[id] ?? [] where !ids.contains(child) && found.insert(child).inserted {
                open.append(child)
            }
        }
        return found
    }

    static func checkBatch(_ count: Int) throws(EditRejection) {
        guard count <= WorkflowLimits.batch else { throw .batchTooLarge(count: count, limit: WorkflowLimits.batch) }
    }

    static func check(id: ElementID) throws(EditRejection) {
        let bytes = id.text.utf8.count
        guard (1...WorkflowLimits.idBytes).contains(bytes) else {
            throw .illegalID(bytes: bytes, limit: WorkflowLimits.idBytes)
        }
    }

    static func check(name: String) throws(EditRejection) {
        let bytes = name.utf8.count
        guard (1...WorkflowLimits.nameBytes).contains(bytes) else {
            throw .illegalName(bytes: bytes, limit: WorkflowLimits.nameBytes)
        }
    }
}

extension Block {
    /// Whether it is protected from edits.
    public var isLocked: Bool { extra["locked"]?.bool == true }
}
