import EventModel

extension WorkflowDefinition {
    /// The definition after a change. Total: what does not fit (a block that is not there, an edge that is) is passed over.
    public func applying(_ change: WorkflowChange) -> WorkflowDefinition {
        var parts = DefinitionParts(self)
        parts.apply(change)
        return parts.definition
    }
}

/// A definition taken apart while it is changed.
private struct DefinitionParts {
    var blocks: [Block]
    var edges: [Edge]
    var loops: [Container]
    var parallels: [Container]
    var variables: [Variable]
    var metadata: JSONObject
    let extra: JSONObject

    init(_ definition: WorkflowDefinition) {
        blocks = definition.blocks
        edges = definition.edges
        loops = definition.loops
        parallels = definition.parallels
        variables = definition.variables
        metadata = definition.metadata
        extra = definition.extra
    }

    var definition: WorkflowDefinition {
        WorkflowDefinition(
            blocks: blocks, edges: edges, loops: loops, parallels: parallels, variables: variables, metadata: metadata,
            extra: extra)
    }

    mutating func apply(_ change: WorkflowChange) {
        switch change {
        case .renamed(let name): metadata["name"] = .string(name)
        case .blocksAdded(let part): add(part)
        case .blocksRemoved(let ids, let edgeIDs): remove(Set(ids), edges: Set(edgeIDs))
        case .blocksMoved(let places):
            let positions = Self.keyed(places.map { ($0.block, $0.position) })
            self.change(Set(positions.keys)) { block in block.position = positions[block.id] ?? block.position }
        case .blockRenamed(let id, let name): self.change([id]) { $0.name = name }
        case .blocksEnabled(let ids, let isEnabled): enable(Set(ids), isEnabled)
        case .blocksLocked(let ids, let isLocked):
            self.change(Set(ids)) { $0.extra["locked"] = isLocked ? true : nil }
        case .blocksReparented(let moves, let edgeIDs): reparent(moves, removing: Set(edgeIDs))
        case .blocksConfigured(let configurations):
            for configuration in configurations { self.change([configuration.block]) { $0.configure(configuration) } }
        case .subBlocksChanged(let changes): set(changes)
        case .edgesAdded(let added): add(added)
        case .edgesRemoved(let ids):
            let gone = Set(ids)
            edges.removeAll { gone.contains($0.id) }
        case .subflowChanged(let id, let settings, let data): configure(id, settings, data)
        case .variableSet(let variable):
            variables.removeAll { $0.id == variable.id }
            variables.append(variable)
        case .variableRemoved(let id): variables.removeAll { $0.id == id }
        }
    }

    private mutating func change(_ ids: Set<ElementID>, _ body: (inout BlockParts) -> Void) {
        for index in blocks.indices where ids.contains(blocks[index].id) {
            var parts = BlockParts(blocks[index])
            body(&parts)
            blocks[index] = parts.block
        }
    }

    private static func keyed<Value>(_ pairs: [(ElementID, Value)]) -> [ElementID: Value] {
        Dictionary(pairs, uniquingKeysWith: { _, last in last })
    }
}

// MARK: Blocks and edges

extension DefinitionParts {
    private mutating func add(_ part: WorkflowPart) {
        let present = Set(blocks.map(\.id))
        let added = part.blocks.filter { !present.contains($0.id) }
        blocks += added
        add(part.edges)
        let listed = Set((loops + parallels).map(\.id))
        loops += part.loops.filter { !listed.contains($0.id) }
        parallels += part.parallels.filter { !listed.contains($0.id) }
        refreshMembers(of: Set(added.compactMap(\.parentID) + added.filter(\.isContainer).map(\.id)))
    }

    private mutating func add(_ added: [Edge]) {
        var present = Set(edges.map(\.id))
        for edge in added where present.insert(edge.id).inserted { edges.append(edge) }
    }

    private mutating func remove(_ ids: Set<ElementID>, edges edgeIDs: Set<ElementID>) {
        let parents = blocks.filter { ids.contains($0.id) }.compactMap(\.parentID)
        blocks.removeAll { ids.contains($0.id) }
        edges.removeAll { edgeIDs.contains($0.id) }
        loops.removeAll { ids.contains($0.id) }
        parallels.removeAll { ids.contains($0.id) }
        refreshMembers(of: Set(parents))
    }

