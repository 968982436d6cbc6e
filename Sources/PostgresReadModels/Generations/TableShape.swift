import PostgresDriver
import ReadModels

/// The SQL that makes a generation's table and its indexes from the definition, and like the generation before where the definition
/// leaves it open.
struct TableShape: Sendable {
    private let table: TableDefinition
    /// Columns whose text is compared byte by byte, beside the key. Another generation must agree, or the view could not change over.
    private let bytewise: Set<String>
    /// Storage parameters, for instance `fillfactor=70`.
    private let options: [String]

    init(_ table: TableDefinition, like before: Before = Before()) {
        self.table = table
        bytewise = before.bytewise.union(table.keyColumns.map(\.name))
        options = before.options
    }

    private var name: String { "lockstep_read.\(table.generationName.quotedInSQL)" }

    /// The table, without any index: rows are copied into it first.
    var creation: String {
        let columns = table.columns.map { column in
            let collation = column.type == .text && bytewise.contains(column.name) ? " collate \"C\"" : ""
            return
                "\(column.name.quotedInSQL) \(column.type.sqlName)\(collation)\(column.isNullable ? "" : " not null")"
        }
        let with = options.isEmpty ? "" : " with (\(options.joined(separator: ", ")))"
        return "create table \(name) (\(columns.joined(separator: ", ")))\(with)"
    }

    /// Memory for sorting the entries of an index, unless the server grants more of itself. With its usual 64 MB, two million rows are sorted in
    /// pieces on the disk, which takes a quarter longer.
    private static var sortingMegabytes: Int { 256 }

    /// The key and the indexes, unless they are there, and statistics for the planner. To be done in a transaction.
    var indexing: String {
        let keys = table.keyColumns.map(\.name.quotedInSQL).joined(separator: ", ")
        let key = """
            do $$ begin
                if pg_size_bytes(current_setting('maintenance_work_mem')) < pg_size_bytes('\(Self.sortingMegabytes)MB') then
                    perform set_config('maintenance_work_mem', '\(Self.sortingMegabytes)MB', true);
                end if;
                if not exists (select from pg_constraint c where c.conrelid = '\(name)'::regclass and c.contype = 'p') then
                    alter table \(name) add primary key (\(keys));
                end if;
            end $$
            """
        let indexes = table.indexes.map { index in
            let columns = index.columns.map(\.quotedInSQL).joined(separator: ", ")
            let condition = index.condition.map { " where \($0)" } ?? ""
            let own = "\(table.generationName)_\(index.suffix)".quotedInSQL
            return "create index if not exists \(own) on \(name) (\(columns))\(condition)"
        }
        return ([key] + indexes + ["analyze \(name)"]).joined(separator: ";\n")
    }
}

extension TableShape {
    /// What a new generation takes over from the active one's table.
    struct Before: Sendable {
        var bytewise: Set<String> = []
        var options: [String] = []
    }

    /// Looks at the table of the active generation.
    static func before(_ relation: String?, on connection: PostgresConnection) async throws -> Before {
        guard let relation else { return Before() }
        let name = PostgresParameters { $0.append("lockstep_read.\(relation.quotedInSQL)") }
        let columns = try await connection.query(
            """
            select a.attname::text from pg_attribute a join pg_collation c on c.oid = a.attcollation
            where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped and c.collname = 'C'
            """, name)
        let options = try await connection.query(
            "select unnest(c.reloptions)::text from pg_class c where c.oid = to_regclass($1)", name)
        return Before(bytewise: Set(try texts(columns)), options: try texts(options))
    }

    /// The table of a generation as it is in the database, its key columns first and in the order of `other`'s where it has them. Columns of
    /// types that no read model has are left out.
    static func stored(
        _ generation: Generation, like other: TableDefinition, on connection: PostgresConnection
    ) async throws -> TableDefinition {
        let found = try await connection.query(
            """
            select a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull, coalesce(a.attnum = any (k.conkey), false)
            from pg_attribute a left join pg_constraint k on k.conrelid = a.attrelid and k.contype = 'p'
            where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped order by a.attnum
            """, PostgresParameters { $0.append("lockstep_read.\(generation.relation.quotedInSQL)") })
        var columns: [ColumnDefinition] = []
        var keys: [ColumnDefinition] = []
        for row in 0..<found.rowCount {
            let typeName = try found.text(row, 1)
            guard let type = ColumnType.allCases.first(where: { $0.catalogueName == typeName }) else { continue }
            let name = try found.text(row, 0)
            let column: ColumnDefinition =
                try found.bool(row, 2) ? .required(name, type, "") : .optional(name, type, "")
            if try found.bool(row, 3) { keys.append(column) } else { columns.append(column) }
        }
        let known = other.keyColumns.compactMap { wanted in keys.first { $0.name == wanted.name } }
        keys = known + keys.filter { key in !known.contains { $0.name == key.name } }
        return TableDefinition(
            name: generation.projection, version: generation.version, documentation: other.documentation,
            keyColumns: keys.count, columns: keys + columns
        ).kept(in: generation.relation)
    }

    /// The columns of a view, in order.
    static func columns(ofView name: String, on connection: PostgresConnection) async throws -> [String] {
        try texts(
            try await connection.query(
                """
                select a.attname::text from pg_attribute a
                where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped order by a.attnum
                """, PostgresParameters { $0.append("lockstep_views.\(name.quotedInSQL)") }))
    }

    private static func texts(_ result: PostgresResult) throws(PostgresError) -> [String] {
        var texts: [String] = []
        for row in 0..<result.rowCount { texts.append(try result.text(row, 0)) }
        return texts
    }
}

extension ColumnType {
    /// The type as the catalogue says it.
    fileprivate var catalogueName: String { self == .timestamp ? "timestamp with time zone" : sqlName }
}
