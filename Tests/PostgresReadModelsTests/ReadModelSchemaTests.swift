import PostgresReadModels
import ReadModels
import Testing

/// Needs a real PostgreSQL: what the migration made is asked from the catalogue.
@Suite(.enabled(if: TestDatabase.url != nil, "set LOCKSTEP_DATABASE_URL")) struct `Schema of read models` {
    private static let types: [ColumnType: String] = [
        .int: "bigint", .text: "text", .uuid: "uuid", .timestamp: "timestamp with time zone", .bool: "boolean",
        .json: "json", .bytes: "bytea",
    ]

    private func columns(_ schema: String, _ relation: String, _ database: TestDatabase) async throws -> [String] {
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

    @Test func `the tables and their views have the columns of the definitions`() async throws {
        try await TestDatabase.with { database in
            for projection in ProjectionCatalogue.all {
                let table = projection.table
                let physical = table.columns.map { column in
                    "\(column.name) \(Self.types[column.type] ?? "")\(column.isNullable ? " null" : "")"
                }
                let shown = table.shownColumns.map { "\($0.name) \(Self.types[$0.type] ?? "")" }
                #expect(try await columns("lockstep_read", table.generationName, database) == physical)
                let inView = try await columns("lockstep_views", projection.name, database)
                #expect(Set(inView) == Set(shown) && inView.count == shown.count, "\(projection.name)")
            }
        }
    }

    @Test func `the key of each table is its primary key`() async throws {
        try await TestDatabase.with { database in
            for table in ProjectionCatalogue.all.map(\.table) {
                let found = try await database.query(
                    """
                    select string_agg(a.attname::text, ' ' order by k.place) from pg_constraint c
                    cross join unnest(c.conkey) with ordinality k (number, place)
                    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number
                    where c.conrelid = 'lockstep_read.\(table.generationName)'::regclass and c.contype = 'p'
                    """)
                #expect(try found.text(0, 0) == table.keyColumns.map(\.name).joined(separator: " "))
            }
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
                case .granted(let lease) = try await database.leases.acquire(
                    "rebuild/\(name)", holder: "test", for: .seconds(60))
            else { return }
            let made = try await store.begin(projection, fingerprint: nil, layout: .whole, under: lease).keeping(
                projection)
            try await store.index(made, under: lease)
            try await store.index(made, under: lease)
            #expect(try await shapes(made.table.generationName) == shapes(table.generationName))
        }
    }

    @Test func `each view can be replaced by the query that its definition leads to`() async throws {
        try await TestDatabase.with { database in
            for table in ProjectionCatalogue.all.map(\.table) {
                let before = try await columns("lockstep_views", table.name, database)
                let names = before.map { String($0.prefix { $0 != " " }) }
                let query = ViewStatement.query(of: table, replacing: names)
                try await database.execute("create or replace view lockstep_views.\(table.name) as \(query)")
                #expect(try await columns("lockstep_views", table.name, database) == before)
            }
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

/// Needs a real PostgreSQL: the comments are asked from its catalogue.
@Suite(.enabled(if: TestDatabase.url != nil, "set LOCKSTEP_DATABASE_URL")) struct `Comments on read models` {
    private func apply(_ database: TestDatabase) async throws -> Int {
        try await database.pool.withConnection { connection in
            try await ViewComments.apply(ProjectionCatalogue.all, on: connection)
        }
    }

    /// What the database says of the views and columns, by `view` and `view.column`. Those of looks and of jobs are no projection's: their migrations say what they mean.
    private func comments(_ database: TestDatabase) async throws -> [String: String] {
        let rows = try await database.query(
            """
            select c.relname || coalesce('.' || a.attname, ''), d.description from pg_description d
            join pg_class c on c.oid = d.objoid and c.relnamespace = 'lockstep_views'::regnamespace
            left join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid and d.objsubid > 0
            where c.relname not in ('comparisons', 'reconcile_jobs')
            """)
        return Dictionary(
            uniqueKeysWithValues: try (0..<rows.rowCount).map { (try rows.text($0, 0), try rows.text($0, 1)) })
    }

    private static var documented: [String: String] {
        ProjectionCatalogue.all.map(\.table).reduce(into: [:]) { all, table in
            all[table.name] = table.documentation
            for column in table.shownColumns { all["\(table.name).\(column.name)"] = column.documentation }
        }
    }

    @Test func `every view and every column of every view says what it means, and nothing is written twice`()
        async throws
    {
        try await TestDatabase.with { database in
            #expect(try await comments(database).isEmpty)
            #expect(try await apply(database) == Self.documented.count)
            #expect(try await comments(database) == Self.documented)
            let columns = try await database.query(
                """
                select count(*) from information_schema.columns where table_schema = 'lockstep_views'
                    and table_name not in ('tally', 'comparisons', 'reconcile_jobs')
                """)
            #expect(try columns.int64(0, 0) == Int64(Self.documented.count - ProjectionCatalogue.all.count))
            #expect(try await apply(database) == 0)
        }
    }

    @Test func `a comment that says something else is put right, and a view that is not there is left out`()
        async throws
    {
        try await TestDatabase.with { database in
            _ = try await apply(database)
            try await database.execute(
                """
                comment on column lockstep_views.sync_state.moved_last is 'it''s wrong';
                comment on view lockstep_views.workflows is null;
                drop view lockstep_views.timeline;
                """)
            #expect(try await apply(database) == 2)
            let left = Self.documented.filter { !$0.key.hasPrefix("timeline") }
            #expect(try await comments(database) == left)
        }
    }
}
