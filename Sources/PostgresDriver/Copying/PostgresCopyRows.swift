#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Writes rows in the format of `COPY … FROM STDIN (FORMAT binary)`.
///
/// Append the columns of each row in order; rows begin and end by themselves. Take the bytes out in chunks of a
/// convenient size with ``takeChunk()``, and the last ones with ``finish()``. The types must be exactly those of the
/// table.
public struct PostgresCopyRows: Sendable {
    private let columns: Int16
    private var filled: Int16 = 0
    private var buffer: [UInt8] = []

    /// "PGCOPY", a line feed and 0xFF: bytes that betray a damaged transfer.
    static let signature: UInt64 = 0x5047_434F_5059_0AFF
    /// The signature, its rest, no flags and no extension.
    static let header: [UInt8] = {
        var header: [UInt8] = []
        header.appendBigEndian(signature)
        return header + [0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
    }()
    static let endMarker = Int16(-1)

    /// Rows of that many columns, 1 to 1600.
    public init(columns: Int, reservingCapacity capacity: Int = 0) {
        precondition((1...1600).contains(columns), "a table has 1 to 1600 columns")
        self.columns = Int16(columns)
        buffer.reserveCapacity(capacity)
        buffer += Self.header
    }

    /// Rows that go on behind others of the same COPY: without a header.
    public init(continuingWith columns: Int, reservingCapacity capacity: Int = 0) {
        precondition((1...1600).contains(columns), "a table has 1 to 1600 columns")
        self.columns = Int16(columns)
        buffer.reserveCapacity(capacity)
    }

    /// What ends the data of a COPY.
    public static var end: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(endMarker)
        return bytes
    }

    /// The bytes that wait to be taken.
    public var pendingBytes: Int { buffer.count }

    /// Takes the bytes written since the last time.
    public mutating func takeChunk() -> [UInt8] {
        let capacity = buffer.capacity
        defer {
            buffer = []
            buffer.reserveCapacity(capacity)
        }
        return buffer
    }

    /// Ends the data and takes the last bytes. A row left unfinished is a mistake of the program and traps.
    public mutating func finish() -> [UInt8] {
        precondition(filled == 0, "the last row is not complete")
        buffer.appendBigEndian(Self.endMarker)
        defer { buffer = [] }
        return buffer
    }

    private mutating func beginField() {
        if filled == 0 { buffer.appendBigEndian(columns) }
        filled = filled + 1 == columns ? 0 : filled + 1
    }
}

extension PostgresCopyRows {
    /// Appends a `bigint`.
    public mutating func append(int64 value: Int64) {
        beginField()
        buffer.appendCounted(value)
    }

    /// Appends an `integer`.
    public mutating func append(int32 value: Int32) {
        beginField()
        buffer.appendCounted(value)
    }

    /// Appends a `smallint`.
    public mutating func append(int16 value: Int16) {
        beginField()
        buffer.appendCounted(value)
    }

    /// Appends a `boolean`.
    public mutating func append(bool value: Bool) {
        beginField()
        buffer.appendCounted(UInt8(value ? 1 : 0))
    }

    /// Appends a `double precision`.
    public mutating func append(double value: Double) {
        beginField()
        buffer.appendCounted(value.bitPattern)
    }

    /// Appends a `text`.
    public mutating func append(text value: String) {
        beginField()
        buffer.appendCounted(value)
    }

    /// Appends a `bytea`, or the UTF-8 of a `text`.
    public mutating func append(bytes value: UnsafeRawBufferPointer) {
        beginField()
        buffer.appendCounted(value)
    }

    /// Appends a `bytea`, or the UTF-8 of a `text`.
    public mutating func append(bytes value: [UInt8]) {
        value.withUnsafeBytes { append(bytes: $0) }
    }

    /// Appends a `uuid`.
    public mutating func append(uuid value: UUID) {
        beginField()
        buffer.appendCounted(value)
    }

    /// Appends a `timestamptz`, given in microseconds since 1970-01-01 UTC.
    public mutating func append(timestampMicroseconds value: Int64) {
        beginField()
        buffer.appendCounted(wireTimestamp(microseconds: value))
    }

    /// Appends a `jsonb`, given as its text.
    public mutating func append(json value: String) {
        beginField()
        var value = value
        value.withUTF8 { text in
            buffer.appendBigEndian(Int32(truncatingIfNeeded: text.count + 1))
            buffer.append(jsonbVersion)
            buffer.append(contentsOf: text)
        }
    }

    /// Appends a NULL.
    public mutating func appendNull() {
        beginField()
        buffer.appendBigEndian(Int32(-1))
    }
}
