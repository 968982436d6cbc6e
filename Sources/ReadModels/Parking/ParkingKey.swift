import EventModel

/// Under which name a part of a read model is set aside: a row's key, or a whole sync key when an event does not tell which row it concerns.
///
/// The name is text, because it is what people type and what tables keep: `["default","e-17"]` for a row, `sync:["default","e-17"]` for a sync
/// key. Equal keys have equal texts and the other way round.
public struct ParkingKey: Sendable {
    /// The longest text, in bytes; a longer key is cut and told apart by its digest.
    public static let textLimit = 512
    private static let syncPrefix = "sync:"

    /// What is set aside.
    public enum Sort: String, Sendable, Hashable {
        /// One row.
        case row
        /// Every event of one sync key in one workspace.
        case syncKey = "sync_key"
    }

    /// The name.
    public let text: String

    /// The key of a row.
    public init(row key: RowKey) {
        var writer = JSONWriter()
        writer.array { writer in
            for value in key.values { writer.write(value) }
        }
        text = Self.bounded(writer.bytes)
    }

    /// The sync key of an event. The events of one row share it, so setting it aside keeps the order of every row that the event may concern.
    public init(syncKeyOf event: RecordedEvent) {
        var writer = JSONWriter()
        writer.array { writer in
            writer.string(event.workspace.rawValue)
            writer.string(event.syncKey)
        }
        text = Self.bounded(Array(Self.syncPrefix.utf8) + writer.bytes)
    }

    /// A key by its name, as it was stored or typed.
    public init(text: String) {
        self.text = text
    }

    /// What is set aside.
    public var sort: Sort { text.utf8.starts(with: Self.syncPrefix.utf8) ? .syncKey : .row }

    private static func bounded(_ bytes: [UInt8]) -> String {
        guard bytes.count > textLimit else { return String(decoding: bytes, as: UTF8.self) }
        let digest = ContentDigest(of: bytes).hexadecimal
        // A cut in the middle of a character leaves a replacement character of three bytes.
        let head = String(decoding: bytes.prefix(textLimit - digest.utf8.count - 12), as: UTF8.self)
        return "\(head)…#\(digest)"
    }
}

extension ParkingKey: Hashable {
    /// Byte by byte, as a database compares.
    public static func == (left: ParkingKey, right: ParkingKey) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    /// Feeds the bytes that equality compares.
    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension ParkingKey: Comparable {
    /// In the order of the bytes, which is that of a database's `"C"`.
    public static func < (left: ParkingKey, right: ParkingKey) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

extension ParkingKey: CustomStringConvertible {
    /// The name.
    public var description: String { text }
}

extension JSONWriter {
    /// A value of a key. The type of each column is fixed, so different values of a column are written differently.
    fileprivate mutating func write(_ value: ColumnValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .int(let value): int(value)
        case .text(let value): string(value)
        case .uuid(let value): string(value.uuidString.lowercased())
        case .timestamp(let value): int(value.microseconds)
        case .json(let value), .bytes(let value): string(ContentDigest(of: value).hexadecimal)
        }
    }
}
