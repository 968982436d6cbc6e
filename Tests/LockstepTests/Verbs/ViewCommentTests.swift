import EventModel
import Testing

// Needs PostgreSQL: LOCKSTEP_DATABASE_URL.
@Suite("Documentation in the database", .enabled(if: Program.hasDatabase)) struct ViewCommentTests {
    @Test func `whoever migrates writes what every column means, as projections list says it`() async throws {
        try await TestDatabase.with { environment in
            let missing = """
                select count(*) from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
                where c.relnamespace = 'lockstep_views'::regnamespace and col_description(c.oid, a.attnum) is null
                """
            #expect(try await TestDatabase.query(missing, environment).int64(0, 0) == 0)
            for object in try await Program.run(["projections", "list", "--json"], environment: [:]).objects() {
                let view = try #require(object["view"]?.string)
                let rows = try await TestDatabase.query(
                    """
                    select a.attname::text, col_description(a.attrelid, a.attnum) from pg_attribute a
                    where a.attrelid = '\(view)'::regclass and a.attnum > 0
                    """, environment)
                let found = Dictionary(
                    uniqueKeysWithValues: try (0..<rows.rowCount).map { (try rows.text($0, 0), try rows.text($0, 1)) })
                let columns = try #require(object["columns"]?.array)
                #expect(columns.count == found.count)
                for column in columns { #expect(found[column["name"]?.string ?? ""] == column["meaning"]?.string) }
            }
        }
    }
}
