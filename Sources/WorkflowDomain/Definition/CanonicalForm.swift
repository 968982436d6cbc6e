import EventModel

extension WorkflowDefinition {
    /// Fields that change without the workflow changing: times of saving, exporting and deploying, and the state of
    /// deployment. They are kept, but the digest does not see them. A position is not among them: a move is a revision.
    public static let volatileFields: Set<String> = [
        "exportedAt", "lastSaved", "lastUpdate", "updatedAt", "isDeployed", "deployedAt", "deploymentStatuses",
        "needsRedeployment",
    ]

    /// The canonical form: a Sim state (`{blocks, edges, loops, parallels, variables, metadata}`) as canonical JSON.
    /// Reading it back gives an equal definition.
    public func canonicalBytes() -> [UInt8] { canonicalValue.compactBytes() }

    /// The canonical form as a value.
    public var canonicalValue: JSONValue { .object(canonicalObject(without: [])) }

    /// SHA-256 of the canonical form without ``volatileFields``.
    public var digest: ContentDigest {
        ContentDigest(of: JSONValue.object(canonicalObject(without: Self.volatileFields)).compactBytes())
    }

    private func canonicalObject(without volatile: Set<String>) -> JSONObject {
        var state = extra.removing(volatile)
        state["blocks"] = Self.keyed(blocks) { ($0.id, $0.canonicalValue) }
        state["edges"] = .array(edges.map(\.canonicalValue))
        state["loops"] = Self.keyed(loops) { ($0.id, $0.canonicalValue) }
        state["metadata"] = .object(metadata.removing(volatile))
        state["parallels"] = Self.keyed(parallels) { ($0.id, $0.canonicalValue) }
        state["variables"] = Self.keyed(variables) { ($0.id, $0.canonicalValue) }
        return state.canonicalized
    }

    private static func keyed<Element>(
        _ elements: [Element], _ member: (Element) -> (id: ElementID, value: JSONValue)
    ) -> JSONValue {
        .object(
            JSONObject(
                elements.map {
                    let (id, value) = member($0)
                    return JSONObject.Member(key: id.text, value: value)
                }))
    }
}

// Members are set in canonical order: the object is canonical at once, unless unknown fields come in between.

extension Block {
    /// The block as it stands in a state, canonical.
    public var canonicalValue: JSONValue {
        var object = extra
        object.reserveCapacity(extra.count + 8)
        if !data.isEmpty { object["data"] = .object(data) }
        object["enabled"] = .bool(isEnabled)
        object["id"] = .string(id.text)
        object["name"] = .string(name)
        object["outputs"] = .object(outputs)
        if let position { object["position"] = position.canonicalValue }
        object["subBlocks"] = .object(
            JSONObject(subBlocks.map { JSONObject.Member(key: $0.id.text, value: $0.canonicalValue) }))
        object["type"] = .string(type)
        return .object(object.canonicalized)
    }
}

extension Position {
    fileprivate var canonicalValue: JSONValue {
        .object(JSONObject([.init(key: "x", value: .number(x)), .init(key: "y", value: .number(y))]))
    }
}

extension SubBlock {
    fileprivate var canonicalValue: JSONValue {
        var object = extra
        object.reserveCapacity(extra.count + 3)
        if object["id"] == nil { object["id"] = .string(id.text) }
        object["type"] = type.map(JSONValue.string)
        object["value"] = value
        return .object(object.canonicalized)
    }
}

extension Edge {
    /// The edge as it stands in a state, canonical.
    public var canonicalValue: JSONValue {
        var object = extra
        object.reserveCapacity(extra.count + 5)
        object["id"] = .string(id.text)
        object["source"] = .string(source.text)
        object["sourceHandle"] = sourceHandle.map(JSONValue.string)
        object["target"] = .string(target.text)
        object["targetHandle"] = targetHandle.map(JSONValue.string)
        return .object(object.canonicalized)
    }
}

extension Container {
    /// The container as it stands in a state, canonical.
    public var canonicalValue: JSONValue {
        var object = settings
        object["id"] = .string(id.text)
        object["nodes"] = .array(nodes.map { .string($0.text) })
        return .object(object.canonicalized)
    }
}

extension Variable {
    /// The variable as it stands in a state, canonical.
    public var canonicalValue: JSONValue {
        var object = extra
        object["id"] = .string(id.text)
        object["name"] = .string(name)
        object["type"] = type.map(JSONValue.string)
        object["value"] = value
        return .object(object.canonicalized)
    }
}
