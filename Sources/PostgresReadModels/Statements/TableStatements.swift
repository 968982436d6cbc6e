import PostgresDriver
import ReadModels
import Synchronization

/// The SQL for one generation, derived from its definition once.
struct TableStatements: Sendable {
    /// Reads the rows whose keys are in the arrays `$1` ….
    let select: PostgresStatement
    /// Moves the checkpoint (the first parameters) and adds the rows in the arrays behind. A key that is there already is an error: the
    /// checkpoint guarantees that it cannot be.
    let append: PostgresStatement
    /// Moves the checkpoint (the first parameters), inserts or replaces the rows in the arrays behind, and deletes the keys behind them.
    let change: PostgresStatement
    /// Deletes the rows whose keys are in the arrays `$1` ….
    let delete: PostgresStatement

    /// How the checkpoint is moved: alone, or with what is parked.
    enum Advance: Sendable, Hashable {
        case alone
        case parking

        /// The function, with its parameters `$1` ….
        var call: String {
            switch self {
            case .alone: "lockstep_read.advance(\(placeholders(1...count)))"
            case .parking: "lockstep_read.advance_parking(\(placeholders(1...(count - 1))), $\(count)::jsonb)"
            }
        }

        /// How many parameters it has.
        var count: Int { self == .alone ? 14 : 15 }

        /// Moves the checkpoint without rows.
        var only: PostgresStatement { PostgresStatement("select \(call)") }
    }

    private struct Key: Hashable {
        let table: TableDefinition
        let advance: Advance
    }

    private static let known = Mutex<[Key: TableStatements]>([:])

    /// The statements of a table.
    static func of(_ table: TableDefinition, _ advance: Advance = .alone) -> TableStatements {
        let key = Key(table: table, advance: advance)
        return known.withLock { known in
            if let statements = known[key] { return statements }
            let statements = TableStatements(table, advance)
            known[key] = statements
            return statements
        }
    }

    private init(_ table: TableDefinition, _ advance: Advance) {
        let name = "lockstep_read.\(table.generationName.quotedInSQL)"
        let columns = table.columns.map { $0.name.quotedInSQL }
        let keys = table.keyColumns.map { $0.name.quotedInSQL }
        let given =
            "unnest(\(Self.arrays(table.columns, from: advance.count + 1))) as r (\(columns.joined(separator: ", ")))"
        let insert = "insert into \(name) (\(columns.joined(separator: ", "))) select r.* from moved, \(given)"
        let replaced = columns.filter { !keys.contains($0) }.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        let onConflict = replaced.isEmpty ? "nothing" : "update set \(replaced)"
        let gone = Self.keys(table, as: "k", from: advance.count + columns.count + 1)
        // The checkpoint moves first: what follows reads from `moved`, and nothing follows when it raises.
        let moved =
            "with moved as materialized (select \(advance.call) as done)"
        select = PostgresStatement(
            "select \(columns.map { "t.\($0)" }.joined(separator: ", ")) from \(name) t join \(Self.keys(table, as: "k", from: 1)) "
                + "on \(Self.match(keys))")
        delete = PostgresStatement(
            "delete from \(name) t using \(Self.keys(table, as: "k", from: 1)) where \(Self.match(keys))")
        append = PostgresStatement("\(moved), written as (\(insert)) select m.done from moved m")
        change = PostgresStatement(
            """
            \(moved),
            written as (\(insert) on conflict (\(keys.joined(separator: ", "))) do \(onConflict)),
            removed as (delete from \(name) t using moved m, \(gone) where \(Self.match(keys)))
            select m.done from moved m
            """)
    }

    private static func keys(_ table: TableDefinition, as alias: String, from first: Int) -> String {
        let names = table.keyColumns.map { $0.name.quotedInSQL }.joined(separator: ", ")
        return "unnest(\(arrays(table.keyColumns, from: first))) as \(alias) (\(names))"
    }

    private static func match(_ keys: [String]) -> String {
        keys.map { "t.\($0) = k.\($0)" }.joined(separator: " and ")
    }

    private static func arrays(_ columns: [ColumnDefinition], from first: Int) -> String {
        columns.enumerated().map { "$\(first + $0.offset)::\($0.element.type.sqlName)[]" }.joined(separator: ", ")
    }
}

private func placeholders(_ range: ClosedRange<Int>) -> String {
    range.map { "$\($0)" }.joined(separator: ", ")
}

extension ColumnType {
    /// The type in SQL. `json` rather than `jsonb`, because rows must come back byte for byte (L4).
    var sqlName: String {
        switch self {
        case .bool: "boolean"
        case .int: "bigint"
        case .text: "text"
        case .uuid: "uuid"
        case .timestamp: "timestamptz"
        case .json: "json"
        case .bytes: "bytea"
        }
    }

    /// The type on the wire.
    var postgresType: PostgresType {
        switch self {
        case .bool: .bool
        case .int: .int8
        case .text: .text
        case .uuid: .uuid
        case .timestamp: .timestamptz
        case .json: .json
        case .bytes: .bytea
        }
    }
}
