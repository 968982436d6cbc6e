import EventModel

/// Reads the executor's form: `blocks[]` with `config` and `metadata`, and `connections[]` instead of edges.
///
/// The type is `metadata.id`, the inputs are `config.params` (for a container, its `data`). What the executor adds
/// (`config.tool`, declared `inputs`, the rest of `metadata`) is kept in ``Block/extra`` under its own name. Membership in
/// containers stands only in `loops` and `parallels` and is written back to the members.
enum SerializedReader {
    private static let topFields = Draft.stateFields.union(["connections", "version"])
    private static let blockFields: Set<String> = [
        "id", "position", "config", "inputs", "outputs", "metadata", "enabled",
    ]

    static func read(_ top: JSONObject, findings: inout Findings) -> Draft {
        var draft = Draft()
        ElementReader.readSurroundings(top, at: .root, into: &draft, findings: &findings)
        let parents = parents(of: draft)
        for (index, value) in findings.array(top, "blocks", at: .root).enumerated() {
            let place = JSONPath.root["blocks"][index]
            guard let object = findings.object(value, at: place) else { continue }
            guard let block = block(object, parents: parents, at: place, findings: &findings) else { continue }
            draft.blocks.append(Placed(element: block, path: place))
        }
        if top["connections"] == nil { findings.problem(.missing(field: "connections"), at: .root) }
        for (index, value) in findings.array(top, "connections", at: .root).enumerated() {
            let place = JSONPath.root["connections"][index]
            guard let object = findings.object(value, at: place) else { continue }
            if let edge = ElementReader.edge(object, at: place, findings: &findings) { draft.edges.append(edge) }
        }
        draft.extra = top.removing(topFields)
        return draft
    }

    private static func parents(of draft: Draft) -> [ElementID: ElementID] {
        var parents: [ElementID: ElementID] = [:]
        for container in draft.loops + draft.parallels {
            for node in container.element.nodes where parents[node] == nil && node != container.element.id {
                parents[node] = container.element.id
            }
        }
        return parents
    }

    private static func block(
        _ object: JSONObject, parents: [ElementID: ElementID], at path: JSONPath, findings: inout Findings
    ) -> Block? {
        let id = findings.requiredText(object, "id", at: path)
        let metadata = findings.object(object, "metadata", at: path)
        guard metadata["id"] != nil else {
            findings.problem(.missingMetadata, at: path["metadata"])
            return nil
        }
        let type = findings.requiredText(metadata, "id", at: path["metadata"])
        guard let id, let type else { return nil }
        let config = findings.object(object, "config", at: path)
        let params = findings.object(config, "params", at: path["config"])
        let isContainer = type == "loop" || type == "parallel"
        var data = isContainer ? params : JSONObject()
        if data["parentId"] == nil, let parent = parents[ElementID(id)] {
            data["parentId"] = .string(parent.text)
            data["extent"] = "parent"
        }
        return Block(
            id: ElementID(id), type: type,
            name: ElementReader.name(metadata, id: id, at: path["metadata"], findings: &findings),
            position: ElementReader.position(object, at: path, findings: &findings),
            subBlocks: isContainer ? [] : subBlocks(params), outputs: findings.object(object, "outputs", at: path),
            isEnabled: findings.optionalBool(object, "enabled", at: path) ?? true, data: data,
            extra: extra(object, config: config, metadata: metadata))
    }

    private static func subBlocks(_ params: JSONObject) -> [SubBlock] {
        params.members.map { SubBlock(id: ElementID($0.key), type: nil, value: $0.value) }
    }

    private static func extra(_ object: JSONObject, config: JSONObject, metadata: JSONObject) -> JSONObject {
        var extra = object.removing(blockFields)
        let parts = [
            ("config", config.removing(["params"])), ("metadata", metadata.removing(["id", "name"])),
            ("inputs", object["inputs"]?.object ?? JSONObject()),
        ]
        for (field, rest) in parts where !rest.isEmpty { extra[field] = .object(rest) }
        return extra
    }
}
