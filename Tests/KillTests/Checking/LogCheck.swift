import PostgresDriver

/// Law L1 and the acknowledgements, asked of the tables themselves. What is wrong comes back as sentences; none is good.
enum LogCheck {
    /// Each question counts what must not be.
    private static let questions: [(flaw: String, sql: PostgresStatement)] = [
        (
            "positions behind a gap",
            """
            select count(*) from (
                select position - lag(position, 1, 0::bigint) over (order by position) as step from lockstep.event_log) s
            where step <> 1
            """
        ),
        (
            "events more or less than the head says",
            "select abs(count(*) - (select position from lockstep.log_head)) from lockstep.events"
        ),
        (
            "versions behind a gap",
            """
            select count(*) from (
                select version - lag(version, 1, 0::bigint) over (partition by workspace, stream order by position) as step
                from lockstep.event_log) s
            where step <> 1
            """
        ),
        ("event ids used twice", "select count(*) - count(distinct event_id) from lockstep.events"),
        (
            "recorded times that go back",
            """
            select count(*) from (
                select recorded_at < lag(recorded_at) over (order by position) as back from lockstep.event_log) s
            where back
            """
        ),
        (
            "positions that an index finds and the table does not, or the other way round",
            """
            select count(*) from generate_series(1, (select position from lockstep.log_head)) as wanted(position)
            where not exists (select 1 from lockstep.events e where e.position = wanted.position)
            """
        ),
    ]

    static func flaws(_ connection: PostgresConnection, _ acknowledged: [Ledger.Acknowledged]) async throws -> [String]
    {
        var flaws: [String] = []
        for question in questions {
            let count = try await connection.query(question.sql).int64(0, 0)
            if count != 0 { flaws.append("\(count) \(question.flaw)") }
        }
        return try await flaws + missing(connection, acknowledged)
    }

    private static let lookUp: PostgresStatement =
        """
        select a.id::text || ' was acknowledged at position ' || a.position || ' as ' || a.stream || ' version ' || a.version || ', '
            || coalesce('the log has it at ' || e.position || ' as ' || e.stream || ' version ' || e.version, 'the log does not have it')
        from unnest($1, $2, $3, $4) as a(id, stream, position, version)
        left join lockstep.events e on e.event_id = a.id
        where (e.position, e.stream, e.version) is distinct from (a.position, a.stream, a.version)
        limit 20
        """

    /// Acknowledged appends that are not where their writer was told.
    private static func missing(
        _ connection: PostgresConnection, _ acknowledged: [Ledger.Acknowledged]
    ) async throws -> [String] {
        var (ids, streams) = (PostgresArray(elementType: .uuid), PostgresArray(elementType: .text))
        var (positions, versions) = (PostgresArray(elementType: .int8), PostgresArray(elementType: .int8))
        for append in acknowledged {
            ids.append(uuid: append.id)
            streams.append(text: append.stream)
            positions.append(int64: append.position)
            versions.append(int64: append.version)
        }
        let parameters = PostgresParameters { list in
            for array in [ids, streams, positions, versions] { list.append(array) }
        }
        let result = try await connection.query(lookUp, parameters)
        return try (0..<result.rowCount).map { try result.text($0, 0) }
    }
}
