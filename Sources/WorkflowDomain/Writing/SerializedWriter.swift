import EventModel

/// Writes the executor's form. It has no place for the widgets of inputs nor for the data of blocks that are no containers; membership
/// stands in `loops` and `parallels`.
struct SerializedWriter {
    private let definition: WorkflowDefinition

    init(_ definition: WorkflowDefinition) { self.definition = definition }

    var value: JSONValue {
        guard case .object(let state) = definition.canonicalValue else { return definition.canonicalValue }
        var object = state.removing(["edges"])
        object["version"] = object["version"] ?? "1.0"
        object["blocks"] = .array(definition.blocks.map(Self.block))
        object["connections"] = .array(definition.edges.map(Self.connection))
        return .object(object.canonicalized)
    }

    /// What the reader files under `config`, `metadata` and `inputs` goes back there.
    private static func block(_ block: Block) -> JSONValue {
        var object = block.extra.removing(["config", "metadata", "inputs"])
        object["id"] = .string(block.id.text)
        if let position = block.position { object["position"] = ["x": .number(position.x), "y": .number(position.y)] }
        var config = block.extra["config"]?.object ?? JSONObject()
        config["params"] = .object(params(block))
        object["config"] = .object(config)
        object["inputs"] = .object(block.extra["inputs"]?.object ?? JSONObject())
        object["outputs"] = .object(block.outputs)
        object["enabled"] = .bool(block.isEnabled)
        var metadata = block.extra["metadata"]?.object ?? JSONObject()
        metadata["id"] = .string(block.type)
        metadata["name"] = .string(block.name)
        object["metadata"] = .object(metadata)
        return .object(object)
    }

    private static func params(_ block: Block) -> JSONObject {
        guard !block.isContainer else { return block.data }
        return JSONObject(block.subBlocks.map { .init(key: $0.id.text, value: $0.value) })
    }

    /// An edge; its id only where it is not the one that a reader would derive.
    private static func connection(_ edge: Edge) -> JSONValue {
        guard case .object(var object) = edge.canonicalValue else { return edge.canonicalValue }
        if edge.hasDerivedID { object["id"] = nil }
        return .object(object)
    }
}

extension Edge {
    /// Whether the id is the one that an edge like this gets where the format has none.
    var hasDerivedID: Bool {
        id
            == ElementID(
                Self.derivedID(
                    source: source, target: target, sourceHandle: sourceHandle, targetHandle: targetHandle))
    }
}
