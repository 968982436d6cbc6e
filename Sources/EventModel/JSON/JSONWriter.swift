/// Writes compact JSON, without intermediate values.
///
/// Commas come by themselves; brackets and keys are the caller's duty, so what is written is JSON if the calls are
/// paired. Strings are escaped minimally: quote, backslash and control characters, all else as it is.
public struct JSONWriter: ~Copyable {
    private var written: ByteRoom
    private var needsComma = false

    /// A writer with room for `capacity` bytes, which grows.
    public init(capacity: Int = 256) { written = ByteRoom(capacity: capacity) }

    /// What has been written so far.
    public var bytes: [UInt8] { written.withBytes { Array($0) } }

    /// How many bytes have been written so far.
    public var count: Int { written.count }

    /// Hands out what has been written so far, and forgets it; what follows goes on behind it.
    mutating func takeOff(_ body: (UnsafeRawBufferPointer) -> Void) {
        written.withBytes { body(UnsafeRawBufferPointer($0)) }
        written.forget()
    }

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
        quoted(key)
        written.append(JSONByte.colon)
        needsComma = false
    }

    /// Writes a key that needs no escaping: printable ASCII without quote and backslash. The fast way.
    public mutating func key(_ key: StaticString) {
        separate()
        written.append(JSONByte.quote)
        written.append(UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
        written.append(JSONByte.quote)
        written.append(JSONByte.colon)
        needsComma = false
    }

    /// Writes a string value.
    public mutating func string(_ string: String) {
        quoted(string)
        needsComma = true
    }

    /// Writes a whole number.
    public mutating func int(_ value: some FixedWidthInteger) {
        separate()
        if value < 0 { written.append(JSONByte.minus) }
        // The digits come from behind: at most 39 of 128 bits.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 40) { digits in
            var rest = value.magnitude
            var first = digits.count
            repeat {
                first -= 1
                digits[first] = JSONByte.zero + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            written.append(UnsafeBufferPointer(rebasing: digits[first...]))
        }
        needsComma = true
    }

    /// Writes a number as it is spelled.
    public mutating func number(_ number: JSONNumber) {
        let lexeme = number.lexeme.utf8
        if lexeme.withContiguousStorageIfAvailable({ raw($0) }) == nil { raw(Array(lexeme)) }
    }
    /// Writes `true` or `false`.
    public mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }
    /// Writes `null`.
    public mutating func null() { literal("null") }

    /// Writes bytes that are one complete JSON value already.
    public mutating func raw(_ json: [UInt8]) { json.withUnsafeBufferPointer { raw($0) } }

    /// Writes bytes that are one complete JSON value already.
    public mutating func raw(_ json: UnsafeRawBufferPointer) { json.withMemoryRebound(to: UInt8.self) { raw($0) } }

    private mutating func raw(_ json: UnsafeBufferPointer<UInt8>) {
        separate()
        written.append(json)
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
        written.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        written.append(bracket)
        needsComma = true
    }

    @inline(__always)
    private mutating func separate() {
        if needsComma { written.append(JSONByte.comma) }
    }

    private mutating func literal(_ literal: StaticString) {
        separate()
        written.append(UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
        needsComma = true
    }
}

extension JSONWriter {
    @inline(__always)
    private mutating func quoted(_ text: String) {
        separate()
        guard text.utf8.withContiguousStorageIfAvailable({ quoted($0) }) == nil else { return }
        var text = text
        text.withUTF8 { quoted($0) }
    }

    /// Appends a string, copying the plain runs whole. Nearly always it is one.
    private mutating func quoted(_ content: UnsafeBufferPointer<UInt8>) {
        written.append(JSONByte.quote)
        var copied = 0
        while true {
            let special = Self.firstEscaped(in: content, from: copied)
            written.append(UnsafeBufferPointer(rebasing: content[copied..<special]))
            guard special < content.count else { break }
            appendEscape(of: content[special])
            copied = special + 1
        }
        written.append(JSONByte.quote)
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
        written.append(JSONByte.backslash)
        switch byte {
        case JSONByte.quote, JSONByte.backslash: written.append(byte)
        case 0x08: written.append(UInt8(ascii: "b"))
        case 0x09: written.append(UInt8(ascii: "t"))
        case 0x0A: written.append(UInt8(ascii: "n"))
        case 0x0C: written.append(UInt8(ascii: "f"))
        case 0x0D: written.append(UInt8(ascii: "r"))
        default:
            written.append(UInt8(ascii: "u"))
            written.append(JSONByte.zero)
            written.append(JSONByte.zero)
            written.append(JSONByte.zero + byte >> 4)
            let low = byte & 0xF
            written.append(low < 10 ? JSONByte.zero + low : UInt8(ascii: "a") + low - 10)
        }
    }
}

extension UInt8 {
    fileprivate var needsEscape: Bool { self < 0x20 || self == JSONByte.quote || self == JSONByte.backslash }
}
