/// Writes compact JSON into a growing array of bytes, without intermediate values.
///
/// Commas come by themselves; brackets and keys are the caller's duty, so what is written is JSON if the calls are
/// paired. Strings are escaped minimally: quote, backslash and control characters, all else as it is.
public struct JSONWriter: Sendable {
    /// What has been written so far.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// A writer with room for `capacity` bytes.
    public init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    /// Begins an object.
    public mutating func beginObject() { begin(JSONByte.openBrace) }
    /// Ends the object begun last.
    public mutating func endObject() { end(JSONByte.closeBrace) }
    /// Begins an array.
    public mutating func beginArray() { begin(JSONByte.openBracket) }
    /// Ends the array begun last.
    public mutating func endArray() { end(JSONByte.closeBracket) }

    /// Writes an object around what `body` writes.
    @inlinable
    public mutating func object<E>(_ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
        beginObject()
        try body(&self)
        endObject()
    }

    /// Writes an array around what `body` writes.
    @inlinable
    public mutating func array<E>(_ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
        beginArray()
        try body(&self)
        endArray()
    }

    /// Writes a key; its value must follow.
    public mutating func key(_ key: String) {
        string(key)
        bytes.append(JSONByte.colon)
        needsComma = false
    }

    /// Writes a key that needs no escaping: printable ASCII without quote and backslash. The fast way.
    public mutating func key(_ key: StaticString) {
        separate()
        bytes.append(JSONByte.quote)
        bytes.append(contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
        bytes.append(JSONByte.quote)
        bytes.append(JSONByte.colon)
        needsComma = false
    }

    /// Writes a string value.
    public mutating func string(_ string: String) {
        separate()
        bytes.append(JSONByte.quote)
        if string.utf8.withContiguousStorageIfAvailable({ escape($0) }) == nil {
            var string = string
            string.withUTF8 { escape($0) }
        }
        bytes.append(JSONByte.quote)
        needsComma = true
    }

    /// Writes a whole number.
    public mutating func int(_ value: some FixedWidthInteger) {
        separate()
        if value < 0 { bytes.append(JSONByte.minus) }
        var rest = value.magnitude
        let first = bytes.count
        repeat {
            bytes.append(JSONByte.zero + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[first...].reverse()
        needsComma = true
    }

    /// Writes a number as it is spelled.
    public mutating func number(_ number: JSONNumber) {
        if number.lexeme.utf8.withContiguousStorageIfAvailable({ raw($0) }) == nil { raw(number.lexeme.utf8) }
    }
    /// Writes `true` or `false`.
    public mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }
    /// Writes `null`.
    public mutating func null() { literal("null") }

    /// Writes bytes that are one complete JSON value already.
    public mutating func raw(_ json: some Sequence<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    /// Writes a value with its members in their order and its numbers as spelled.
    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .number(let value): number(value)
        case .string(let value): string(value)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let object):
            beginObject()
            for member in object.members {
                key(member.key)
                self.value(member.value)
            }
            endObject()
        }
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    @inline(__always)
    private mutating func separate() {
        if needsComma { bytes.append(JSONByte.comma) }
    }

    private mutating func literal(_ literal: StaticString) {
        separate()
        bytes.append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
        needsComma = true
    }
}

extension JSONWriter {
    /// Appends string content, copying the plain runs whole.
    private mutating func escape(_ content: UnsafeBufferPointer<UInt8>) {
        var copied = 0
        while true {
            let special = Self.firstEscaped(in: content, from: copied)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: content[copied..<special]))
            guard special < content.count else { return }
            appendEscape(of: content[special])
            copied = special + 1
        }
    }

    /// The first byte from `start` on that cannot stand for itself, else the end; eight bytes at a time while there are as many.
    private static func firstEscaped(in content: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let raw = UnsafeRawBufferPointer(content)
        var index = start
        while index + 8 <= raw.count {
            let escaped = escaped(in: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
            guard escaped == 0 else { return index + escaped.trailingZeroBitCount >> 3 }
            index += 8
        }
        while index < raw.count && !raw[index].needsEscape { index += 1 }
        return index
    }

    /// The top bit of every byte that is a quote, a backslash or a control character. Exact up to and including the first
    /// such byte (borrows may set bits above it), which is all that is asked.
    @inline(__always)
    private static func escaped(in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* 0x22)
        let backslashes = word ^ (ones &* 0x5C)
        return ((quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes | (word &- ones &* 0x20) & ~word)
            & (ones &* 0x80)
    }

    private mutating func appendEscape(of byte: UInt8) {
        bytes.append(JSONByte.backslash)
        switch byte {
        case JSONByte.quote, JSONByte.backslash: bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            bytes.append(contentsOf: [UInt8(ascii: "u"), JSONByte.zero, JSONByte.zero])
            bytes.append(JSONByte.zero + byte >> 4)
            let low = byte & 0xF
            bytes.append(low < 10 ? JSONByte.zero + low : UInt8(ascii: "a") + low - 10)
        }
    }
}

extension UInt8 {
    fileprivate var needsEscape: Bool { self < 0x20 || self == JSONByte.quote || self == JSONByte.backslash }
}
