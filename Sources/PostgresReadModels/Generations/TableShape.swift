import PostgresDriver
import ReadModels

/// The SQL that makes a generation's table, its indexes and its view from the definition.
struct TableShape: Sendable {
    private let table: TableDefinition
    /// Columns whose text is compared byte by byte, beside the key.
    private let bytewise: Set<String>

    init(_ table: TableDefinition, bytewise: Set<String> = []) {
        self.table = table
        self.bytewise = bytewise.union(table.keyColumns.map(\.name))
    }

    private var name: String { "lockstep_read.\(quoted(table.generationName))" }

    /// The table, without any index: rows are copied into it first.
    var creation: String {
        let columns = table.columns.map { column in
            let collation = column.type == .text && bytewise.contains(column.name) ? " collate \"C\"" : ""
            return "\(quoted(column.name)) \(column.type.sqlName)\(collation)\(column.isNullable ? "" : " not null")"
        }
        return "create table \(name) (\(columns.joined(separator: ", ")))"
    }

    /// The key and the indexes, unless they are there, and statistics for the planner.
    var indexing: String {
        let keys = table.keyColumns.map { quoted($0.name) }.joined(separator: ", ")
        let key = """
            do $$ begin
                if not exists (select from pg_constraint c where c.conrelid = '\(name)'::regclass and c.contype = 'p') then
                    alter table \(name) add primary key (\(keys));
                end if;
            end $$
            """
        let indexes = table.indexes.map { index in
            let columns = index.columns.map(quoted).joined(separator: ", ")
            let condition = index.condition.map { " where \($0)" } ?? ""
            return
                "create index if not exists \(quoted("\(table.generationName)_\(index.suffix)")) on \(name) (\(columns))"
                + condition
        }
        return ([key] + indexes + ["analyze \(name)"]).joined(separator: ";\n")
    }

    /// What readers see, over this generation.
    var viewing: String {
        let isAggregate = table.view.isAggregate
        let columns = table.view.columns.map { column in
            let name = quoted(column.name)
            guard let aggregate = column.aggregate else { return name }
            // A sum of bigint is numeric.
            return "\(aggregate.rawValue)(\(name))\(aggregate == .sum ? "::bigint" : "") as \(name)"
        }
        let groups = table.view.columns.filter { $0.aggregate == nil }.map { quoted($0.name) }
        let view = "lockstep_views.\(quoted(table.name))"
        let query =
            "select \(columns.joined(separator: ", ")) from \(name)"
            + (isAggregate ? " group by \(groups.joined(separator: ", "))" : "")
        // Columns behind the known ones are taken as they are; when others went or changed, the view is made anew.
        return """
            do $view$ begin
                create or replace view \(view) as \(query);
            exception when invalid_table_definition then
                drop view \(view);
                create view \(view) as \(query);
            end $view$
            """
    }

    /// The columns of a table whose text is compared byte by byte: another generation must agree, or the view could not change over.
    static func bytewiseColumns(of relation: String?, on connection: PostgresConnection) async throws -> Set<String> {
        guard let relation else { return [] }
        let found = try await connection.query(
            """
            select a.attname::text from pg_attribute a join pg_collation c on c.oid = a.attcollation
            where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped and c.collname = 'C'
            """, PostgresParameters { $0.append("lockstep_read.\(quoted(relation))") })
        var names: Set<String> = []
        for row in 0..<found.rowCount { names.insert(try found.text(row, 0)) }
        return names
    }
}

/// A name in SQL, whatever it contains.
func quoted(_ name: String) -> String {
    "\"\(name.replacing("\"", with: "\"\""))\""
}
