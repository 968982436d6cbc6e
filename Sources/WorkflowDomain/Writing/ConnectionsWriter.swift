import EventModel

/// Writes the structure of Sim's YAML: `blocks.<id>{type, name, inputs, connections, parentId}`.
///
/// It has no place for positions, outputs, ids of edges, widgets and most of what an editor knows. What it can say is said in its own words:
/// conditions as `{if, else-if, else}`, edges as connections by port. An edge whose handle has no word goes into `outgoing`.
struct ConnectionsWriter {
    private let definition: WorkflowDefinition
    private let edges: [ElementID: [Edge]]

    init(_ definition: WorkflowDefinition) {
        self.definition = definition
        edges = Dictionary(grouping: definition.edges, by: \.source)
    }

    /// The structure; without a version it is a part of a workflow.
    func value(version: String?) -> JSONValue {
        var object = JSONObject()
        object["version"] = version.map(JSONValue.string)
        for field in ["name", "description"] { object[field] = definition.metadata[field] }
        object["blocks"] = .object(
            JSONObject(definition.blocks.map { JSONObject.Member(key: $0.id.text, value: block($0)) }))
        if !definition.variables.isEmpty {
            object["variables"] = .object(
                JSONObject(definition.variables.map { .init(key: $0.id.text, value: $0.canonicalValue) }))
        }
        return .object(object)
    }

    private func block(_ block: Block) -> JSONValue {
        let connections = Connections(block, edges[block.id] ?? [])
        var object = JSONObject([
            .init(key: "type", value: .string(block.type)), .init(key: "name", value: .string(block.name)),
        ])
        if !block.isEnabled { object["enabled"] = false }
        object["parentId"] = block.parentID.map { .string($0.text) }
        let inputs = inputs(block, connections)
        if !inputs.isEmpty { object["inputs"] = .object(inputs) }
        if !connections.members.isEmpty { object["connections"] = .object(connections.members) }
        return .object(object)
    }

    private func inputs(_ block: Block, _ connections: Connections) -> JSONObject {
        guard !block.isContainer else { return block.data.removing(["parentId", "extent"]) }
        return JSONObject(
            block.subBlocks.map { subBlock in
                let rows =
                    block.type == "condition" && subBlock.id == "conditions"
                    ? ConditionRows.mapping(of: subBlock.value, block: block, connected: connections.branches) : nil
                return JSONObject.Member(key: subBlock.id.text, value: rows ?? subBlock.value)
            })
    }
}

/// The connections of one block, port by port.
private struct Connections {
    private(set) var members = JSONObject()
    /// The condition rows that are connected.
    private(set) var branches: [String] = []

    /// Ports and targets in an order of their own, so that the ids of the edges, which are not written, do not show in it.
    private static let ports = ["success", "error", "conditions", "routes", "loop", "parallel", "outgoing"]

    init(_ block: Block, _ edges: [Edge]) {
        func order(_ edge: Edge) -> (ElementID, ElementID) { (edge.target, ElementID(edge.sourceHandle ?? "")) }
        for edge in edges.sorted(by: { order($0) < order($1) }) { add(edge, of: block) }
        members = JSONObject(
            Self.ports.compactMap { port in
                members[port].map { JSONObject.Member(key: port, value: Self.ordered($0)) }
            })
        branches.sort { ConditionRows.precedes($0, $1) }
    }

    private static func ordered(_ port: JSONValue) -> JSONValue {
        guard case .object(let rows) = port else { return port }
        return .object(JSONObject(rows.members.sorted { ConditionRows.precedes($0.key, $1.key) }))
    }

    private mutating func add(_ edge: Edge, of block: Block) {
        let target = JSONValue.string(edge.target.text)
        let conditions = "\(block.id.text)-"
        switch edge.handle {
        case .success: add(target, "success")
        case .failure: add(target, "error")
        case .condition(let id) where id.hasPrefix(conditions):
            let row = String(id.utf8.dropFirst(conditions.utf8.count)) ?? id
            if !branches.contains(row) { branches.append(row) }
            add(target, row, in: "conditions")
        case .route(let id): add(target, id, in: "routes")
        case .containerStart where edge.sourceHandle == "\(block.type)-start-source":
            add(target, "start", in: block.type)
        case .containerEnd where edge.sourceHandle == "\(block.type)-end-source": add(target, "end", in: block.type)
        case .always, .condition, .containerStart, .containerEnd, .other: addOutgoing(edge)
        }
    }

    private mutating func add(_ target: JSONValue, _ port: String) {
        members[port] = Self.joined(members[port], target)
    }

    private mutating func add(_ target: JSONValue, _ port: String, in group: String) {
        var ports = members[group]?.object ?? JSONObject()
        ports[port] = Self.joined(ports[port], target)
        members[group] = .object(ports)
    }

    private mutating func addOutgoing(_ edge: Edge) {
        var object = JSONObject([.init(key: "target", value: .string(edge.target.text))])
        object["sourceHandle"] = edge.sourceHandle.map(JSONValue.string)
        members["outgoing"] = .array((members["outgoing"]?.array ?? []) + [.object(object)])
    }

    /// One target stands alone, several in a list.
    private static func joined(_ present: JSONValue?, _ target: JSONValue) -> JSONValue {
        guard let present else { return target }
        return .array((present.array ?? [present]) + [target])
    }
}

extension ConditionRows {
    /// The rows `{if: …, else: …}` that stand for the editor's JSON text; `nil` when they would not give exactly that text back.
    static func mapping(of value: JSONValue, block: Block, connected: [String]) -> JSONValue? {
        let prefix = "\(block.id.text)-"
        var rows = JSONObject()
        for branch in block.branches {
            guard branch.id.hasPrefix(prefix) else { return nil }
            rows[String(branch.id.utf8.dropFirst(prefix.utf8.count)) ?? branch.id] = .string(branch.expression)
        }
        return text(rows, block: block.id.text, connected: connected) == value ? .object(rows) : nil
    }
}
