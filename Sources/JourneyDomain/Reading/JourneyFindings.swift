import EventModel

/// What a reader has to say, and the reading of fields that gives it cause to.
struct JourneyFindings {
    private(set) var problems: [JourneyProblem] = []
    private(set) var warnings: [JourneyWarning] = []

    mutating func problem(_ kind: JourneyProblem.Kind, at path: JSONPath) {
        if problems.count < JourneyLimits.findings { problems.append(JourneyProblem(kind, at: path)) }
    }

    mutating func warn(_ kind: JourneyWarning.Kind, at path: JSONPath) {
        if warnings.count < JourneyLimits.findings { warnings.append(JourneyWarning(kind, at: path)) }
    }

    /// A text that must be there; it may be empty.
    mutating func requiredText(_ object: JSONObject, _ field: String, at path: JSONPath) -> String? {
        guard let value = object[field], !value.isNull else {
            problem(.missing(field: field), at: path)
            return nil
        }
        return text(value, at: path[field])
    }

    /// The id of an element.
    mutating func requiredID(_ object: JSONObject, _ field: String, at path: JSONPath) -> ElementID? {
        guard let text = requiredText(object, field, at: path) else { return nil }
        return checkedID(text, at: path[field]) ? ElementID(text) : nil
    }

    /// Whether an id has a length that an id may have.
    mutating func checkedID(_ text: String, at path: JSONPath) -> Bool {
        let bytes = text.utf8.count
        if bytes == 0 { problem(.emptyID, at: path) }
        if bytes > JourneyLimits.idBytes { problem(.idTooLong(bytes: bytes, limit: JourneyLimits.idBytes), at: path) }
        return (1...JourneyLimits.idBytes).contains(bytes)
    }

    /// Names every id that stands a second time.
    mutating func checkUnique(_ elements: [(id: ElementID, path: JSONPath)]) {
        var seen: [ElementID: JSONPath] = [:]
        for (id, path) in elements {
            if let first = seen[id] {
                problem(.duplicateID(id.text, first: first), at: path)
            } else {
                seen[id] = path
            }
        }
    }

    /// A text, if it is there.
    mutating func optionalText(_ object: JSONObject, _ field: String, at path: JSONPath) -> String? {
        guard let value = object[field], !value.isNull else { return nil }
        return text(value, at: path[field])
    }

    private mutating func text(_ value: JSONValue, at path: JSONPath) -> String? {
        if value.string == nil { wrongType(value, wanted: "a string", at: path) }
        return value.string
    }

    /// A whole number, if it is there.
    mutating func optionalInt(_ object: JSONObject, _ field: String, at path: JSONPath) -> Int? {
        guard let value = object[field], !value.isNull else { return nil }
        if value.int == nil { wrongType(value, wanted: "a whole number of 64 bits", at: path[field]) }
        return value.int
    }

    /// The texts of an array; none if it is not there.
    mutating func texts(
        _ object: JSONObject, _ field: String, atMost limit: Int, at path: JSONPath
    ) -> [(text: String, path: JSONPath)] {
        let values = array(object, field, at: path)
        guard values.count <= limit else {
            problem(.tooMany(what: field, count: values.count, limit: limit), at: path[field])
            return []
        }
        return values.enumerated().compactMap { index, value in
            text(value, at: path[field][index]).map { ($0, path[field][index]) }
        }
    }

    /// An object; empty if it is not there.
    mutating func object(_ parent: JSONObject, _ field: String, at path: JSONPath) -> JSONObject {
        guard let value = parent[field], !value.isNull else { return JSONObject() }
        return object(value, at: path[field]) ?? JSONObject()
    }

    /// An object.
    mutating func object(_ value: JSONValue, at path: JSONPath) -> JSONObject? {
        if value.object == nil { wrongType(value, wanted: "an object", at: path) }
        return value.object
    }

    /// An array; empty if it is not there.
    mutating func array(_ parent: JSONObject, _ field: String, at path: JSONPath) -> [JSONValue] {
        guard let value = parent[field], !value.isNull else { return [] }
        if value.array == nil { wrongType(value, wanted: "an array", at: path[field]) }
        return value.array ?? []
    }

    private mutating func wrongType(_ value: JSONValue, wanted: String, at path: JSONPath) {
        problem(.wrongType(wanted: wanted, found: value.kind), at: path)
    }
}
