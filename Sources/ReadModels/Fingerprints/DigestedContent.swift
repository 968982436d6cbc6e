import EventModel
import FoundationEssentials

/// Values written one after the other so that no two different sequences are the same bytes: each with a tag and its length.
struct DigestedContent {
    /// Digits of a short digest: 64 bits, enough to notice a change that nobody made on purpose.
    private static let shortLength = 16

    private var bytes: [UInt8] = []

    var digest: ContentDigest { ContentDigest(of: bytes) }
    var shortDigest: String { String(digest.hexadecimal.prefix(Self.shortLength)) }

    mutating func add(_ text: String) { add(tag: "s", Array(text.utf8)) }
    mutating func add(_ number: Int64) { add(tag: "i", Self.bigEndian(number)) }

    mutating func add(_ texts: [String]) {
        add(tag: "l", Self.bigEndian(Int64(texts.count)))
        for text in texts { add(text) }
    }

    mutating func add(_ value: ColumnValue) {
        switch value {
        case .null: add(tag: "n", [])
        case .bool(let value): add(tag: "b", [value ? 1 : 0])
        case .int(let value): add(value)
        case .text(let value): add(value)
        case .uuid(let value): add(tag: "u", withUnsafeBytes(of: value.uuid, Array.init))
        case .timestamp(let value): add(tag: "t", Self.bigEndian(value.microseconds))
        case .json(let value): add(tag: "j", value)
        case .bytes(let value): add(tag: "x", value)
        }
    }

    private mutating func add(tag: Unicode.Scalar, _ content: [UInt8]) {
        bytes.append(UInt8(ascii: tag))
        bytes.append(contentsOf: Self.bigEndian(Int64(content.count)))
        bytes.append(contentsOf: content)
    }

    private static func bigEndian(_ number: Int64) -> [UInt8] { withUnsafeBytes(of: number.bigEndian, Array.init) }
}
