/// Why the door refused a text, and at which byte (counted from 0).
public enum JSONFlaw: Error, Equatable, Sendable {
    /// There is no value, at most white space.
    case empty(at: Int)
    /// The text is larger than allowed.
    case tooLarge(bytes: Int, limit: Int)
    /// The text begins with a UTF-8 byte order mark.
    case byteOrderMark
    /// A byte that cannot stand here.
    case unexpected(UInt8, wanted: Wanted, at: Int)
    /// The text ends in the middle of something.
    case unexpectedEnd(wanted: Wanted, at: Int)
    /// Something other than white space follows the value.
    case trailing(UInt8, at: Int)
    /// A raw control character (below U+0020) inside a string.
    case controlCharacter(UInt8, at: Int)
    /// Bytes that are not UTF-8: overlong, a surrogate, beyond U+10FFFF, or cut off.
    case malformedUTF8(at: Int)
    /// A backslash followed by something that JSON does not know.
    case unknownEscape(UInt8, at: Int)
    /// `\u0000`, which PostgreSQL's text cannot hold.
    case nulEscape(at: Int)
    /// Half of a surrogate pair, or a pair in the wrong order.
    case loneSurrogate(at: Int)
    /// A number that PostgreSQL's `numeric` cannot hold.
    case numberOutOfRange(at: Int)
    /// One object names `key` twice; the offset is that of the later one.
    case duplicateKey(String, at: Int)
    /// An array or object opens below the allowed depth.
    case tooDeep(limit: Int, at: Int)

    /// What the grammar allowed at the place where something else was found.
    public enum Wanted: String, Equatable, Sendable {
        /// Any value.
        case value = "a value"
        /// An object's key.
        case key = "a key in double quotes"
        /// The colon behind a key.
        case colon = "\":\""
        /// A comma, or the end of the array.
        case commaOrBracket = "\",\" or \"]\""
        /// A comma, or the end of the object.
        case commaOrBrace = "\",\" or \"}\""
        /// `true`, `false` or `null`, spelled out.
        case literal = "true, false or null"
        /// A digit of a number.
        case digit = "a digit"
        /// The end of a number.
        case endOfNumber = "the end of the number"
        /// Four hexadecimal digits.
        case hexDigit = "a hexadecimal digit"
        /// The end of a string.
        case quote = "a closing quote"
    }

    /// The byte where the flaw was found, counted from 0.
    public var offset: Int {
        switch self {
        case .byteOrderMark: 0
        case .tooLarge(_, let limit): limit
        case .empty(let at), .unexpected(_, _, let at), .unexpectedEnd(_, let at), .trailing(_, let at),
            .controlCharacter(_, let at), .malformedUTF8(let at), .unknownEscape(_, let at), .nulEscape(let at),
            .loneSurrogate(let at), .numberOutOfRange(let at), .duplicateKey(_, let at), .tooDeep(_, let at):
            at
        }
    }
}

extension JSONFlaw: CustomStringConvertible {
    /// One sentence for a person, without the payload's content except a duplicate key's name.
    public var description: String {
        switch self {
        case .empty: "there is no JSON value"
        case .tooLarge(let bytes, let limit): "\(bytes) bytes of JSON are more than the limit of \(limit)"
        case .byteOrderMark: "the text begins with a byte order mark; save it as UTF-8 without one"
        case .unexpected(let byte, let wanted, let at):
            "found \(Self.name(of: byte)) instead of \(wanted.rawValue) at byte \(at)"
        case .unexpectedEnd(let wanted, let at): "the text ends at byte \(at) where \(wanted.rawValue) is missing"
        case .trailing(let byte, let at): "found \(Self.name(of: byte)) behind the end of the value at byte \(at)"
        case .controlCharacter(let byte, let at):
            "raw control character \(Self.name(of: byte)) in a string at byte \(at)"
        case .malformedUTF8(let at): "the bytes are not UTF-8 at byte \(at)"
        case .unknownEscape(let byte, let at): "unknown escape \\\(Self.name(of: byte)) at byte \(at)"
        case .nulEscape(let at): "\\u0000 at byte \(at) cannot be stored"
        case .loneSurrogate(let at): "half of a surrogate pair at byte \(at)"
        case .numberOutOfRange(let at): "the number at byte \(at) is outside the range of numeric"
        case .duplicateKey(let key, let at): "duplicate key \"\(key)\" at byte \(at)"
        case .tooDeep(let limit, let at): "nested deeper than \(limit) levels at byte \(at)"
        }
    }

    private static func name(of byte: UInt8) -> String {
        guard byte > 0x20, byte < 0x7F else { return "byte 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16) }
        return "\"" + String(UnicodeScalar(byte)) + "\""
    }
}
