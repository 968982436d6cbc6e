import PostgresReadModels
import ReadModels
import Testing

/// Needs a real PostgreSQL: what the migration made is asked from the catalogue.
@Suite(.enabled(if: TestDatabase.url != nil, "set LOCKSTEP_DATABASE_URL")) struct `Schema of read models` {
    @Test(arguments: ProjectionCatalogue.all.map(\.name))
    func `the table and its view have the columns of the definition`(_ name: String) async throws {
        let table = try #require(ProjectionCatalogue.projection(named: name)).table
        try await TestDatabase.with { database in
            func columns(_ schema: String, _ relation: String) async throws -> [String] {
                let rows = try await database.query(
                    """
                    select column_name::text, data_type::text, (is_nullable = 'YES') from information_schema.columns
                    where table_schema = '\(schema)' and table_name = '\(relation)' order by ordinal_position
                    """)
                return try (0..<rows.rowCount).map { row in
                    let nullable = try rows.bool(row, 2) && schema == "lockstep_read" ? " null" : ""
                    return try "\(rows.text(row, 0)) \(rows.text(row, 1))\(nullable)"
                }
            }
            let types: [ColumnType: String] = [
                .int: "bigint", .text: "text", .uuid: "uuid", .timestamp: "timestamp with time zone", .bool: "boolean",
                .json: "json", .bytes: "bytea",
            ]
            let expected = table.columns.map { "\($0.name) \(types[$0.type] ?? "")" }
            let physical = zip(expected, table.columns).map { $1.isNullable ? "\($0) null" : $0 }
            let inTable = try await columns("lockstep_read", table.generationName)
            let inView = try await columns("lockstep_views", name)
            #expect(inTable == physical)
            #expect(Set(inView) == Set(expected))
            #expect(inView.count == expected.count)
        }
    }

    @Test(arguments: ProjectionCatalogue.all.map(\.name))
    func `the active generation is registered, with the key and the indexes of the definition`(_ name: String)
        async throws
    {
        let table = try #require(ProjectionCatalogue.projection(named: name)).table
        try await TestDatabase.with { database in
            let active = try await database.query(
                "select version, relation from lockstep.generations where projection = '\(name)' and state = 'active'")
            #expect(try Int(active.int32(0, 0)) == table.version && active.text(0, 1) == table.generationName)
            func shapes(_ relation: String) async throws -> Set<String> {
                let found = try await database.query(
                    """
                    select regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING ', '') from pg_index i
                    where i.indrelid = 'lockstep_read.\(relation)'::regclass
                    """)
                return Set(try (0..<found.rowCount).map { try found.text($0, 0) })
            }
            // Made anew from the definition, beside it.
            let store = PostgresProjectionStore(pool: database.pool)
            let projection = try #require(ProjectionCatalogue.projection(named: name))
            guard
                case .granted(let lease) = try await TestLeases(database: database).acquire(
                    "rebuild/\(name)", holder: "test", for: .seconds(60))
            else { return }
            let made = try await store.begin(projection, under: lease).keeping(projection)
            try await store.index(made, under: lease)
            try await store.index(made, under: lease)
            #expect(try await shapes(made.table.generationName) == shapes(table.generationName))
        }
    }

    @Test func `the migrations can be taken back and applied again`() async throws {
        try await TestDatabase.with { database in
            let last = try TestDatabase.migrations().reversed().prefix { !$0.hasPrefix("v0001") }
            try await database.execute(
                "drop view lockstep_views.tally; drop table lockstep_read.tally_v1; delete from lockstep.generations where projection = 'tally'"
            )
            for name in last { try await database.execute(try TestDatabase.schemaFile("migrations/\(name)_down.sql")) }
            let left = try await database.query("select count(*) from pg_namespace where nspname like 'lockstep\\_%'")
            #expect(try left.int64(0, 0) == 0)
            for name in last.reversed() {
                try await database.execute(try TestDatabase.schemaFile("migrations/\(name).sql"))
            }
        }
    }
}

@Suite struct `Documentation of read models` {
    @Test(arguments: ProjectionCatalogue.all.map(\.name))
    func `every column is documented as the definition says`(_ name: String) throws {
        let table = try #require(ProjectionCatalogue.projection(named: name)).table
        let page = try TestDatabase.schemaFile("read-models.md")
        #expect(page.contains("## `lockstep_views.\(name)`"))
        for column in table.columns {
            #expect(page.contains("| `\(column.name)` |") && page.contains(column.documentation), "\(column.name)")
        }
    }
}
