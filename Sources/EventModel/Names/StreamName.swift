/// The name of one entity's ordered events: `<category>-<key>`.
///
/// The key is the **sync key**: everything after the first `-`. Streams of different categories with the same key belong
/// to the same execution, and travel together, in order.
public struct StreamName: Hashable, Sendable, CustomStringConvertible {
    /// The longest stream name, in bytes.
    public static let lengthLimit = 255
    static let keyGrammar = NameGrammar(
        what: "stream key", limit: lengthLimit, allowed: "printable ASCII characters"
    ) { byte, _ in byte >= 0x20 && byte < 0x7f }

    /// The whole name.
    public let rawValue: String
    /// Length of the category in bytes; the separator follows it.
    private let categoryLength: Int

    /// - Throws: ``NameFlaw`` when the name has no category, no key, or a byte that is not allowed.
    public init(_ value: String) throws(NameFlaw) {
        guard !value.isEmpty else { throw .empty(what: "stream name") }
        let bytes = value.utf8
        guard bytes.count <= Self.lengthLimit else {
            throw .tooLong(what: "stream name", bytes: bytes.count, limit: Self.lengthLimit)
        }
        guard let dash = bytes.firstIndex(of: UInt8(ascii: "-")) else {
            throw .missingSeparator(what: "stream name", value: value, expected: "<category>-<key>")
        }
        try Category.grammar.check(value[..<dash])
        try Self.keyGrammar.check(value[bytes.index(after: dash)...])
        rawValue = value
        categoryLength = bytes.distance(from: bytes.startIndex, to: dash)
    }

    /// - Throws: ``NameFlaw`` when the key is empty, too long or has a byte that is not allowed.
    public init(category: Category, key: String) throws(NameFlaw) {
        try self.init("\(category.rawValue)-\(key)")
    }

    /// For names read back from where they were checked; a name without separator counts as all category.
    public init(trusting value: String) {
        rawValue = value
        let bytes = value.utf8
        let dash = bytes.firstIndex(of: UInt8(ascii: "-")) ?? bytes.endIndex
        categoryLength = bytes.distance(from: bytes.startIndex, to: dash)
    }

    /// The part before the first `-`.
    public var category: Category {
        Category(unchecked: String(decoding: rawValue.utf8.prefix(categoryLength), as: UTF8.self))
    }

    /// The part after the first `-`: Kafka key and unit of parallelism.
    public var syncKey: String { String(decoding: rawValue.utf8.dropFirst(categoryLength + 1), as: UTF8.self) }

    /// One sentence for people.
    public var description: String { rawValue }
}
