import PostgresDriver
import ReadModels
import Synchronization

/// The SQL for one generation, derived from its definition once.
struct TableStatements: Sendable {
    /// Reads the rows whose keys are in the arrays `$1` ….
    let select: PostgresStatement
    /// Moves the checkpoints (the first parameters) and adds the rows in the arrays behind. A key that is there already is an error: the
    /// checkpoint guarantees that it cannot be.
    let append: PostgresStatement
    /// Moves the checkpoints (the first parameters), inserts or replaces the rows in the arrays behind, and deletes the keys behind them.
    let change: PostgresStatement
    /// Deletes the rows whose keys are in the arrays `$1` ….
    let delete: PostgresStatement

    /// Moves checkpoints, and what is parked in their lanes.
    private static let advance = "lockstep_read.advance_lanes(\(placeholders(1...advanceCount)))"
    /// How many parameters that takes.
    private static let advanceCount = 15
    /// Moves checkpoints without rows.
    static let advanceOnly = PostgresStatement("select \(advance), \(withoutFlush)")

    /// Lets this transaction, and no other, commit without waiting for the disk. What a crash of the server takes away is folded again from the
    /// log, whose own commits do wait; it is the tail of what was committed, so views, checkpoints and tokens stay in step. Local to the
    /// transaction, because behind a pooler the next one on the session may be an append.
    static let withoutFlush = "set_config('synchronous_commit', 'off', true)"

    private static let known = Mutex<[TableDefinition: TableStatements]>([:])

    /// The statements of a table.
    static func of(_ table: TableDefinition) -> TableStatements {
        known.withLock { known in
            if let statements = known[table] { return statements }
            let statements = TableStatements(table)
            known[table] = statements
            return statements
        }
    }

    private init(_ table: TableDefinition) {
        let name = "lockstep_read.\(table.generationName.quotedInSQL)"
        let columns = table.columns.map { $0.name.quotedInSQL }
        let keys = table.keyColumns.map { $0.name.quotedInSQL }
        let given =
            "unnest(\(Self.arrays(table.columns, from: Self.advanceCount + 1))) as r (\(columns.joined(separator: ", ")))"
        let insert = "insert into \(name) (\(columns.joined(separator: ", "))) select r.* from moved, \(given)"
        let replaced = columns.filter { !keys.contains($0) }.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        let onConflict = replaced.isEmpty ? "nothing" : "update set \(replaced)"
        let gone = Self.keys(table, as: "k", from: Self.advanceCount + columns.count + 1)
        // The checkpoints move first: what follows reads from `moved`, and nothing follows when it raises.
        let moved =
            "with moved as materialized (select \(Self.advance) as done, \(Self.withoutFlush) as flush)"
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
