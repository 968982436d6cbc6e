import EventModel
import FoundationEssentials

/// One value of a read model, in the types that every store can keep without loss.
public enum ColumnValue: Sendable {
    /// No value.
    case null
    /// A truth value.
    case bool(Bool)
    /// A whole number of 64 bits.
    case int(Int64)
    /// Text without U+0000.
    case text(String)
    /// An identifier.
    case uuid(UUID)
    /// A moment, to the microsecond.
    case timestamp(Timestamp)
    /// JSON text that has passed the door, kept byte for byte.
    case json([UInt8])
    /// Bytes.
    case bytes([UInt8])
}

extension ColumnValue: Hashable {
    /// Exact equality: text is compared byte by byte, as a database does it, not by canonical equivalence.
    public static func == (left: ColumnValue, right: ColumnValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
        case (.uuid(let left), .uuid(let right)): left == right
        case (.timestamp(let left), .timestamp(let right)): left == right
        case (.json(let left), .json(let right)), (.bytes(let left), .bytes(let right)): left == right
        case (.null, _), (.bool, _), (.int, _), (.text, _), (.uuid, _), (.timestamp, _), (.json, _), (.bytes, _): false
        }
    }

    /// Feeds the bytes that equality compares.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .int(let value): hasher.combine(value)
        case .text(var value): value.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        case .uuid(let value): hasher.combine(value)
        case .timestamp(let value): hasher.combine(value)
        case .json(let value), .bytes(let value): hasher.combine(value)
        }
    }
}

extension ColumnValue {
    /// Text, or null for `nil`.
    public init(_ text: String?) { self = text.map(ColumnValue.text) ?? .null }
    /// A whole number, or null for `nil`.
    public init(_ number: Int64?) { self = number.map(ColumnValue.int) ?? .null }
    /// An identifier, or null for `nil`.
    public init(_ id: UUID?) { self = id.map(ColumnValue.uuid) ?? .null }

    /// The type of columns that hold this value; `nil` for null, which all nullable columns hold.
    public var type: ColumnType? {
        switch self {
        case .null: nil
        case .bool: .bool
        case .int: .int
        case .text: .text
        case .uuid: .uuid
        case .timestamp: .timestamp
        case .json: .json
        case .bytes: .bytes
        }
    }
}

/// What a column holds.
public enum ColumnType: String, Sendable, Hashable, CaseIterable {
    /// ``ColumnValue/bool(_:)``
    case bool
    /// ``ColumnValue/int(_:)``
    case int
    /// ``ColumnValue/text(_:)``
    case text
    /// ``ColumnValue/uuid(_:)``
    case uuid
    /// ``ColumnValue/timestamp(_:)``
    case timestamp
    /// ``ColumnValue/json(_:)``
    case json
    /// ``ColumnValue/bytes(_:)``
    case bytes
}
