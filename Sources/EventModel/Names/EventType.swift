/// What happened, as a stable string `<category>.<past_tense>`, for instance `workflow.imported`. Never a Swift type name.
public struct EventType: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The longest type, in bytes.
    public static let lengthLimit = 128
    private static let pastTense = NameGrammar.lowerSnake("past tense of an event type", limit: lengthLimit)

    /// The whole type.
    public let rawValue: String

    /// - Throws: ``NameFlaw`` when it is not `<category>.<past_tense>` in lower case, digits and underscores.
    public init(_ value: String) throws(NameFlaw) {
        guard !value.isEmpty else { throw .empty(what: "event type") }
        guard value.utf8.count <= Self.lengthLimit else {
            throw .tooLong(what: "event type", bytes: value.utf8.count, limit: Self.lengthLimit)
        }
        guard let dot = value.utf8.firstIndex(of: UInt8(ascii: ".")) else {
            throw .missingSeparator(what: "event type", value: value, expected: "<category>.<past_tense>")
        }
        try Category.grammar.check(value[..<dot])
        try Self.pastTense.check(value[value.utf8.index(after: dot)...])
        rawValue = value
    }

    /// For types read back from where they were checked.
    public init(trusting value: String) {
        rawValue = value
    }

    /// One sentence for people.
    public var description: String { rawValue }

    /// Byte order.
    public static func < (lhs: EventType, rhs: EventType) -> Bool { lhs.rawValue < rhs.rawValue }
}
