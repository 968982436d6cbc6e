#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A one-dimensional array parameter, written element by element into one buffer in PostgreSQL's binary form.
///
/// The elements must have the type named at creation; the server refuses others (22P03, or nonsense for types of equal
/// width, so take care). A whole parameter may have up to ``PostgresParameters/valueLimit`` bytes.
public struct PostgresArray: Sendable {
    /// The type of the elements.
    public let elementType: PostgresType
    /// The number of elements, nulls included.
    public private(set) var count = 0
    private var hasNulls = false
    private var buffer: [UInt8]

    // ndim, flags, element type, length, lower bound: five 32-bit integers, written by `encode(into:)`.
    private static let headerBytes = 20
    private static let emptyHeaderBytes = 12

    /// An empty array.
    ///
    /// - Parameters:
    ///   - elementType: the type of every element.
    ///   - capacity: the bytes to reserve for the elements, 4 of them per element for its length.
    public init(elementType: PostgresType, reservingCapacity capacity: Int = 0) {
        self.elementType = elementType
        buffer = []
        buffer.reserveCapacity(capacity)
    }

    /// The bytes that the array will take in a message.
    public var encodedBytes: Int {
        count == 0 ? Self.emptyHeaderBytes : Self.headerBytes + buffer.count
    }

    func encode(into output: inout [UInt8]) {
        output.appendBigEndian(Int32(count == 0 ? 0 : 1))
        output.appendBigEndian(Int32(hasNulls ? 1 : 0))
        output.appendBigEndian(elementType.oid)
        guard count > 0 else { return }
        output.appendBigEndian(Int32(truncatingIfNeeded: count))
        output.appendBigEndian(Int32(1))
        output.append(contentsOf: buffer)
    }
}

extension PostgresArray {
    /// Appends a `bigint`.
    public mutating func append(int64 value: Int64) {
        buffer.appendCounted(value)
        count += 1
    }

    /// Appends an `integer`.
    public mutating func append(int32 value: Int32) {
        buffer.appendCounted(value)
        count += 1
    }

    /// Appends a `smallint`.
    public mutating func append(int16 value: Int16) {
        buffer.appendCounted(value)
        count += 1
    }

    /// Appends a `boolean`.
    public mutating func append(bool value: Bool) {
        buffer.appendCounted(UInt8(value ? 1 : 0))
        count += 1
    }

    /// Appends a `double precision`.
    public mutating func append(double value: Double) {
        buffer.appendCounted(value.bitPattern)
        count += 1
    }

    /// Appends a `text`, or any type whose binary form is its text (`varchar`, `name`, `json`, enumerations).
    public mutating func append(text value: String) {
        buffer.appendCounted(value)
        count += 1
    }

    /// Appends a `bytea` (or UTF-8 for a `text`) by one copy.
    public mutating func append(bytes value: UnsafeRawBufferPointer) {
        buffer.appendCounted(value)
        count += 1
    }

    /// Appends a `bytea` (or UTF-8 for a `text`) by one copy.
    public mutating func append(bytes value: [UInt8]) {
        value.withUnsafeBytes { append(bytes: $0) }
    }

    /// Appends a `uuid`.
    public mutating func append(uuid value: UUID) {
        buffer.appendCounted(value)
        count += 1
    }

    /// Appends a `timestamptz`, given in microseconds since 1970-01-01 UTC.
    public mutating func append(timestampMicroseconds value: Int64) {
        buffer.appendCounted(wireTimestamp(microseconds: value))
        count += 1
    }

    /// Appends a `jsonb`, given as its text.
    public mutating func append(json value: String) {
        var value = value
        value.withUTF8 { text in
            buffer.appendBigEndian(Int32(truncatingIfNeeded: text.count + 1))
            buffer.append(jsonbVersion)
            buffer.append(contentsOf: text)
        }
        count += 1
    }

    /// Appends a NULL.
    public mutating func appendNull() {
        buffer.appendBigEndian(Int32(-1))
        hasNulls = true
        count += 1
    }
}
