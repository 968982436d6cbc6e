import EventModel

/// The elements of a workflow as a reader found them, each with its place in the file, before they are put together.
struct Draft {
    /// The fields of a state that are elements; all others are kept as they are.
    static let stateFields: Set<String> = ["blocks", "edges", "loops", "parallels", "variables", "metadata"]

    var blocks: [Placed<Block>] = []
    var edges: [DraftEdge] = []
    var loops: [Placed<Container>] = []
    var parallels: [Placed<Container>] = []
    var variables: [Placed<Variable>] = []
    var metadata = JSONObject()
    var extra = JSONObject()
}

/// An element and where it was found.
struct Placed<Element> {
    let element: Element
    let path: JSONPath
}

/// An edge that may still lack an id.
struct DraftEdge {
    var id: String?
    let source: ElementID
    let target: ElementID
    var sourceHandle: String?
    var targetHandle: String?
    var extra = JSONObject()
    let path: JSONPath
}

/// What readers have to say, and the reading of fields that gives them cause to.
struct Findings {
    private(set) var problems: [WorkflowProblem] = []
    private(set) var warnings: [WorkflowWarning] = []

    mutating func problem(_ kind: WorkflowProblem.Kind, at path: JSONPath) {
        if problems.count < WorkflowLimits.findings { problems.append(WorkflowProblem(kind, at: path)) }
    }

    mutating func warn(_ kind: WorkflowWarning.Kind, at path: JSONPath) {
        if warnings.count < WorkflowLimits.findings { warnings.append(WorkflowWarning(kind, at: path)) }
    }

    /// A text that must be there and not empty.
    mutating func requiredText(_ object: JSONObject, _ field: String, at path: JSONPath) -> String? {
        guard let value = object[field], !value.isNull else {
            problem(.missing(field: field), at: path)
            return nil
        }
        guard let text = text(value, at: path[field]) else { return nil }
        guard !text.isEmpty else {
            problem(.emptyText(field: field), at: path[field])
            return nil
        }
        return text
    }

    /// A text, if it is there.
    mutating func optionalText(_ object: JSONObject, _ field: String, at path: JSONPath) -> String? {
        guard let value = object[field], !value.isNull else { return nil }
        return text(value, at: path[field])
    }

    private mutating func text(_ value: JSONValue, at path: JSONPath) -> String? {
        guard let text = value.string else {
            problem(.wrongType(wanted: "a string", found: value.kind), at: path)
            return nil
        }
        return text
    }

    /// A truth value, if it is there.
    mutating func optionalBool(_ object: JSONObject, _ field: String, at path: JSONPath) -> Bool? {
        guard let value = object[field], !value.isNull else { return nil }
        if value.bool == nil { problem(.wrongType(wanted: "true or false", found: value.kind), at: path[field]) }
        return value.bool
    }

    /// An object; empty if it is not there.
    mutating func object(_ parent: JSONObject, _ field: String, at path: JSONPath) -> JSONObject {
        guard let value = parent[field], !value.isNull else { return JSONObject() }
        return object(value, at: path[field]) ?? JSONObject()
    }

    /// An object.
    mutating func object(_ value: JSONValue, at path: JSONPath) -> JSONObject? {
        if value.object == nil { problem(.wrongType(wanted: "an object", found: value.kind), at: path) }
        return value.object
    }

    /// An array; empty if it is not there.
    mutating func array(_ parent: JSONObject, _ field: String, at path: JSONPath) -> [JSONValue] {
        guard let value = parent[field], !value.isNull else { return [] }
        if value.array == nil { problem(.wrongType(wanted: "an array", found: value.kind), at: path[field]) }
        return value.array ?? []
    }

    /// Objects that are filed under their ids, or listed with them, as `(id, object, place)`.
    mutating func keyedObjects(
        _ parent: JSONObject, _ field: String, at path: JSONPath
    ) -> [(id: String, object: JSONObject, path: JSONPath)] {
        guard case .array(let listed)? = parent[field] else {
            return object(parent, field, at: path).members.compactMap { member in
                object(member.value, at: path[field][member.key]).map { (member.key, $0, path[field][member.key]) }
            }
        }
        return listed.enumerated().compactMap { index, value in
            let place = path[field][index]
            guard let object = object(value, at: place), let id = requiredText(object, "id", at: place) else {
                return nil
            }
            return (id, object, place)
        }
    }
}
