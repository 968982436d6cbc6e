import EventModel

// MARK: Removing, moving, naming

extension WorkflowEditor {
    func removal(of ids: [ElementID]) throws(EditRejection) -> WorkflowChange? {
        try Self.checkBatch(ids.count)
        var gone: Set<ElementID> = []
        for id in ids where blocks[id] != nil {
            try refuseLocked(id)
            gone.insert(id)
        }
        guard !gone.isEmpty else { return nil }
        gone.formUnion(descendants(of: gone))
        let edges = definition.edges.filter { gone.contains($0.source) || gone.contains($0.target) }
        return .blocksRemoved(gone.sorted(), edges: edges.map(\.id))
    }

    func move(_ places: [BlockPlace]) throws(EditRejection) -> WorkflowChange? {
        try Self.checkBatch(places.count)
        var moved: [ElementID: BlockPlace] = [:]
        for place in places {
            let block = try editable(place.block)
            moved[place.block] = block.position == place.position ? nil : place
        }
        guard !moved.isEmpty else { return nil }
        return .blocksMoved(moved.values.sorted { $0.block < $1.block })
    }

    func rename(_ id: ElementID, _ name: String) throws(EditRejection) -> WorkflowChange? {
        try Self.check(name: name)
        let block = try editable(id)
        return block.name.utf8.elementsEqual(name.utf8) ? nil : .blockRenamed(id, name: name)
    }

    /// Locked blocks that are only inside stay as they are.
    func enable(_ ids: [ElementID], _ isEnabled: Bool) throws(EditRejection) -> WorkflowChange? {
        try Self.checkBatch(ids.count)
        for id in ids { _ = try editable(id) }
        let wanted = Set(ids).union(descendants(of: Set(ids)).filter { blocks[$0]?.isLocked == false })
        let changed = wanted.filter { blocks[$0]?.isEnabled != isEnabled }
        return changed.isEmpty ? nil : .blocksEnabled(changed.sorted(), isEnabled)
    }

    func lock(_ ids: [ElementID], _ isLocked: Bool) throws(EditRejection) -> WorkflowChange? {
        try Self.checkBatch(ids.count)
        for id in ids { _ = try known(id) }
        let changed = Set(ids).union(descendants(of: Set(ids))).filter { blocks[$0]?.isLocked != isLocked }
        return changed.isEmpty ? nil : .blocksLocked(changed.sorted(), isLocked)
    }
}

// MARK: Settings and inputs

extension WorkflowEditor {
    /// Members of a block that edits of their own set.
    private static let ownFields: Set<String> = [
        "id", "type", "name", "position", "subBlocks", "outputs", "enabled", "data", "locked",
    ]

    func configure(_ configurations: [BlockConfiguration]) throws(EditRejection) -> WorkflowChange? {
        try Self.checkBatch(configurations.count)
        var changed: [BlockConfiguration] = []
        for configuration in configurations {
            let block = try editable(configuration.block)
            if let field = configuration.fields.keys.first(where: Self.ownFields.contains) {
                throw .illegalField(block.id, field)
            }
            let isThere = configuration.fields.members.allSatisfy { member in
                block.extra[member.key] == (member.value.isNull ? nil : member.value)
            }
            let hasModes =
                configuration.canonicalModes.map { block.data["canonicalModes"] == .object($0) } ?? true
            if !isThere || !hasModes { changed.append(configuration) }
        }
        return changed.isEmpty ? nil : .blocksConfigured(changed)
    }

    func set(_ edits: [SubBlockEdit]) throws(EditRejection) -> WorkflowChange? {
        try Self.checkBatch(edits.count)
        var changed: [SubBlockChange] = []
        for edit in edits {
            let change = edit.change
            try Self.check(id: change.subBlock)
            let block = try editable(change.block)
            let present = block.subBlocks.first { $0.id == change.subBlock }
            let hasModes = change.canonicalModes.map { block.data["canonicalModes"] == .object($0) } ?? true
            if present?.value == change.value && hasModes { continue }
            if let expected = edit.expected, present?.value ?? .null != expected, present?.value != change.value {
                throw .changedMeanwhile(change.block, subBlock: change.subBlock)
            }
            changed.append(change)
        }
        return changed.isEmpty ? nil : .subBlocksChanged(changed)
    }

    /// The block's data says the same as the container's settings, in the block's words.
    func configure(_ id: ElementID, _ wanted: JSONObject) throws(EditRejection) -> WorkflowChange? {
        let block = try editable(id)
        guard block.isContainer,
            let container = (definition.loops + definition.parallels).first(where: { $0.id == id })
        else { throw .noContainer(id) }
        var settings = wanted.removing(["id", "nodes"])
        settings["enabled"] = settings["enabled"] ?? container.settings["enabled"]
        settings = settings.canonicalized
        var data = block.data
        let words =
            block.type == "loop"
            ? [("iterations", "count"), ("forEachItems", "collection")] : [("distribution", "collection")]
        for (word, field) in words { data[field] = settings[word] ?? data[field] }
        for field in ["count", "loopType", "whileCondition", "doWhileCondition", "parallelType", "batchSize"] {
            data[field] = settings[field] ?? data[field]
        }
        data = data.canonicalized
        return settings == container.settings && data == block.data
            ? nil : .subflowChanged(id, settings: settings, data: data)
    }
}

// MARK: Variables

extension WorkflowEditor {
    func set(_ variable: Variable) throws(EditRejection) -> WorkflowChange? {
        try Self.check(id: variable.id)
        try Self.check(name: variable.name)
        return definition.variables.contains(variable) ? nil : .variableSet(variable)
    }

    func change(_ id: ElementID, _ field: String, _ value: JSONValue) throws(EditRejection) -> WorkflowChange? {
        guard let present = definition.variables.first(where: { $0.id == id }) else { throw .unknownVariable(id) }
        var (name, type, held, extra) = (present.name, present.type, present.value, present.extra)
        switch field {
        case "id": throw .illegalField(id, field)
        case "name":
            guard let text = value.string else { throw .illegalField(id, field) }
            name = text
        case "type":
            guard value.isNull || value.string != nil else { throw .illegalField(id, field) }
            type = value.string
        case "value": held = value
        default: extra[field] = value.isNull ? nil : value
        }
        return try set(Variable(id: id, name: name, type: type, value: held, extra: extra))
    }
}
