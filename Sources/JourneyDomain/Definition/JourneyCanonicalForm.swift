import EventModel

extension JourneyDefinition {
    /// The canonical form as a value: `{title, description, conditions, …, root_id, nodes: {id: node}, edges: […]}` in Parlant's words.
    /// Reading it back gives an equal journey.
    public var canonicalValue: JSONValue {
        var object = extra
        object["title"] = .string(title)
        object["description"] = .string(summary)
        object["conditions"] = .array(conditions.map(JSONValue.string))
        object["labels"] = .array(labels.map(JSONValue.string))
        object["tags"] = .array(tags.map(JSONValue.string))
        object["priority"] = .number(JSONNumber(priority))
        object["composition_mode"] = compositionMode.map(JSONValue.string)
        object["root_id"] = .string(root.text)
        object["nodes"] = .object(
            JSONObject(states.map { JSONObject.Member(key: $0.id.text, value: $0.canonicalValue) }))
        object["edges"] = .array(transitions.map(\.canonicalValue))
        if !metadata.isEmpty { object["metadata"] = .object(metadata) }
        return .object(object.canonicalized)
    }

    /// The canonical form as bytes.
    public func canonicalBytes() -> [UInt8] { canonicalValue.compactBytes() }

    /// SHA-256 of the canonical form.
    public var digest: ContentDigest { ContentDigest(of: canonicalBytes()) }
}

extension JourneyState {
    /// The state as it stands in a journey, canonical.
    public var canonicalValue: JSONValue {
        var object = extra
        object["id"] = .string(id.text)
        object["kind"] = kind.map { .string($0.rawValue) }
        object["action"] = action.map(JSONValue.string)
        object["description"] = summary.map(JSONValue.string)
        if !tools.isEmpty { object["tools"] = .array(tools.map(JSONValue.string)) }
        if !labels.isEmpty { object["labels"] = .array(labels.map(JSONValue.string)) }
        object["composition_mode"] = compositionMode.map(JSONValue.string)
        if !metadata.isEmpty { object["metadata"] = .object(metadata) }
        return .object(object.canonicalized)
    }
}

extension JourneyTransition {
    /// The transition as it stands in a journey, canonical.
    public var canonicalValue: JSONValue {
        var object = extra
        object["id"] = .string(id.text)
        object["source"] = .string(source.text)
        object["target"] = .string(target.text)
        object["condition"] = condition.map(JSONValue.string)
        if !metadata.isEmpty { object["metadata"] = .object(metadata) }
        return .object(object.canonicalized)
    }
}
