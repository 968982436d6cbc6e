#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Each of these throws ``PostgresError/Kind/unexpectedNull`` for NULL and ``PostgresError/Kind/unexpectedType`` when
/// the column's type or width is not the one that is asked for; nothing is converted silently.
extension PostgresResult {
    /// A `bigint`.
    public func int64(_ row: Int, _ column: Int) throws(PostgresError) -> Int64 {
        try fixed(row, column, .int8, 8).bigEndian(Int64.self)
    }

    /// An `integer`.
    public func int32(_ row: Int, _ column: Int) throws(PostgresError) -> Int32 {
        try fixed(row, column, .int4, 4).bigEndian(Int32.self)
    }

    /// A `smallint`.
    public func int16(_ row: Int, _ column: Int) throws(PostgresError) -> Int16 {
        try fixed(row, column, .int2, 2).bigEndian(Int16.self)
    }

    /// A `boolean`.
    public func bool(_ row: Int, _ column: Int) throws(PostgresError) -> Bool {
        try fixed(row, column, .bool, 1).bigEndian(UInt8.self) != 0
    }

    /// A `double precision`.
    public func double(_ row: Int, _ column: Int) throws(PostgresError) -> Double {
        Double(bitPattern: try fixed(row, column, .float8, 8).bigEndian(UInt64.self))
    }

    /// A `uuid`.
    public func uuid(_ row: Int, _ column: Int) throws(PostgresError) -> UUID {
        try fixed(row, column, .uuid, 16).uuid()
    }

    /// A `timestamptz` in microseconds since 1970-01-01 UTC; `infinity` is `Int64.max` and `-infinity` is `Int64.min`.
    public func timestampMicroseconds(_ row: Int, _ column: Int) throws(PostgresError) -> Int64 {
        epochMicroseconds(wire: try fixed(row, column, .timestamptz, 8).bigEndian(Int64.self))
    }

    /// A `bytea`, copied.
    public func bytes(_ row: Int, _ column: Int) throws(PostgresError) -> [UInt8] {
        guard columnTypeOID(column) == PostgresType.bytea.oid else { throw mismatch(row, column, "bytea") }
        return [UInt8](try present(row, column))
    }

    /// A `text`, `varchar`, `char`, `name`, `json`, `jsonb` or `xml`, or a type that is not built in (an enumeration,
    /// `citext`) and whose binary form is its text.
    public func text(_ row: Int, _ column: Int) throws(PostgresError) -> String {
        let type = columnTypeOID(column)
        guard Self.isText(type) else { throw mismatch(row, column, "text") }
        let bytes = try present(row, column)
        let start = type == PostgresType.jsonb.oid ? min(1, bytes.count) : 0
        return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start...]), as: UTF8.self)
    }

    /// Numbers from here on belong to types that a database defines itself.
    private static let firstUserType: UInt32 = 16_384

    private static func isText(_ type: UInt32) -> Bool {
        switch type {
        case PostgresType.text.oid, PostgresType.varchar.oid, PostgresType.name.oid, PostgresType.json.oid,
            PostgresType.jsonb.oid:
            true
        case 18, 142, 705, 1042, 2275:  // "char", xml, unknown, char(n), cstring
            true
        default:
            type >= firstUserType
        }
    }

    private func fixed(
        _ row: Int, _ column: Int, _ type: PostgresType, _ width: Int
    ) throws(PostgresError) -> UnsafeRawBufferPointer {
        let bytes = unsafeBytes(row, column)
        guard bytes.count == width, columnTypeOID(column) == type.oid else {
            throw isNull(row, column) ? missing(row, column) : mismatch(row, column, "type \(type.oid)")
        }
        return bytes
    }

    private func present(_ row: Int, _ column: Int) throws(PostgresError) -> UnsafeRawBufferPointer {
        let bytes = unsafeBytes(row, column)
        guard !bytes.isEmpty || !isNull(row, column) else { throw missing(row, column) }
        return bytes
    }

    private func missing(_ row: Int, _ column: Int) -> PostgresError {
        PostgresError(.unexpectedNull, "column \(columnName(column)) of row \(row) is NULL")
    }

    private func mismatch(_ row: Int, _ column: Int, _ expected: String) -> PostgresError {
        let width = unsafeBytes(row, column).count
        let found = "type \(columnTypeOID(column)) of \(width) bytes"
        return PostgresError(
            .unexpectedType, "column \(columnName(column)) of row \(row) holds \(found), not \(expected)"
        )
    }
}
