import EventModel
import PostgresDriver
import Testing

/// Law L1, asked of the database itself and not of our own reader.
enum LogCheck {
    /// Positions are 1 … n without a gap, versions are 1 … n in every stream, the head is the end, recorded times do not go back.
    static func expectSound(_ database: RaceDatabase, events: Int? = nil) async throws {
        try await database.withConnection { connection in
            let row = try await connection.query(
                """
                select count(*), coalesce(min(position), 1), coalesce(max(position), 0), (select position from lockstep.log_head),
                    (select count(*) from (
                        select position - lag(position, 1, 0::bigint) over (order by position) as step from lockstep.event_log) s
                        where step <> 1),
                    (select count(*) from (
                        select version - lag(version, 1, 0::bigint) over (partition by workspace, stream order by position) as step
                        from lockstep.event_log) s where step <> 1),
                    (select count(*) from (
                        select recorded_at < lag(recorded_at) over (order by position) as back from lockstep.event_log) s where back)
                from lockstep.event_log
                """)
            let count = try row.int64(0, 0)
            if let events { #expect(count == Int64(events)) }
            #expect(try row.int64(0, 1) == 1)
            #expect(try row.int64(0, 2) == count)
            #expect(try row.int64(0, 3) == count)
            #expect(try row.int64(0, 4) == 0, "gaps between positions")
            #expect(try row.int64(0, 5) == 0, "gaps between versions")
            #expect(try row.int64(0, 6) == 0, "recorded times that go back")
        }
    }
}
