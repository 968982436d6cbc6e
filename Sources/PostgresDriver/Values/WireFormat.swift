#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Microseconds from 1970-01-01, the epoch of this API, to 2000-01-01, the epoch of PostgreSQL's binary timestamps.
let postgresEpochMicroseconds: Int64 = 946_684_800_000_000

/// The only version of the binary form of `jsonb`.
let jsonbVersion: UInt8 = 1

extension [UInt8] {
    /// Appends `value` in network byte order.
    mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    /// Appends the sixteen bytes of `value`.
    mutating func appendUUID(_ value: UUID) {
        Swift.withUnsafeBytes(of: value.uuid) { append(contentsOf: $0) }
    }

    /// Appends the UTF-8 of `text` without an intermediate copy.
    mutating func appendUTF8(_ text: String) {
        var text = text
        text.withUTF8 { append(contentsOf: $0) }
    }

    /// Appends a length followed by that many bytes: the form of an array element and of a COPY field.
    mutating func appendCounted(_ bytes: UnsafeRawBufferPointer) {
        appendBigEndian(Int32(truncatingIfNeeded: bytes.count))
        append(contentsOf: bytes)
    }

    /// Appends the byte length of an integer followed by the integer.
    mutating func appendCounted(_ value: some FixedWidthInteger) {
        appendBigEndian(Int32(truncatingIfNeeded: value.bitWidth / 8))
        appendBigEndian(value)
    }

    /// Appends the length of `text` in bytes followed by its UTF-8.
    mutating func appendCounted(_ text: String) {
        var text = text
        text.withUTF8 { appendCounted(UnsafeRawBufferPointer($0)) }
    }

    /// Appends `value` as a counted sixteen bytes.
    mutating func appendCounted(_ value: UUID) {
        Swift.withUnsafeBytes(of: value.uuid) { appendCounted($0) }
    }
}

extension UnsafeRawBufferPointer {
    /// Reads an integer in network byte order. The caller has checked that it fits.
    func bigEndian<T: FixedWidthInteger>(_ type: T.Type, at offset: Int = 0) -> T {
        T(bigEndian: loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    /// Reads sixteen bytes. The caller has checked that they are there.
    func uuid(at offset: Int = 0) -> UUID {
        UUID(uuid: loadUnaligned(fromByteOffset: offset, as: uuid_t.self))
    }
}

/// Microseconds since 1970 as PostgreSQL's microseconds since 2000. The two infinities of PostgreSQL are the extremes
/// of `Int64` and stay what they are; other values beyond the range saturate and are then refused by the server.
func wireTimestamp(microseconds: Int64) -> Int64 {
    if microseconds == .max || microseconds == .min { return microseconds }
    let (shifted, overflow) = microseconds.subtractingReportingOverflow(postgresEpochMicroseconds)
    return overflow ? .min + 1 : shifted
}

/// The reverse of ``wireTimestamp(microseconds:)``.
func epochMicroseconds(wire: Int64) -> Int64 {
    if wire == .max || wire == .min { return wire }
    let (shifted, overflow) = wire.addingReportingOverflow(postgresEpochMicroseconds)
    return overflow ? .max : shifted
}
