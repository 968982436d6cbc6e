#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads one row message of `COPY … TO STDOUT (FORMAT binary)`, column by column, without copying.
///
/// It points into the message and is valid as long as that is: inside the closure of
/// ``PostgresConnection/copyOut(_:_:)``.
public struct PostgresCopyRow {
    /// The number of columns.
    public let columnCount: Int
    private var rest: UnsafeRawBufferPointer

    /// Opens a message.
    ///
    /// - Returns: nil for the mark at the end of the data, which is a message of its own.
    /// - Throws: ``PostgresError/Kind/unexpectedType`` when the bytes are not such a message.
    public init?(_ message: UnsafeRawBufferPointer) throws(PostgresError) {
        // The first message carries the header; no row begins like it, for it would have 20 551 columns.
        let headerBytes = PostgresCopyRows.header.count
        let isFirst = message.count >= headerBytes && message.bigEndian(UInt64.self) == PostgresCopyRows.signature
        let body = isFirst ? UnsafeRawBufferPointer(rebasing: message[headerBytes...]) : message
        guard !body.isEmpty else { return nil }
        guard body.count >= 2 else { throw Self.malformed }
        let count = body.bigEndian(Int16.self)
        guard count != PostgresCopyRows.endMarker else { return nil }
        guard count >= 0 else { throw Self.malformed }
        columnCount = Int(count)
        rest = UnsafeRawBufferPointer(rebasing: body[2...])
    }

    /// The bytes of the next column; nil for NULL.
    public mutating func nextBytes() throws(PostgresError) -> UnsafeRawBufferPointer? {
        guard rest.count >= 4 else { throw Self.malformed }
        let length = Int(rest.bigEndian(Int32.self))
        let values = UnsafeRawBufferPointer(rebasing: rest[4...])
        guard length >= 0 else {
            rest = values
            return nil
        }
        guard values.count >= length else { throw Self.malformed }
        rest = UnsafeRawBufferPointer(rebasing: values[length...])
        return UnsafeRawBufferPointer(rebasing: values[..<length])
    }

    private static var malformed: PostgresError {
        PostgresError(.unexpectedType, "not a row of a binary COPY")
    }

    private mutating func fixed(_ width: Int) throws(PostgresError) -> UnsafeRawBufferPointer {
        guard let bytes = try nextBytes() else { throw PostgresError(.unexpectedNull, "a column of a COPY is NULL") }
        guard bytes.count == width else {
            throw PostgresError(.unexpectedType, "a column of a COPY has \(bytes.count) bytes, not \(width)")
        }
        return bytes
    }
}

/// Binary COPY does not tell types, so these can only check the width.
extension PostgresCopyRow {
    /// The next column as a `bigint`.
    public mutating func nextInt64() throws(PostgresError) -> Int64 {
        try fixed(8).bigEndian(Int64.self)
    }

    /// The next column as an `integer`.
    public mutating func nextInt32() throws(PostgresError) -> Int32 {
        try fixed(4).bigEndian(Int32.self)
    }

    /// The next column as a `smallint`.
    public mutating func nextInt16() throws(PostgresError) -> Int16 {
        try fixed(2).bigEndian(Int16.self)
    }

    /// The next column as a `uuid`.
    public mutating func nextUUID() throws(PostgresError) -> UUID {
        try fixed(16).uuid()
    }

    /// The next column as a `timestamptz`, in microseconds since 1970-01-01 UTC.
    public mutating func nextTimestampMicroseconds() throws(PostgresError) -> Int64 {
        epochMicroseconds(wire: try fixed(8).bigEndian(Int64.self))
    }

    /// The next column as a `text`; nil for NULL.
    public mutating func nextText() throws(PostgresError) -> String? {
        try nextBytes().map { String(decoding: $0, as: UTF8.self) }
    }
}
