import EventModel

/// Writes the formats that are a state, bare or in an envelope.
struct StateWriter {
    private let definition: WorkflowDefinition

    init(_ definition: WorkflowDefinition) { self.definition = definition }

    /// `{version, exportedAt, state}`.
    var export: JSONValue {
        var object = JSONObject([.init(key: "version", value: "1.0")])
        object["exportedAt"] = definition.metadata["exportedAt"]
        object["state"] = state
        return .object(object)
    }

    /// `{data: {version, exportedAt, workflow, state}}`; what the workflow does not say of itself is `null`.
    func apiV2(id: WorkflowID?) -> JSONValue {
        var workflow = JSONObject([.init(key: "id", value: id.map { .string($0.text) } ?? .null)])
        for field in ["name", "description", "workspaceId", "folderPath"] {
            workflow[field] = definition.metadata[field] ?? .null
        }
        var data = JSONObject([.init(key: "version", value: "1.0")])
        data["exportedAt"] = definition.metadata["exportedAt"]
        data["workflow"] = .object(workflow)
        data["state"] = state
        return ["data": .object(data)]
    }

    /// The state with the fields that the editor expects even where they say nothing: an edge's type and data.
    var state: JSONValue {
        guard case .object(var state) = definition.canonicalValue else { return definition.canonicalValue }
        state["edges"] = .array(definition.edges.map(\.editorValue))
        return .object(state)
    }

    /// Blocks and edges, with variables and fields that we do not know where there are any: old readers pass them over.
    var legacy: JSONValue {
        guard case .object(var state) = state else { return state }
        for field in ["loops", "parallels", "metadata"] { state[field] = nil }
        if definition.variables.isEmpty { state["variables"] = nil }
        return .object(state)
    }
}

extension Edge {
    fileprivate var editorValue: JSONValue {
        guard case .object(var object) = canonicalValue else { return canonicalValue }
        object["type"] = object["type"] ?? "default"
        object["data"] = object["data"] ?? [:]
        return .object(object)
    }
}
