/// One pass over a JSON text: a cursor, the open containers, and nothing else.
///
/// It is a loop rather than a recursion, so its memory does not depend on the input, and it never looks at a byte
/// behind `end`.
struct JSONScanner {
    let start: UnsafePointer<UInt8>
    let end: Int
    /// For each open container, what its parent was: the parent's first key in the key table, and in the top bit
    /// whether the parent is an object. Room for ``JSONLimits/deepest`` entries, owned by the caller.
    private let frames: UnsafeMutablePointer<UInt32>
    private let depthLimit: Int
    private var depth = 0
    private var inObject = false
    private var firstKey = 0
    var at = 0

    init(start: UnsafePointer<UInt8>, end: Int, frames: UnsafeMutablePointer<UInt32>, depthLimit: Int) {
        self.start = start
        self.end = end
        self.frames = frames
        self.depthLimit = depthLimit
    }

    /// Checks one value with white space around it, to the end of the text.
    mutating func scanDocument(keys: inout JSONKeyTable) throws(JSONFlaw) {
        skipWhitespace()
        guard at < end else { throw .empty(at: at) }
        if at == 0, end >= 3, start[0] == 0xEF, start[1] == 0xBB, start[2] == 0xBF { throw .byteOrderMark }
        var opened = try scanValue(keys: keys)
        while depth > 0 {
            opened = try scanStep(afterOpening: opened, keys: &keys)
        }
        skipWhitespace()
        guard at == end else { throw .trailing(start[at], at: at) }
    }

    /// Closes the current container, or scans its next element or member.
    /// - Returns: whether a container has been opened.
    @inline(__always)
    private mutating func scanStep(
        afterOpening opened: Bool,
        keys: inout JSONKeyTable
    ) throws(JSONFlaw) -> Bool {
        skipWhitespace()
        guard at < end else { throw .unexpectedEnd(wanted: separator, at: at) }
        if start[at] == (inObject ? JSONByte.closeBrace : JSONByte.closeBracket) {
            at += 1
            try close(keys: &keys)
            return false
        }
        if !opened {
            guard start[at] == JSONByte.comma else { throw .unexpected(start[at], wanted: separator, at: at) }
            at += 1
            skipWhitespace()
        }
        if inObject { try scanKeyAndColon(keys: &keys) }
        return try scanValue(keys: keys)
    }

    private var separator: JSONFlaw.Wanted { inObject ? .commaOrBrace : .commaOrBracket }

    /// Scans a scalar, or opens a container.
    /// - Returns: whether a container has been opened.
    @inline(__always)
    private mutating func scanValue(keys: borrowing JSONKeyTable) throws(JSONFlaw) -> Bool {
        guard at < end else { throw .unexpectedEnd(wanted: .value, at: at) }
        let byte = start[at]
        switch byte {
        case JSONByte.quote: try scanString()
        case JSONByte.openBrace, JSONByte.openBracket:
            try open(object: byte == JSONByte.openBrace, keyCount: keys.count)
            return true
        case JSONByte.minus, JSONByte.zero...JSONByte.nine: try scanNumber()
        case UInt8(ascii: "t"): try scanLiteral("true")
        case UInt8(ascii: "f"): try scanLiteral("false")
        case UInt8(ascii: "n"): try scanLiteral("null")
        default: throw .unexpected(byte, wanted: .value, at: at)
        }
        return false
    }

    private mutating func open(object: Bool, keyCount: Int) throws(JSONFlaw) {
        guard depth < depthLimit else { throw .tooDeep(limit: depthLimit, at: at) }
        frames[depth] = UInt32(truncatingIfNeeded: firstKey) | (inObject ? 1 << 31 : 0)
        depth += 1
        inObject = object
        firstKey = keyCount
        at += 1
    }

    private mutating func close(keys: inout JSONKeyTable) throws(JSONFlaw) {
        if inObject { try keys.closeObject(firstKey: firstKey) }
        depth -= 1
        inObject = frames[depth] >> 31 == 1
        firstKey = Int(frames[depth] & (1 << 31 - 1))
    }

    @inline(__always)
    private mutating func scanKeyAndColon(keys: inout JSONKeyTable) throws(JSONFlaw) {
        guard at < end else { throw .unexpectedEnd(wanted: .key, at: at) }
        guard start[at] == JSONByte.quote else { throw .unexpected(start[at], wanted: .key, at: at) }
        let key = at
        keys.append(hash: try scanKey(), at: key)
        skipWhitespace()
        guard at < end else { throw .unexpectedEnd(wanted: .colon, at: at) }
        guard start[at] == JSONByte.colon else { throw .unexpected(start[at], wanted: .colon, at: at) }
        at += 1
        skipWhitespace()
    }

    @inline(__always)
    mutating func skipWhitespace() {
        while at < end, start[at] <= JSONByte.space {
            switch start[at] {
            case JSONByte.space, 0x09, 0x0A, 0x0D: at += 1
            default: return
            }
        }
    }

    private mutating func scanLiteral(_ literal: StaticString) throws(JSONFlaw) {
        for index in 0..<literal.utf8CodeUnitCount {
            guard at + index < end else { throw .unexpectedEnd(wanted: .literal, at: end) }
            guard start[at + index] == literal.utf8Start[index] else {
                throw .unexpected(start[at + index], wanted: .literal, at: at + index)
            }
        }
        at += literal.utf8CodeUnitCount
    }
}

/// The bytes with a meaning in JSON's grammar.
enum JSONByte {
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")
    static let comma = UInt8(ascii: ",")
    static let colon = UInt8(ascii: ":")
    static let space = UInt8(ascii: " ")
    static let minus = UInt8(ascii: "-")
    static let plus = UInt8(ascii: "+")
    static let dot = UInt8(ascii: ".")
    static let zero = UInt8(ascii: "0")
    static let nine = UInt8(ascii: "9")
}
