/// Why a name from outside is not one of ours.
///
/// Names are refused rather than repaired: a repaired name is a different stream.
public enum NameFlaw: Error, Equatable, Sendable, CustomStringConvertible {
    /// Nothing was given where a name is needed.
    case empty(what: String)
    /// The name has more bytes than it may.
    case tooLong(what: String, bytes: Int, limit: Int)
    /// A byte that the grammar of this name does not allow, at a zero-based offset.
    case illegalCharacter(what: String, value: String, at: Int, allowed: String)
    /// The name lacks the separator that divides its two parts.
    case missingSeparator(what: String, value: String, expected: String)

    /// One sentence for people.
    public var description: String {
        switch self {
        case .empty(let what):
            "the \(what) is empty"
        case .tooLong(let what, let bytes, let limit):
            "the \(what) has \(bytes) bytes, the limit is \(limit)"
        case .illegalCharacter(let what, let value, let at, let allowed):
            "the \(what) \(quoted(value)) has an illegal character at byte \(at); allowed are \(allowed)"
        case .missingSeparator(let what, let value, let expected):
            "the \(what) \(quoted(value)) is not of the form \(expected)"
        }
    }
}

/// Shows a hostile value on one line: control characters escaped, at most 80 characters.
private func quoted(_ value: String) -> String {
    var shown = "\""
    for scalar in value.unicodeScalars.prefix(80) {
        shown +=
            scalar.isASCII && scalar.value >= 0x20 && scalar.value != 0x7f
            ? String(scalar) : scalar.escaped(asASCII: true)
    }
    return shown + (value.unicodeScalars.count > 80 ? "…\"" : "\"")
}

/// A grammar over ASCII bytes with a length limit. Names are ASCII so that equality is the same everywhere: in Swift
/// (canonical equivalence), in PostgreSQL (bytes) and in a Kafka key (bytes).
struct NameGrammar: Sendable {
    let what: String
    let limit: Int
    let allowed: String
    let accepts: @Sendable (_ byte: UInt8, _ isFirst: Bool) -> Bool

    func check(_ value: some StringProtocol) throws(NameFlaw) {
        let bytes = value.utf8
        guard !bytes.isEmpty else { throw .empty(what: what) }
        guard bytes.count <= limit else { throw .tooLong(what: what, bytes: bytes.count, limit: limit) }
        var offset = 0
        for byte in bytes {
            guard accepts(byte, offset == 0) else {
                throw .illegalCharacter(what: what, value: String(value), at: offset, allowed: allowed)
            }
            offset += 1
        }
    }

    /// `[a-z][a-z0-9_]*`: categories and the past tense of event types.
    static func lowerSnake(_ what: String, limit: Int) -> NameGrammar {
        NameGrammar(what: what, limit: limit, allowed: "a–z, 0–9 and _, starting with a letter") { byte, isFirst in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): !isFirst
            default: false
            }
        }
    }
}
