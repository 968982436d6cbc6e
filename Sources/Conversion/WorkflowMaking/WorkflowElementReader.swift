import EventModel
import WorkflowDomain

/// Reads blocks, edges, containers and variables back from their canonical values: exactly what was written, or nothing.
enum WorkflowElementReader {
    private static let subBlockFields: Set<String> = ["id", "type", "value"]
    private static let containerFields: Set<String> = ["id", "nodes"]
    private static let variableFields: Set<String> = ["id", "name", "type", "value"]

    /// The block that `value` is; `nil` when it lacks an id or a type.
    static func block(_ value: JSONValue) -> Block? {
        guard let object = value.object else { return nil }
        var fields = BlockFields()
        for member in object.members { fields.take(member) }
        return fields.block
    }

    fileprivate static func subBlock(_ member: JSONObject.Member) -> SubBlock {
        let fields = member.value.object ?? JSONObject()
        var extra = fields.removing(subBlockFields)
        if let id = fields["id"], id != .string(member.key) { extra["id"] = id }
        return SubBlock(
            id: ElementID(member.key), type: fields["type"]?.string, value: fields["value"] ?? .null, extra: extra)
    }

    /// The edge that `value` is; `nil` when it lacks an id or an end.
    static func edge(_ value: JSONValue) -> Edge? {
        guard let object = value.object else { return nil }
        var fields = EdgeFields()
        for member in object.members { fields.take(member) }
        return fields.edge
    }

    /// The container that `value` is; `nil` when it lacks an id.
    static func container(_ value: JSONValue) -> Container? {
        guard let object = value.object, let id = object["id"]?.string else { return nil }
        return Container(
            id: ElementID(id), nodes: (object["nodes"]?.array ?? []).compactMap(\.string).map { ElementID($0) },
            settings: object.removing(containerFields))
    }

    /// The variable that `value` is; `nil` when it lacks an id.
    static func variable(_ value: JSONValue) -> Variable? {
        guard let object = value.object, let id = object["id"]?.string, !id.isEmpty else { return nil }
        return Variable(
            id: ElementID(id), name: object["name"]?.string ?? "", type: object["type"]?.string,
            value: object["value"] ?? .null, extra: object.removing(variableFields))
    }
}

/// The members of a block as they are read, each looked at once.
private struct BlockFields {
    private var id: String?
    private var type: String?
    private var name = ""
    private var position: Position?
    private var subBlocks: [SubBlock] = []
    private var outputs = JSONObject()
    private var isEnabled = true
    private var data = JSONObject()
    private var extra = JSONObject()

    mutating func take(_ member: JSONObject.Member) {
        let value = member.value
        switch member.key {
        case "id": id = value.string
        case "type": type = value.string
        case "name": name = value.string ?? ""
        case "position":
            if let x = value["x"]?.number, let y = value["y"]?.number { position = Position(x: x, y: y) }
        case "subBlocks": subBlocks = (value.object?.members ?? []).map(WorkflowElementReader.subBlock)
        case "outputs": outputs = value.object ?? JSONObject()
        case "enabled": isEnabled = value.bool ?? true
        case "data": data = value.object ?? JSONObject()
        default: extra[member.key] = value
        }
    }

    var block: Block? {
        guard let id, !id.isEmpty, let type else { return nil }
        return Block(
            id: ElementID(id), type: type, name: name, position: position, subBlocks: subBlocks, outputs: outputs,
            isEnabled: isEnabled, data: data, extra: extra)
    }
}

/// The members of an edge as they are read, each looked at once.
private struct EdgeFields {
    private var id: String?
    private var source: String?
    private var target: String?
    private var sourceHandle: String?
    private var targetHandle: String?
    private var extra = JSONObject()

    mutating func take(_ member: JSONObject.Member) {
        switch member.key {
        case "id": id = member.value.string
        case "source": source = member.value.string
        case "target": target = member.value.string
        case "sourceHandle": sourceHandle = member.value.string
        case "targetHandle": targetHandle = member.value.string
        default: extra[member.key] = member.value
        }
    }

    var edge: Edge? {
        guard let id, !id.isEmpty, let source, let target else { return nil }
        return Edge(
            id: ElementID(id), source: ElementID(source), target: ElementID(target), sourceHandle: sourceHandle,
            targetHandle: targetHandle, extra: extra)
    }
}
