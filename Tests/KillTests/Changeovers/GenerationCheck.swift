import PostgresDriver

/// What is asked about generations: readers see one of them, by its view, and all that are kept hold the same rows.
enum GenerationCheck {
    private static let questions: [(flaw: String, sql: PostgresStatement)] = [
        (
            "projections of which readers do not see exactly one generation",
            """
            select count(*) from (select count(*) filter (where state = 'active') as active from lockstep.generations group by projection) g
            where active <> 1
            """
        ),
        (
            "views that do not show the active generation",
            """
            select count(*) from lockstep.generations g left join pg_views v on v.schemaname = 'lockstep_views' and v.viewname = g.projection
            where g.state = 'active' and v.definition !~ ('lockstep_read\\.' || g.relation || '\\M') is not false
            """
        ),
        ("things that do not fit together", "select count(*) from lockstep.integrity()"),
    ]

    /// What is wrong at any time.
    static func flaws(_ connection: PostgresConnection) async throws -> [String] {
        var flaws: [String] = []
        for question in questions {
            let count = try await connection.query(question.sql).int64(0, 0)
            if count != 0 { flaws.append("\(count) \(question.flaw)") }
        }
        return flaws
    }

    /// Rows of one generation that the other does not have, or has otherwise; asked when both have everything.
    static func differences(_ connection: PostgresConnection, of projection: String) async throws -> [String] {
        let kept = try await connection.query(
            PostgresStatement(
                """
                select quote_ident(relation) from lockstep.generations
                where projection = '\(projection)' and state in ('active', 'previous') order by state
                """))
        guard kept.rowCount == 2 else { return ["\(projection) has \(kept.rowCount) generations, not two"] }
        let tables = try (0..<2).map { "select to_jsonb(t) from lockstep_read.\(try kept.text($0, 0)) t" }
        let count = try await connection.query(
            PostgresStatement(
                """
                select (select count(*) from (\(tables[0]) except all \(tables[1])) a)
                    + (select count(*) from (\(tables[1]) except all \(tables[0])) b)
                """)
        ).int64(0, 0)
        return count == 0 ? [] : ["\(count) rows of the generations of \(projection) differ"]
    }
}
