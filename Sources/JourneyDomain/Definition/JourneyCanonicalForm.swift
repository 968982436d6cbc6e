import EventModel

extension JourneyDefinition {
    /// The canonical form as a value: `{title, description, conditions, …, root_id, nodes: {id: node}, edges: […]}` in Parlant's words.
    /// Reading it back gives an equal journey.
    public var canonicalValue: JSONValue {
        // Members are set in canonical order: the object is canonical at once, unless unknown fields come in between.
        var object = extra
        object["composition_mode"] = compositionMode.map(JSONValue.string)
        object["conditions"] = .array(conditions.map(JSONValue.string))
        object["description"] = .string(summary)
        object["edges"] = .array(transitions.map(\.canonicalValue))
        object["labels"] = .array(labels.map(JSONValue.string))
        if !metadata.isEmpty { object["metadata"] = .object(metadata) }
        object["nodes"] = .object(
            JSONObject(states.map { JSONObject.Member(key: $0.id.text, value: $0.canonicalValue) }))
        object["priority"] = .number(JSONNumber(priority))
        object["root_id"] = .string(root.text)
        object["tags"] = .array(tags.map(JSONValue.string))
        object["title"] = .string(title)
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
        object.reserveCapacity(extra.count + 8)
        object["action"] = action.map(JSONValue.string)
        object["composition_mode"] = compositionMode.map(JSONValue.string)
        object["description"] = summary.map(JSONValue.string)
        object["id"] = .string(id.text)
        object["kind"] = kind.map { .string($0.rawValue) }
        if !labels.isEmpty { object["labels"] = .array(labels.map(JSONValue.string)) }
        if !metadata.isEmpty { object["metadata"] = .object(metadata) }
        if !tools.isEmpty { object["tools"] = .array(tools.map(JSONValue.string)) }
        return .object(object.canonicalized)
    }
}

extension JourneyTransition {
    /// The transition as it stands in a journey, canonical.
    public var canonicalValue: JSONValue {
        var object = extra
        object.reserveCapacity(extra.count + 5)
        object["condition"] = condition.map(JSONValue.string)
        object["id"] = .string(id.text)
        if !metadata.isEmpty { object["metadata"] = .object(metadata) }
        object["source"] = .string(source.text)
        object["target"] = .string(target.text)
        return .object(object.canonicalized)
    }
}
