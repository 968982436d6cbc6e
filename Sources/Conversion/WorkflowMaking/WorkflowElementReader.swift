import EventModel
import WorkflowDomain

/// Reads blocks, edges, containers and variables back from their canonical values: exactly what was written, or nothing.
enum WorkflowElementReader {
    private static let blockFields: Set<String> = [
        "id", "type", "name", "position", "subBlocks", "outputs", "enabled", "data",
    ]

    /// The block that `value` is; `nil` when it lacks an id or a type.
    static func block(_ value: JSONValue) -> Block? {
        guard let object = value.object, let id = object["id"]?.string, !id.isEmpty,
            let type = object["type"]?.string
        else { return nil }
        var position: Position?
        if let x = object["position"]?["x"]?.number, let y = object["position"]?["y"]?.number {
            position = Position(x: x, y: y)
        }
        return Block(
            id: ElementID(id), type: type, name: object["name"]?.string ?? "", position: position,
            subBlocks: (object["subBlocks"]?.object?.members ?? []).map(subBlock),
            outputs: object["outputs"]?.object ?? JSONObject(), isEnabled: object["enabled"]?.bool ?? true,
            data: object["data"]?.object ?? JSONObject(), extra: object.removing(blockFields))
    }

    private static func subBlock(_ member: JSONObject.Member) -> SubBlock {
        let fields = member.value.object ?? JSONObject()
        var extra = fields.removing(["id", "type", "value"])
        if let id = fields["id"], id != .string(member.key) { extra["id"] = id }
        return SubBlock(
            id: ElementID(member.key), type: fields["type"]?.string, value: fields["value"] ?? .null, extra: extra)
    }

    /// The edge that `value` is; `nil` when it lacks an id or an end.
    static func edge(_ value: JSONValue) -> Edge? {
        guard let object = value.object, let id = object["id"]?.string, !id.isEmpty,
            let source = object["source"]?.string, let target = object["target"]?.string
        else { return nil }
        return Edge(
            id: ElementID(id), source: ElementID(source), target: ElementID(target),
            sourceHandle: object["sourceHandle"]?.string, targetHandle: object["targetHandle"]?.string,
            extra: object.removing(["id", "source", "target", "sourceHandle", "targetHandle"]))
    }

    /// The container that `value` is; `nil` when it lacks an id.
    static func container(_ value: JSONValue) -> Container? {
        guard let object = value.object, let id = object["id"]?.string else { return nil }
        return Container(
            id: ElementID(id), nodes: (object["nodes"]?.array ?? []).compactMap(\.string).map { ElementID($0) },
            settings: object.removing(["id", "nodes"]))
    }

    /// The variable that `value` is; `nil` when it lacks an id.
    static func variable(_ value: JSONValue) -> Variable? {
        guard let object = value.object, let id = object["id"]?.string, !id.isEmpty else { return nil }
        return Variable(
            id: ElementID(id), name: object["name"]?.string ?? "", type: object["type"]?.string,
            value: object["value"] ?? .null, extra: object.removing(["id", "name", "type", "value"]))
    }
}
