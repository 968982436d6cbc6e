import CLibPQ

/// The rows of one statement in binary form, as libpq holds them; columns are read in place.
///
/// Rows and columns count from 0. An index outside the result is a mistake of the program and traps.
///
/// `@unchecked Sendable`: a PGresult is never changed after libpq has handed it out, and libpq allows reading it from any
/// number of threads; it is freed once, by the deinit of its only owner.
public final class PostgresResult: @unchecked Sendable {
    let handle: OpaquePointer
    /// The number of rows.
    public let rowCount: Int
    /// The number of columns.
    public let columnCount: Int

    init(adopting handle: OpaquePointer) {
        self.handle = handle
        rowCount = Int(PQntuples(handle))
        columnCount = Int(PQnfields(handle))
    }

    deinit {
        PQclear(handle)
    }

    /// The rows that the statement inserted, changed, deleted, selected or copied; 0 for others.
    public var affectedRows: Int {
        PQcmdTuples(handle).flatMap { Int(String(cString: $0)) } ?? 0
    }

    /// What the server reports to have done, such as `INSERT 0 1`.
    public var commandTag: String {
        PQcmdStatus(handle).map { String(cString: $0) } ?? ""
    }

    /// The name of a column.
    public func columnName(_ column: Int) -> String {
        PQfname(handle, Int32(column)).map { String(cString: $0) } ?? ""
    }

    /// The place of the first column called `name`.
    public func columnIndex(_ name: String) -> Int? {
        (0..<columnCount).first { columnName($0) == name }
    }

    /// The number of a column's type in `pg_type`; for a domain that of the type beneath.
    public func columnTypeOID(_ column: Int) -> UInt32 {
        PQftype(handle, Int32(column))
    }

    /// Whether the value is NULL.
    public func isNull(_ row: Int, _ column: Int) -> Bool {
        check(row, column)
        return PQgetisnull(handle, Int32(row), Int32(column)) != 0
    }

    /// The bytes of a value where libpq keeps them, without a copy; empty for NULL. Valid while the result lives: keep
    /// it alive (`withExtendedLifetime`) for as long as you read, or use ``withBytes(_:_:_:)``.
    public func unsafeBytes(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer {
        check(row, column)
        let length = PQgetlength(handle, Int32(row), Int32(column))
        return UnsafeRawBufferPointer(start: PQgetvalue(handle, Int32(row), Int32(column)), count: Int(length))
    }

    /// Calls `body` with the bytes of a value without a copy; empty for NULL. Valid inside the call.
    public func withBytes<R, E: Error>(
        _ row: Int, _ column: Int, _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        defer { withExtendedLifetime(self) {} }
        return try body(unsafeBytes(row, column))
    }

    private func check(_ row: Int, _ column: Int) {
        precondition(row >= 0 && row < rowCount, "row outside the result")
        precondition(column >= 0 && column < columnCount, "column outside the result")
    }
}
