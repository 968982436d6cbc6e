/// All streams of one kind: the unit of subscription, and the first part of a stream name and of an event type.
public struct Category: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The longest category, in bytes.
    public static let lengthLimit = 64
    static let grammar = NameGrammar.lowerSnake("category", limit: lengthLimit)

    /// The name, `[a-z][a-z0-9_]*`.
    public let rawValue: String

    /// - Throws: ``NameFlaw`` naming the offending byte or the limit.
    public init(_ value: String) throws(NameFlaw) {
        try Self.grammar.check(value)
        rawValue = value
    }

    /// For names that were checked when they were written.
    init(unchecked value: String) {
        rawValue = value
    }

    /// One sentence for people.
    public var description: String { rawValue }

    /// Byte order.
    public static func < (lhs: Category, rhs: Category) -> Bool { lhs.rawValue < rhs.rawValue }
}
