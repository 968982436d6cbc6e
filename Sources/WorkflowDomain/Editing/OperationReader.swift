import EventModel

/// Reads the payload of one operation over one definition.
struct OperationReader {
    let operation: CollaborativeOperation
    let definition: WorkflowDefinition

    func flaw(_ reason: CollaborativeFlaw.Reason) -> CollaborativeFlaw { CollaborativeFlaw(reason, operation.value) }

    var unknown: CollaborativeFlaw {
        flaw(.unknown(target: operation.target.rawValue, operation: operation.operation))
    }

    /// The payload, to be read member by member.
    var payload: OperationMembers { OperationMembers(operation.payload, at: .root["payload"], of: operation) }

    // MARK: Edges

    func edges() throws(CollaborativeFlaw) -> WorkflowDecider.Command? {
        switch (operation.target, operation.operation) {
        case (.edge, "add"): return .edit(.addEdges([try payload.edge()]))
        case (.edge, "remove"): return .edit(.removeEdges([try payload.id("id")]))
        case (.edges, "batch-add-edges"):
            var edges: [Edge] = []
            for row in try payload.rows("edges") { edges.append(try row.edge()) }
            return edges.isEmpty ? nil : .edit(.addEdges(edges))
        case (.edges, "batch-remove-edges"):
            let ids = try payload.ids("ids")
            return ids.isEmpty ? nil : .edit(.removeEdges(ids))
        default: throw unknown
        }
    }

    // MARK: Inputs

    func subBlocks() throws(CollaborativeFlaw) -> WorkflowDecider.Command? {
        switch operation.operation {
        case "subblock-update": return .edit(.setSubBlocks([try subBlock(payload)]))
        case "subblock-update-with-canonical-modes":
            return .edit(.setSubBlocks([try subBlock(payload, modes: try payload.object("canonicalModes"))]))
        case "subblock-batch-update":
            var edits: [SubBlockEdit] = []
            for row in try payload.rows("updates") { edits.append(try subBlock(row)) }
            return edits.isEmpty ? nil : .edit(.setSubBlocks(edits))
        default: throw unknown
        }
    }

    private func subBlock(
        _ row: OperationMembers, modes: JSONObject? = nil
    ) throws(CollaborativeFlaw) -> SubBlockEdit {
        SubBlockEdit(
            SubBlockChange(
                try row.id("blockId"), try row.id("subblockId"), value: row["value"] ?? .null, canonicalModes: modes),
            expecting: row["expectedValue"])
    }

    // MARK: Loops, parallels, variables

    func subflow() throws(CollaborativeFlaw) -> WorkflowDecider.Command? {
        guard operation.operation == "update" else { throw unknown }
        return .edit(.configureSubflow(try payload.id("id"), settings: try payload.object("config")))
    }

    func variable() throws(CollaborativeFlaw) -> WorkflowDecider.Command? {
        switch operation.operation {
        case "add":
            let variable = Variable(
                id: try payload.id("id"), name: try payload.text("name"), type: try payload.optionalText("type"),
                value: payload["value"] ?? "",
                extra: operation.payload.removing(["id", "name", "type", "value"]))
            return .edit(.setVariable(variable))
        case "remove": return .edit(.removeVariable(try payload.id("variableId")))
        case "variable-update":
            return .edit(
                .changeVariable(
                    try payload.id("variableId"), field: try payload.text("field"), value: payload["value"] ?? .null))
        default: throw unknown
        }
    }

    // MARK: The whole

    /// The state that replaces ours. What the editor's state does not speak of, name and variables, stays.
    func workflow() throws(CollaborativeFlaw) -> WorkflowDecider.Command? {
        guard operation.operation == "replace-state" else { throw unknown }
        let state = try payload.object("state")
        let wanted: WorkflowDefinition
        do throws(WorkflowFormatError) {
            wanted = try WorkflowDefinition(canonicalState: state)
        } catch {
            guard case .problems(let problems, _) = error else { throw unknown }
            throw flaw(.elements(problems))
        }
        return .replaceState(
            WorkflowDefinition(
                blocks: wanted.blocks, edges: wanted.edges, loops: wanted.loops, parallels: wanted.parallels,
                variables: state["variables"] == nil ? definition.variables : wanted.variables,
                metadata: state["metadata"] == nil ? definition.metadata : wanted.metadata,
                extra: definition.extra.merging(wanted.extra)))
    }
}

extension JSONObject {
    fileprivate func merging(_ other: JSONObject) -> JSONObject { JSONObject(members + other.members) }
}

/// The members of an operation's payload, or of a row in it; what is wrong is said with its place.
struct OperationMembers {
    let object: JSONObject
    let path: JSONPath
    private let operation: CollaborativeOperation

    init(_ object: JSONObject, at path: JSONPath, of operation: CollaborativeOperation) {
        self.object = object
        self.path = path
        self.operation = operation
    }

    private func flaw(_ reason: CollaborativeFlaw.Reason) -> CollaborativeFlaw {
        CollaborativeFlaw(reason, operation.value)
    }

    subscript(_ key: String) -> JSONValue? { object[key] }

    /// The member `key` as `read` understands it.
    func required<Result>(
        _ key: String, _ wanted: String, _ read: (JSONValue) -> Result?
    ) throws(CollaborativeFlaw) -> Result {
        guard let member = object[key] else { throw flaw(.missing(path[key])) }
        guard let result = read(member) else {
            throw flaw(.wrongType(path[key], wanted: wanted, found: member.kind))
        }
        return result
    }

    func text(_ key: String) throws(CollaborativeFlaw) -> String { try required(key, "a string", \.string) }

    func optionalText(_ key: String) throws(CollaborativeFlaw) -> String? {
        guard let member = object[key], !member.isNull else { return nil }
        return try text(key)
    }

    func id(_ key: String) throws(CollaborativeFlaw) -> ElementID { ElementID(try text(key)) }

    func object(_ key: String) throws(CollaborativeFlaw) -> JSONObject { try required(key, "an object", \.object) }

    func ids(_ key: String) throws(CollaborativeFlaw) -> [ElementID] {
        try required(key, "a list of strings") { member in
            guard let elements = member.array else { return nil }
            let ids = elements.compactMap(\.string).map { ElementID($0) }
            return ids.count == elements.count ? ids : nil
        }
    }

    func position(_ key: String) throws(CollaborativeFlaw) -> Position {
        try required(key, "{\"x\": number, \"y\": number}") { member in
            guard let x = member["x"]?.number, let y = member["y"]?.number else { return nil }
            return Position(x: x, y: y)
        }
    }

    /// The objects in the list `key`; none when it is not there.
    func rows(_ key: String) throws(CollaborativeFlaw) -> [OperationMembers] {
        guard let member = object[key], !member.isNull else { return [] }
        let elements = try required(key, "a list", \.array)
        var rows: [OperationMembers] = []
        for (index, element) in elements.enumerated() {
            guard let row = element.object else {
                throw flaw(.wrongType(path[key][index], wanted: "an object", found: element.kind))
            }
            rows.append(OperationMembers(row, at: path[key][index], of: operation))
        }
        return rows
    }

    /// The edge that these members are; its id is required, as the editor makes it.
    func edge() throws(CollaborativeFlaw) -> Edge {
        let id = try id("id")
        var findings = Findings()
        guard let draft = ElementReader.edge(object, at: path, findings: &findings), findings.problems.isEmpty else {
            throw flaw(.elements(findings.problems))
        }
        return Edge(
            id: id, source: draft.source, target: draft.target, sourceHandle: draft.sourceHandle,
            targetHandle: draft.targetHandle, extra: draft.extra)
    }
}
