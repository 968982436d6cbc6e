/// Reads the members of a stored event's data, and says where something is not as the schema promises.
public struct PayloadReader: Sendable {
    /// The value that is read.
    public let value: JSONValue
    /// Where it is in the event's data.
    public let path: JSONPath

    /// A reader of `value`.
    public init(_ value: JSONValue, at path: JSONPath = .root) {
        self.value = value
        self.path = path
    }

    /// Whether there is a member `key` that is not `null`.
    public func has(_ key: String) -> Bool { value[key].map { !$0.isNull } ?? false }

    /// The member `key`, whatever it is.
    public func value(_ key: String) throws(EventFlaw) -> JSONValue {
        guard let member = value[key] else { throw .missing(path[key]) }
        return member
    }

    /// The member `key`; `nil` when it is missing or `null`.
    public func optionalValue(_ key: String) -> JSONValue? {
        guard let member = value[key], !member.isNull else { return nil }
        return member
    }

    /// The string `key`.
    public func text(_ key: String) throws(EventFlaw) -> String { try read(key, wanted: "a string", \.string) }

    /// The string `key`; `nil` when it is missing or `null`.
    public func optionalText(_ key: String) throws(EventFlaw) -> String? { has(key) ? try text(key) : nil }

    /// The whole number `key`.
    public func int(_ key: String) throws(EventFlaw) -> Int { try read(key, wanted: "a whole number", \.int) }

    /// The whole number `key`; `nil` when it is missing or `null`.
    public func optionalInt(_ key: String) throws(EventFlaw) -> Int? { has(key) ? try int(key) : nil }

    /// The truth value `key`.
    public func bool(_ key: String) throws(EventFlaw) -> Bool { try read(key, wanted: "true or false", \.bool) }

    /// The truth value `key`; `nil` when it is missing or `null`.
    public func optionalBool(_ key: String) throws(EventFlaw) -> Bool? { has(key) ? try bool(key) : nil }

    /// The object `key`.
    public func object(_ key: String) throws(EventFlaw) -> JSONObject { try read(key, wanted: "an object", \.object) }

    /// The object `key`; empty when it is missing or `null`.
    public func optionalObject(_ key: String) throws(EventFlaw) -> JSONObject {
        has(key) ? try object(key) : JSONObject()
    }

    /// A reader of the object `key`.
    public func nested(_ key: String) throws(EventFlaw) -> PayloadReader {
        PayloadReader(.object(try object(key)), at: path[key])
    }

    /// A reader of the object `key`; `nil` when it is missing or `null`.
    public func optionalNested(_ key: String) throws(EventFlaw) -> PayloadReader? {
        has(key) ? try nested(key) : nil
    }

    /// A reader for each element of the array `key`; none when it is missing or `null`.
    public func elements(_ key: String) throws(EventFlaw) -> [PayloadReader] {
        guard has(key) else { return [] }
        let elements = try read(key, wanted: "an array", \.array)
        return elements.enumerated().map { PayloadReader($1, at: path[key][$0]) }
    }

    /// The strings of the array `key`; none when it is missing or `null`.
    public func texts(_ key: String) throws(EventFlaw) -> [String] {
        var texts: [String] = []
        for element in try elements(key) {
            guard let text = element.value.string else {
                throw .wrongType(element.path, wanted: "a string", found: element.value.kind)
            }
            texts.append(text)
        }
        return texts
    }

    /// The strings of the array `key`, `nil` where an element is `null`; none when the array is missing or `null`.
    public func optionalTexts(_ key: String) throws(EventFlaw) -> [String?] {
        var texts: [String?] = []
        for element in try elements(key) {
            guard element.value.isNull || element.value.string != nil else {
                throw .wrongType(element.path, wanted: "a string or null", found: element.value.kind)
            }
            texts.append(element.value.string)
        }
        return texts
    }

    /// The string `key` as one of a list of stable names.
    public func choice<Choice: RawRepresentable>(_ key: String, as type: Choice.Type = Choice.self) throws(EventFlaw)
        -> Choice where Choice.RawValue == String
    {
        let text = try text(key)
        guard let choice = Choice(rawValue: text) else { throw .unexpected(path[key], value: text) }
        return choice
    }

    /// The member `key` in the form that `parse` makes of its text.
    public func parsed<Result>(_ key: String, _ parse: (String) -> Result?) throws(EventFlaw) -> Result {
        let text = try text(key)
        guard let result = parse(text) else { throw .unexpected(path[key], value: text) }
        return result
    }

    /// The digest `key`, written as 64 lower-case hexadecimal digits.
    public func digest(_ key: String) throws(EventFlaw) -> ContentDigest {
        try parsed(key, ContentDigest.init(hexadecimal:))
    }

    /// The time `key`, written as RFC 3339 says.
    public func moment(_ key: String) throws(EventFlaw) -> Timestamp { try parsed(key, Timestamp.init(rfc3339:)) }

    /// The time `key`; `nil` when it is missing or `null`.
    public func optionalMoment(_ key: String) throws(EventFlaw) -> Timestamp? { has(key) ? try moment(key) : nil }

    private func read<Result>(
        _ key: String, wanted: String, _ read: (JSONValue) -> Result?
    ) throws(EventFlaw) -> Result {
        let member = try value(key)
        guard let result = read(member) else { throw .wrongType(path[key], wanted: wanted, found: member.kind) }
        return result
    }
}
