import EventModel

extension WorkflowDefinition {
    /// The workflow as a file that Sim's editor imports: export 1.0, indented by nothing, canonical inside.
    ///
    /// - Parameter exportedAt: the time to write into it, RFC 3339.
    public func exported(at exportedAt: String) -> [UInt8] {
        let export: JSONValue = ["version": "1.0", "exportedAt": .string(exportedAt), "state": editorState]
        return export.compactBytes()
    }

    /// The state with the fields that the editor expects even where they say nothing: an edge's type and data, an
    /// input's widget.
    private var editorState: JSONValue {
        guard case .object(var state) = canonicalValue else { return canonicalValue }
        state["edges"] = .array(
            edges.map { edge in
                guard case .object(var object) = edge.canonicalValue else { return edge.canonicalValue }
                object["type"] = object["type"] ?? "default"
                object["data"] = object["data"] ?? [:]
                return .object(object)
            })
        return .object(state)
    }
}