    private mutating func enable(_ ids: Set<ElementID>, _ isEnabled: Bool) {
        change(ids) { $0.isEnabled = isEnabled }
        changeContainers(ids) { $0["enabled"] = .bool(isEnabled) }
    }

    private mutating func reparent(_ moves: [BlockReparenting], removing edgeIDs: Set<ElementID>) {
        let wanted = Self.keyed(moves.map { ($0.block, $0) })
        let before = blocks.filter { wanted[$0.id] != nil }.compactMap(\.parentID)
        change(Set(wanted.keys)) { block in
            guard let move = wanted[block.id] else { return }
            block.data["parentId"] = move.parent.map { .string($0.text) }
            block.data["extent"] = move.parent == nil ? nil : "parent"
            block.position = move.position ?? block.position
        }
        edges.removeAll { edgeIDs.contains($0.id) }
        refreshMembers(of: Set(before + moves.compactMap(\.parent)))
    }

    private mutating func set(_ changes: [SubBlockChange]) {
        let wanted = Dictionary(grouping: changes, by: \.block)
        change(Set(wanted.keys)) { block in
            for change in wanted[block.id] ?? [] {
                block.set(change.subBlock, change.value)
                if let modes = change.canonicalModes { block.data["canonicalModes"] = .object(modes) }
            }
        }
    }
}

// MARK: Containers

extension DefinitionParts {
    private mutating func configure(_ id: ElementID, _ settings: JSONObject, _ data: JSONObject) {
        change([id]) { $0.data = data }
        changeContainers([id]) { $0 = settings }
    }

    private mutating func changeContainers(_ ids: Set<ElementID>, _ body: (inout JSONObject) -> Void) {
        func changed(_ container: Container) -> Container {
            guard ids.contains(container.id) else { return container }
            var settings = container.settings
            body(&settings)
            return Container(id: container.id, nodes: container.nodes, settings: settings)
        }
        loops = loops.map(changed)
        parallels = parallels.map(changed)
    }

    /// Membership follows the blocks: who has the container as its parent is in it.
    private mutating func refreshMembers(of ids: Set<ElementID>) {
        guard !ids.isEmpty else { return }
        var members: [ElementID: [ElementID]] = [:]
        for block in blocks {
            if let parent = block.parentID, ids.contains(parent) { members[parent, default: []].append(block.id) }
        }
        func refreshed(_ container: Container) -> Container {
            guard ids.contains(container.id) else { return container }
            return Container(id: container.id, nodes: members[container.id] ?? [], settings: container.settings)
        }
        loops = loops.map(refreshed)
        parallels = parallels.map(refreshed)
    }
}

/// A block taken apart while it is changed.
private struct BlockParts {
    let id: ElementID
    let type: String
    var name: String
    var position: Position?
    var subBlocks: [SubBlock]
    let outputs: JSONObject
    var isEnabled: Bool
    var data: JSONObject
    var extra: JSONObject

    init(_ block: Block) {
        id = block.id
        type = block.type
        name = block.name
        position = block.position
        subBlocks = block.subBlocks
        outputs = block.outputs
        isEnabled = block.isEnabled
        data = block.data
        extra = block.extra
    }

    var block: Block {
        Block(
            id: id, type: type, name: name, position: position, subBlocks: subBlocks, outputs: outputs,
            isEnabled: isEnabled, data: data, extra: extra)
    }

    mutating func set(_ id: ElementID, _ value: JSONValue) {
        guard let index = subBlocks.firstIndex(where: { $0.id == id }) else {
            // As the editor's server does when nobody has told it the widget.
            subBlocks.append(SubBlock(id: id, type: "unknown", value: value))
            return
        }
        let present = subBlocks[index]
        subBlocks[index] = SubBlock(id: id, type: present.type, value: value, extra: present.extra)
    }

    mutating func configure(_ configuration: BlockConfiguration) {
        for member in configuration.fields.members { extra[member.key] = member.value.isNull ? nil : member.value }
        if let modes = configuration.canonicalModes { data["canonicalModes"] = .object(modes) }
    }
}
