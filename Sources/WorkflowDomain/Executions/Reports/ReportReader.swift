import EventModel

/// Reads the members of a foreign object and remembers which, so that the others can be kept as they came.
struct ReportReader {
    let object: JSONObject
    let path: JSONPath
    private(set) var seen: Set<String> = []

    init(_ value: JSONValue, at path: JSONPath) throws(ReportFlaw) {
        guard let object = value.object else { throw .wrongType(path, wanted: "an object", found: value.kind) }
        self.object = object
        self.path = path
    }

    /// The members that nobody has asked for; `nil` when there are none.
    var rest: JSONValue? {
        let left = object.removing(seen)
        return left.isEmpty ? nil : .object(left)
    }

    /// The member `key`; `nil` when it is missing or `null`.
    mutating func value(_ key: String) -> JSONValue? {
        seen.insert(key)
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    /// The first of the members `keys` that is there.
    mutating func first(_ keys: String...) -> (key: String, value: JSONValue)? {
        for key in keys {
            if let value = value(key) { return (key, value) }
        }
        return nil
    }

    /// A word of the engine's.
    mutating func word(_ key: String, limit: Int = ExecutionLimits.wordBytes) throws(ReportFlaw) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.string else {
            throw .wrongType(path[key], wanted: "a string", found: value.kind)
        }
        guard text.utf8.count <= limit else {
            throw .tooLong(path[key], bytes: text.utf8.count, limit: limit)
        }
        return text
    }

    mutating func requiredWord(_ key: String) throws(ReportFlaw) -> String {
        guard let word = try word(key) else { throw .missing(path[key]) }
        return word
    }

    /// An id of an element of the definition, or of a wait; the empty text is none.
    mutating func id(_ key: String) throws(ReportFlaw) -> String? {
        let text = try word(key, limit: ExecutionLimits.idBytes)
        return text?.isEmpty == true ? nil : text
    }

    /// A whole number from 0.
    mutating func ordinal(_ key: String) throws(ReportFlaw) -> Int? {
        guard let value = value(key) else { return nil }
        guard let number = value.int else {
            throw .wrongType(path[key], wanted: "a whole number", found: value.kind)
        }
        guard (0...ExecutionLimits.ordinal).contains(number) else {
            throw .outOfRange(path[key], value: number, limit: ExecutionLimits.ordinal)
        }
        return number
    }

    mutating func bool(_ key: String) throws(ReportFlaw) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let bool = value.bool else {
            throw .wrongType(path[key], wanted: "true or false", found: value.kind)
        }
        return bool
    }

    /// A time: RFC 3339, or milliseconds since 1970. The empty text is none. Of several members the first that is there.
    mutating func time(_ keys: String...) throws(ReportFlaw) -> Timestamp? {
        for key in keys {
            if let value = value(key) { return try Self.time(value, at: path[key]) }
        }
        return nil
    }

    private static func time(_ value: JSONValue, at path: JSONPath) throws(ReportFlaw) -> Timestamp? {
        if let text = value.string {
            guard !text.isEmpty else { return nil }
            guard let time = Timestamp(rfc3339: text) else { throw .badTime(path, value: text) }
            return time
        }
        guard let number = value.number else {
            throw .wrongType(path, wanted: "a time", found: value.kind)
        }
        let milliseconds = number.double.rounded(.down)
        guard abs(milliseconds) < 1e15 else { throw .badTime(path, value: number.lexeme) }
        let time = Timestamp(microseconds: Int64(milliseconds) * 1_000)
        guard time >= .earliest, time <= .latest else { throw .badTime(path, value: number.lexeme) }
        return time
    }

    mutating func nested(_ key: String) throws(ReportFlaw) -> ReportReader? {
        guard let value = value(key) else { return nil }
        return try ReportReader(value, at: path[key])
    }

    /// The object `key`; without members when it is missing or `null`.
    mutating func nestedOrEmpty(_ key: String) throws(ReportFlaw) -> ReportReader {
        try ReportReader(value(key) ?? [:], at: path[key])
    }

    mutating func elements(_ key: String, limit: Int) throws(ReportFlaw) -> [JSONValue]? {
        guard let value = value(key) else { return nil }
        guard let elements = value.array else {
            throw .wrongType(path[key], wanted: "an array", found: value.kind)
        }
        guard elements.count <= limit else { throw .tooMany(path[key], count: elements.count, limit: limit) }
        return elements
    }

    /// The id of an execution; of several members the first that is there.
    mutating func execution(_ keys: String...) throws(ReportFlaw) -> ExecutionID? {
        for key in keys {
            guard let text = try word(key) else { continue }
            guard let id = ExecutionID(text) else {
                throw .badIdentifier(path[key], value: text, allowed: ExecutionID.allowed)
            }
            return id
        }
        return nil
    }

    mutating func workflow(_ key: String) throws(ReportFlaw) -> WorkflowID? {
        guard let text = try word(key) else { return nil }
        guard let id = WorkflowID(text) else {
            throw .badIdentifier(path[key], value: text, allowed: WorkflowID.allowed)
        }
        return id
    }

    /// Moves plain members, as spelled, to the original's; what is not plain (an object, an array) stays in the rest.
    mutating func plain(_ keys: String...) -> JSONObject {
        var words = JSONObject()
        for key in keys {
            switch object[key] {
            case .string(let text) where text.utf8.count <= ExecutionLimits.wordBytes: words[key] = .string(text)
            case .number(let number) where number.lexeme.utf8.count <= 64: words[key] = .number(number)
            case .bool(let bool): words[key] = .bool(bool)
            case nil, .null, .string, .number, .array, .object: continue
            }
            seen.insert(key)
        }
        return words
    }
}
