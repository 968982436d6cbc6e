extension JSONValue {
    /// Reads one JSON text, by the rules of ``JSONDoor``.
    /// - Throws: ``JSONFlaw`` when the door refuses it.
    public init(_ bytes: UnsafeRawBufferPointer, limits: JSONLimits = .payload) throws(JSONFlaw) {
        try JSONDoor.validate(bytes, limits: limits)
        guard let start = bytes.baseAddress else { throw .empty(at: 0) }
        var reader = JSONReader(text: start.assumingMemoryBound(to: UInt8.self), end: bytes.count)
        self = reader.value()
    }

    /// Reads one JSON text, by the rules of ``JSONDoor``.
    public init(_ bytes: [UInt8], limits: JSONLimits = .payload) throws(JSONFlaw) {
        let result: Result<JSONValue, JSONFlaw> = bytes.withUnsafeBytes { buffer in
            Result { () throws(JSONFlaw) in try JSONValue(buffer, limits: limits) }
        }
        self = try result.get()
    }

    /// Reads one JSON text, by the rules of ``JSONDoor``.
    public init(text: String, limits: JSONLimits = .payload) throws(JSONFlaw) {
        try self.init(Array(text.utf8), limits: limits)
    }
}

/// Builds values from a text that the door has let in, and therefore asks no questions. It recurses at most
/// ``JSONLimits/deepest`` levels.
private struct JSONReader {
    let text: UnsafePointer<UInt8>
    let end: Int
    private var at = 0

    init(text: UnsafePointer<UInt8>, end: Int) {
        self.text = text
        self.end = end
    }

    mutating func value() -> JSONValue {
        skipWhitespace()
        switch text[at] {
        case JSONByte.quote: return .string(string())
        case JSONByte.openBrace: return .object(object())
        case JSONByte.openBracket: return .array(array())
        case UInt8(ascii: "t"): return literal(.bool(true), length: 4)
        case UInt8(ascii: "f"): return literal(.bool(false), length: 5)
        case UInt8(ascii: "n"): return literal(.null, length: 4)
        default: return .number(number())
        }
    }

    private mutating func skipWhitespace() {
        while text[at] <= JSONByte.space { at += 1 }
    }

    private mutating func literal(_ value: JSONValue, length: Int) -> JSONValue {
        at += length
        return value
    }

    private mutating func string() -> String {
        var content = JSONStringContent(text: text, openingQuote: at)
        defer { at = content.at }
        return content.remainder()
    }

    private mutating func number() -> JSONNumber {
        let first = at
        while at < end, Self.belongsToNumber(text[at]) { at += 1 }
        return JSONNumber(
            trusted: String(decoding: UnsafeBufferPointer(start: text + first, count: at - first), as: UTF8.self))
    }

    private static func belongsToNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case JSONByte.zero...JSONByte.nine, JSONByte.minus, JSONByte.plus, JSONByte.dot, UInt8(ascii: "e"),
            UInt8(ascii: "E"):
            true
        default: false
        }
    }

    /// Goes behind the opening bracket, or the comma, and answers whether there is another entry.
    private mutating func enter(closing: UInt8) -> Bool {
        if text[at] != closing { at += 1 }
        skipWhitespace()
        guard text[at] == closing else { return true }
        return false
    }

    private mutating func array() -> [JSONValue] {
        var elements: [JSONValue] = []
        while enter(closing: JSONByte.closeBracket) {
            elements.append(value())
            skipWhitespace()
        }
        at += 1
        return elements
    }

    private mutating func object() -> JSONObject {
        var members: [JSONObject.Member] = []
        var isCanonical = true
        while enter(closing: JSONByte.closeBrace) {
            let key = string()
            skipWhitespace()
            at += 1
            let value = value()
            isCanonical =
                isCanonical && value.isKnownCanonical
                && members.last.map { JSONKeyOrder.precedes($0.key, key) } != false
            members.append(JSONObject.Member(key: key, value: value))
            skipWhitespace()
        }
        at += 1
        return JSONObject(distinct: members, isKnownCanonical: isCanonical)
    }
}
