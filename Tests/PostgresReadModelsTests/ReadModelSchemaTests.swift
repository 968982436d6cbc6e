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

    @Test func `the migrations can be taken back and applied again`() async throws {
        try await TestDatabase.with { database in
            try await database.execute(try TestDatabase.schemaFile("migrations/v0010_parked_keys_down.sql"))
            try await database.execute(try TestDatabase.schemaFile("migrations/v0008_sessions_v2_down.sql"))
            try await database.execute(try TestDatabase.schemaFile("migrations/v0005_domain_read_models_down.sql"))
            try await database.execute(try TestDatabase.schemaFile("migrations/v0002_read_models_down.sql"))
            let left = try await database.query("select count(*) from pg_namespace where nspname like 'lockstep\\_%'")
            #expect(try left.int64(0, 0) == 0)
            try await database.execute(try TestDatabase.schemaFile("migrations/v0002_read_models.sql"))
            try await database.execute(try TestDatabase.schemaFile("migrations/v0005_domain_read_models.sql"))
            try await database.execute(try TestDatabase.schemaFile("migrations/v0008_sessions_v2.sql"))
            try await database.execute(try TestDatabase.schemaFile("migrations/v0010_parked_keys.sql"))
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
