import EventModel

/// Reads the members of an inbound object and says where something is not as the schema asks.
struct ReportMembers {
    let object: JSONObject
    let path: JSONPath

    init(_ value: JSONValue, at path: JSONPath) throws(ReportFlaw) {
        guard let object = value.object else { throw .wrongType(path, wanted: "an object", found: value.kind) }
        self.object = object
        self.path = path
    }

    /// The member `key`; `nil` when it is missing or `null`.
    subscript(_ key: String) -> JSONValue? {
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    /// A text of 1 to ``SessionLimits/nameBytes`` bytes.
    func name(_ key: String) throws(ReportFlaw) -> String {
        guard let name = try optionalName(key) else { throw .missing(path[key]) }
        return name
    }

    /// A text of 1 to ``SessionLimits/nameBytes`` bytes; `nil` when it is missing or `null`.
    func optionalName(_ key: String) throws(ReportFlaw) -> String? {
        guard let value = self[key] else { return nil }
        guard let text = value.string, !text.isEmpty else {
            throw .wrongType(path[key], wanted: "a text", found: value.string == nil ? value.kind : "empty")
        }
        guard text.utf8.count <= SessionLimits.nameBytes else {
            throw .tooLong(path[key], bytes: text.utf8.count, limit: SessionLimits.nameBytes)
        }
        return text
    }

    /// A name that can be the key of a stream.
    func streamKey(_ key: String) throws(ReportFlaw) -> String {
        let name = try name(key)
        guard Self.isStreamKey(name) else { throw .illegalID(path[key]) }
        return name
    }

    /// Whether a text can be the key of a stream, and part of a subject.
    static func isStreamKey(_ text: String) -> Bool {
        (1...SessionLimits.streamKeyBytes).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
    }

    /// An offset from 0 to ``SessionLimits/offset``.
    func offset(_ key: String) throws(ReportFlaw) -> Int {
        guard let offset = try optionalOffset(key) else { throw .missing(path[key]) }
        return offset
    }

    /// An offset from 0 to ``SessionLimits/offset``; `nil` when it is missing or `null`.
    func optionalOffset(_ key: String) throws(ReportFlaw) -> Int? {
        guard let value = self[key] else { return nil }
        guard let number = value.number else {
            throw .wrongType(path[key], wanted: "a whole number", found: value.kind)
        }
        guard let offset = number.int, (0...SessionLimits.offset).contains(offset) else {
            throw .outOfRange(path[key], value: number.lexeme)
        }
        return offset
    }

    /// A truth value; `false` when it is missing or `null`.
    func flag(_ key: String) throws(ReportFlaw) -> Bool {
        guard let value = self[key] else { return false }
        guard let flag = value.bool else { throw .wrongType(path[key], wanted: "true or false", found: value.kind) }
        return flag
    }

    /// A moment; `nil` when it is missing or `null`.
    func moment(_ key: String) throws(ReportFlaw) -> Timestamp? {
        guard let text = try optionalName(key) else { return nil }
        guard let moment = Timestamp(rfc3339: text) else { throw .outOfRange(path[key], value: text) }
        return moment
    }

    /// The elements of an array; none when it is missing or `null`.
    func elements(_ key: String, limit: Int) throws(ReportFlaw) -> [(value: JSONValue, path: JSONPath)] {
        guard let value = self[key] else { return [] }
        guard let elements = value.array else { throw .wrongType(path[key], wanted: "an array", found: value.kind) }
        guard elements.count <= limit else { throw .tooMany(path[key], count: elements.count, limit: limit) }
        return elements.enumerated().map { ($1, path[key][$0]) }
    }

    /// The object `key`; `nil` when it is missing or `null`.
    func nested(_ key: String) throws(ReportFlaw) -> ReportMembers? {
        guard let value = self[key] else { return nil }
        return try ReportMembers(value, at: path[key])
    }

    /// Refuses members that are not among `known`.
    func allow(only known: Set<String>) throws(ReportFlaw) {
        for key in object.keys where !known.contains(key) { throw .unknownMember(path[key]) }
    }

    /// The members that are not among `known`; `nil` when there are none.
    func rest(without known: Set<String>) -> JSONValue? { object.removing(known).nonEmpty }
}

extension JSONObject {
    /// This object as a value; `nil` when it has no members.
    var nonEmpty: JSONValue? { isEmpty ? nil : .object(self) }
}
