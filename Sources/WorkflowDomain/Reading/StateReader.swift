import EventModel

/// Reads a state: `{blocks:{id:block}, edges:[…], loops, parallels, variables, metadata}`.
enum StateReader {
    static func read(_ state: JSONObject, at path: JSONPath, findings: inout Findings) -> Draft {
        var draft = Draft()
        for (key, object, place) in blocks(state, at: path, findings: &findings) {
            guard let block = ElementReader.block(object, id: key, at: place, findings: &findings) else { continue }
            draft.blocks.append(Placed(element: block, path: place))
        }
        if state["edges"] == nil { findings.problem(.missing(field: "edges"), at: path) }
        for (index, value) in findings.array(state, "edges", at: path).enumerated() {
            let place = path["edges"][index]
            guard let object = findings.object(value, at: place) else { continue }
            if let edge = ElementReader.edge(object, at: place, findings: &findings) { draft.edges.append(edge) }
        }
        ElementReader.readSurroundings(state, at: path, into: &draft, findings: &findings)
        draft.extra = state.removing(Draft.stateFields)
        return draft
    }

    /// The blocks by key; a block's own id must be its key.
    private static func blocks(
        _ state: JSONObject, at path: JSONPath, findings: inout Findings
    ) -> [(String, JSONObject, JSONPath)] {
        if state["blocks"] == nil { findings.problem(.missing(field: "blocks"), at: path) }
        var blocks: [(String, JSONObject, JSONPath)] = []
        for (key, object, place) in findings.keyedObjects(state, "blocks", at: path) {
            if let id = findings.optionalText(object, "id", at: place), ElementID(id) != ElementID(key) {
                findings.problem(.idMismatch(key: key, id: id), at: place["id"])
            }
            blocks.append((key, object, place))
        }
        return blocks
    }
}

/// Reads elements as a state has them; other formats share what they have in common with it.
enum ElementReader {
    private static let blockFields: Set<String> = [
        "id", "type", "name", "position", "subBlocks", "outputs", "enabled", "data",
    ]

    static func block(_ object: JSONObject, id: String, at path: JSONPath, findings: inout Findings) -> Block? {
        guard let type = findings.requiredText(object, "type", at: path) else { return nil }
        return Block(
            id: ElementID(id), type: type, name: name(object, id: id, at: path, findings: &findings),
            position: position(object, at: path, findings: &findings),
            subBlocks: subBlocks(object, at: path, findings: &findings),
            outputs: findings.object(object, "outputs", at: path),
            isEnabled: findings.optionalBool(object, "enabled", at: path) ?? true,
            data: findings.object(object, "data", at: path), extra: object.removing(blockFields))
    }

    static func name(_ object: JSONObject, id: String, at path: JSONPath, findings: inout Findings) -> String {
        if let name = findings.optionalText(object, "name", at: path) { return name }
        findings.warn(.missingName, at: path)
        return id
    }

    static func position(_ object: JSONObject, at path: JSONPath, findings: inout Findings) -> Position? {
        guard let value = object["position"], !value.isNull else { return nil }
        guard let x = value["x"]?.number, let y = value["y"]?.number else {
            findings.problem(
                .wrongType(wanted: "{\"x\": number, \"y\": number}", found: value.kind), at: path["position"])
            return nil
        }
        return Position(x: x, y: y)
    }

    private static func subBlocks(_ object: JSONObject, at path: JSONPath, findings: inout Findings) -> [SubBlock] {
        let place = path["subBlocks"]
        return findings.object(object, "subBlocks", at: path).members.compactMap { member in
            guard let fields = findings.object(member.value, at: place[member.key]) else { return nil }
            var extra = fields.removing(["id", "type", "value"])
            if let id = fields["id"], id != .string(member.key) {
                findings.warn(.subBlockIDMismatch(key: member.key), at: place[member.key])
                extra["id"] = id
            }
            return SubBlock(
                id: ElementID(member.key), type: findings.optionalText(fields, "type", at: place[member.key]),
                value: fields["value"] ?? .null, extra: extra)
        }
    }

    /// An edge, or a connection of the executor, which is an edge without id.
    static func edge(_ object: JSONObject, at path: JSONPath, findings: inout Findings) -> DraftEdge? {
        let source = findings.requiredText(object, "source", at: path)
        let target = findings.requiredText(object, "target", at: path)
        guard let source, let target else { return nil }
        var extra = object.removing(["id", "source", "target", "sourceHandle", "targetHandle"])
        if extra["type"] == "default" || extra["type"]?.isNull == true { extra["type"] = nil }
        if extra["data"]?.object?.isEmpty == true || extra["data"]?.isNull == true { extra["data"] = nil }
        let id = findings.optionalText(object, "id", at: path)
        return DraftEdge(
            id: id?.isEmpty == true ? nil : id, source: ElementID(source), target: ElementID(target),
            sourceHandle: findings.optionalText(object, "sourceHandle", at: path),
            targetHandle: findings.optionalText(object, "targetHandle", at: path), extra: extra, path: path)
    }

    /// Loops, parallels, variables and metadata, which most formats write alike.
    static func readSurroundings(
        _ state: JSONObject, at path: JSONPath, into draft: inout Draft, findings: inout Findings
    ) {
        draft.loops = containers(state, "loops", at: path, findings: &findings)
        draft.parallels = containers(state, "parallels", at: path, findings: &findings)
        for (key, object, place) in findings.keyedObjects(state, "variables", at: path) {
            let name = findings.optionalText(object, "name", at: place) ?? key
            let variable = Variable(
                id: ElementID(key), name: name, type: findings.optionalText(object, "type", at: place),
                value: object["value"] ?? .null, extra: object.removing(["id", "name", "type", "value"]))
            draft.variables.append(Placed(element: variable, path: place))
        }
        draft.metadata = findings.object(state, "metadata", at: path)
    }

    private static func containers(
        _ state: JSONObject, _ field: String, at path: JSONPath, findings: inout Findings
    ) -> [Placed<Container>] {
        findings.keyedObjects(state, field, at: path).map { key, object, place in
            var nodes: [ElementID] = []
            for (index, node) in findings.array(object, "nodes", at: place).enumerated() {
                if let id = node.string {
                    nodes.append(ElementID(id))
                } else {
                    findings.problem(.wrongType(wanted: "a block's id", found: node.kind), at: place["nodes"][index])
                }
            }
            let container = Container(id: ElementID(key), nodes: nodes, settings: object.removing(["id", "nodes"]))
            return Placed(element: container, path: place)
        }
    }
}
