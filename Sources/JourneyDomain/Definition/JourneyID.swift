import EventModel

/// The id of a journey, in Parlant and in our log: the key of its stream `journey-<id>`.
public struct JourneyID: Hashable, Sendable, CustomStringConvertible {
    /// The longest id, in bytes.
    public static let lengthLimit = 200
    /// What an id may contain, in words.
    public static let allowed = "1 to 200 letters, digits, \"-\", \"_\", \".\" and \":\" (ASCII)"
    /// Bytes of a title that go into the id derived from it.
    private static let slugLimit = 64

    /// The id.
    public let text: String

    /// The id `text`.
    /// - Returns: `nil` when it cannot be the key of a stream; ``allowed`` says what can.
    public init?(_ text: String) {
        guard (1...Self.lengthLimit).contains(text.utf8.count) else { return nil }
        guard text.utf8.allSatisfy({ Self.isAlphanumeric($0) || "-_.:".utf8.contains($0) }) else { return nil }
        self.text = text
    }

    /// The id.
    public var description: String { text }

    /// The id of a journey that has none of its own: its title in lower-case ASCII letters and digits, everything else as `-`.
    /// Where that loses letters, eight hexadecimal digits of the title's SHA-256 follow, so that different titles keep different ids.
    /// - Returns: `nil` for an empty title.
    public static func derived(fromTitle title: String) -> JourneyID? {
        guard !title.isEmpty else { return nil }
        let letters = title.utf8.map { isAlphanumeric($0) ? $0 | 0x20 : UInt8(ascii: "-") }
        let words = Array(letters.split(separator: UInt8(ascii: "-")).joined(separator: [UInt8(ascii: "-")]))
        let slug = String(decoding: words.prefix(slugLimit), as: UTF8.self)
        let isWhole = title.utf8.allSatisfy { $0 < 0x80 } && words.count <= slugLimit && !slug.isEmpty
        guard !isWhole else { return JourneyID(slug) }
        return JourneyID(
            (slug.isEmpty ? "journey" : slug) + "-" + ContentDigest(of: Array(title.utf8)).hexadecimal.prefix(8))
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

/// Where a journey's id came from.
public enum JourneyIDOrigin: String, Sendable, Equatable {
    /// The caller chose it.
    case chosen
    /// The file holds it.
    case file
    /// It is derived from the journey's title.
    case title
    /// It is derived from the file's base name.
    case fileName = "file_name"
}
