/// The tenant that a stream belongs to. Every port and contract carries it.
public struct Workspace: Hashable, Sendable, CustomStringConvertible {
    /// The longest workspace name, in bytes.
    public static let lengthLimit = 64
    /// The workspace of everything that names none.
    public static let `default` = Workspace(unchecked: "default")

    static let grammar = NameGrammar(
        what: "workspace", limit: lengthLimit, allowed: "letters, digits, _, - and ., starting with a letter or digit"
    ) { byte, isFirst in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): !isFirst
        default: false
        }
    }

    /// The name as it is stored.
    public let rawValue: String

    /// - Throws: ``NameFlaw`` naming the offending byte or the limit.
    public init(_ value: String) throws(NameFlaw) {
        try Self.grammar.check(value)
        rawValue = value
    }

    init(unchecked value: String) {
        rawValue = value
    }

    /// One sentence for people.
    public var description: String { rawValue }
}
