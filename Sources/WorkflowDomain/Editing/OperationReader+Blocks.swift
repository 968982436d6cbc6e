import EventModel

extension OperationReader {
    /// Operations on one block.
    func block() throws(CollaborativeFlaw) -> WorkflowDecider.Command? {
        let id = try payload.id("id")
        switch operation.operation {
        case "update-position":
            // While somebody drags a block its place is shown to others; it counts when it is dropped.
            guard payload["commit"]?.bool == true else { return nil }
            return .edit(.moveBlocks([BlockPlace(id, at: try payload.position("position"))]))
        case "update-name": return .edit(.renameBlock(id, name: try payload.text("name")))
        case "toggle-enabled":
            let wanted = payload["enabled"]?.bool ?? !(definition.block(id)?.isEnabled ?? false)
            return .edit(.enableBlocks([id], wanted))
        case "update-parent": return .edit(.reparentBlocks([try reparenting(payload)]))
        case "replace-canonical-modes": return .edit(try canonicalModes(of: id))
        default: return .edit(.configureBlocks([try configuration(of: id)]))
        }
    }

    private func configuration(of id: ElementID) throws(CollaborativeFlaw) -> BlockConfiguration {
        switch operation.operation {
        case "update-advanced-mode": return try flag("advancedMode", of: id)
        case "update-trigger-mode": return try flag("triggerMode", of: id)
        case "update-error-enabled": return try flag("errorEnabled", of: id)
        case "toggle-handles": return try flag("horizontalHandles", of: id)
        case "update-retry":
            return BlockConfiguration(
                id, fields: JSONObject([.init(key: "retry", value: .object(try payload.object("retry")))]))
        case "update-canonical-mode":
            var modes = definition.block(id)?.data["canonicalModes"]?.object ?? JSONObject()
            modes[try payload.text("canonicalId")] = .string(try payload.text("canonicalMode"))
            return BlockConfiguration(id, canonicalModes: modes)
        default: throw unknown
        }
    }

    /// The modes, and the inputs that were reordered together with them, if they come along.
    private func canonicalModes(of id: ElementID) throws(CollaborativeFlaw) -> WorkflowEdit {
        let data = OperationMembers(try payload.object("data"), at: payload.path["data"], of: operation)
        let modes = try data.object("canonicalModes")
        guard let inputs = payload["subBlocks"]?.object, !inputs.isEmpty else {
            return .configureBlocks([BlockConfiguration(id, canonicalModes: modes)])
        }
        return .setSubBlocks(
            inputs.members.map { member in
                SubBlockEdit(
                    SubBlockChange(
                        id, ElementID(member.key), value: member.value["value"] ?? .null, canonicalModes: modes))
            })
    }

    private func flag(_ field: String, of id: ElementID) throws(CollaborativeFlaw) -> BlockConfiguration {
        let isSet = try payload.required(field, "true or false", \.bool)
        return BlockConfiguration(id, fields: JSONObject([.init(key: field, value: .bool(isSet))]))
    }

    /// No container is spelled `null`, nothing, or an empty text.
    private func reparenting(_ row: OperationMembers) throws(CollaborativeFlaw) -> BlockReparenting {
        let parent = try row.optionalText("parentId")
        return BlockReparenting(
            try row.id("id"), into: parent?.isEmpty == false ? parent.map { ElementID($0) } : nil,
            at: row["position"].map(\.isNull) == false ? try row.position("position") : nil)
    }
}

extension OperationReader {
    /// Operations on several blocks.
    func blocks() throws(CollaborativeFlaw) -> WorkflowDecider.Command? {
        switch operation.operation {
        case "batch-update-positions":
            var places: [BlockPlace] = []
            for row in try payload.rows("updates") {
                places.append(BlockPlace(try row.id("id"), at: try row.position("position")))
            }
            return places.isEmpty ? nil : .edit(.moveBlocks(places))
        case "batch-add-blocks":
            let part = try part()
            return part.blocks.isEmpty && part.edges.isEmpty ? nil : .edit(.addBlocks(part))
        case "batch-remove-blocks":
            let ids = try payload.ids("ids")
            return ids.isEmpty ? nil : .edit(.removeBlocks(ids))
        case "batch-toggle-enabled":
            return try toggled(\.isEnabled).map { ids, wanted in .edit(.enableBlocks(ids, wanted)) }
        case "batch-toggle-locked":
            return try toggled(\.isLocked, sparesNone: true).map { ids, wanted in .edit(.lockBlocks(ids, wanted)) }
        case "batch-toggle-handles": return try toggledHandles()
        case "batch-update-parent":
            var moves: [BlockReparenting] = []
            for row in try payload.rows("updates") { moves.append(try reparenting(row)) }
            return moves.isEmpty ? nil : .edit(.reparentBlocks(moves))
        default: throw unknown
        }
    }

    /// All of them become the opposite of what the first one was; a lock leaves its block out of it, except when locks themselves are meant.
    private func toggled(
        _ present: (Block) -> Bool, sparesNone: Bool = false
    ) throws(CollaborativeFlaw) -> (ids: [ElementID], wanted: Bool)? {
        let ids = try payload.ids("blockIds")
        guard let first = ids.first(where: { sparesNone || definition.block($0)?.isLocked != true }) ?? ids.first
        else { return nil }
        return (ids, !(before(first, present) ?? false))
    }

    private func before(_ id: ElementID, _ present: (Block) -> Bool) -> Bool? {
        payload["previousStates"]?[id.text]?.bool ?? definition.block(id).map(present)
    }

    /// Each of them becomes the opposite of what it was.
    private func toggledHandles() throws(CollaborativeFlaw) -> WorkflowDecider.Command? {
        let configurations = try payload.ids("blockIds").map { id in
            let isHorizontal = before(id) { $0.extra["horizontalHandles"]?.bool ?? true } ?? true
            return BlockConfiguration(
                id, fields: JSONObject([.init(key: "horizontalHandles", value: .bool(!isHorizontal))]))
        }
        return configurations.isEmpty ? nil : .edit(.configureBlocks(configurations))
    }

    private func part() throws(CollaborativeFlaw) -> WorkflowPart {
        var findings = Findings()
        var blocks: [Block] = []
        for row in try payload.rows("blocks") {
            let id = try row.text("id")
            let merged = merging(payload["subBlockValues"]?[id]?.object, into: row.object)
            if let block = ElementReader.block(merged, id: id, at: row.path, findings: &findings) {
                blocks.append(block)
            }
        }
        var edges: [Edge] = []
        for row in try payload.rows("edges") { edges.append(try row.edge()) }
        var draft = Draft()
        ElementReader.readSurroundings(
            operation.payload.removing(["variables", "metadata"]), at: payload.path, into: &draft, findings: &findings)
        guard findings.problems.isEmpty else { throw flaw(.elements(findings.problems)) }
        return WorkflowPart(
            blocks: blocks, edges: edges, loops: draft.loops.map(\.element), parallels: draft.parallels.map(\.element))
    }

    /// Values that the editor sends beside the blocks.
    private func merging(_ values: JSONObject?, into block: JSONObject) -> JSONObject {
        guard let values, !values.isEmpty else { return block }
        var subBlocks = block["subBlocks"]?.object ?? JSONObject()
        for member in values.members {
            var subBlock =
                subBlocks[member.key]?.object
                ?? JSONObject([
                    .init(key: "id", value: .string(member.key)), .init(key: "type", value: "short-input"),
                ])
            subBlock["value"] = member.value
            subBlocks[member.key] = .object(subBlock)
        }
        var merged = block
        merged["subBlocks"] = .object(subBlocks)
        return merged
    }
}
