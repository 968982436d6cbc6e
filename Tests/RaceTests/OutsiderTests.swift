import EventModel
import EventSourcing
import PostgresDriver
import PostgresEventStore
import Testing

/// What made other event stores skip committed events: transactions of others that stay open, commit late or roll back.
@Suite("Outsiders", .enabled(if: RaceDatabase.isAvailable, "needs LOCKSTEP_DATABASE_URL"), .serialized)
struct OutsiderTests {
    /// Marten #4952 and #4964, Emmett #336: an old transaction that is still open, with an xid and a snapshot of its own.
    @Test func `a transaction that an outsider holds open delays no append and hides nothing from a reader`()
        async throws
    {
        try await RaceDatabase.with { database in
            try await database.script("create table public.bystander (n int)")
            try await database.withConnection { outsider in
                try await outsider.execute(
                    "begin isolation level repeatable read; insert into public.bystander values (1)"
                )
                try await database.withStore { store in
                    for index in 1...50 {
                        let outcome = try await store.append(
                            AppendRequest([try draft()], to: try StreamName("race-\(index)"), expecting: .noStream))
                        #expect(outcome.receipt?.last.rawValue == Int64(index))
                        let page = try await store.read(EventQuery(after: GlobalPosition(Int64(index - 1))))
                        #expect(page.events.count == 1)
                    }
                }
                try await outsider.execute("rollback")
            }
            try await LogCheck.expectSound(database, events: 50)
        }
    }

    /// Marten #4977: positions handed out by a transaction that is rolled back. Ours come back, because they are handed out by the commit.
    @Test func `a position taken by a transaction that rolls back is given to the next one`() async throws {
        try await RaceDatabase.with { database in
            try await database.withStore { store in
                _ = try await store.append(
                    AppendRequest([try draft()], to: try StreamName("race-a"), expecting: .noStream))
                try await database.withConnection { outsider in
                    for id in 1...3 {
                        try await outsider.execute("begin")
                        try await Self.appendByHand(on: outsider, stream: "race-undone-\(id)")
                        try await outsider.execute("rollback")
                    }
                }
                let outcome = try await store.append(
                    AppendRequest([try draft()], to: try StreamName("race-b"), expecting: .noStream))
                #expect(outcome.receipt?.first.rawValue == 2)
            }
            try await LogCheck.expectSound(database, events: 2)
        }
    }

    /// Marten #1629, Eventuous #222: the earlier position commits after the later one. Here it cannot: the later append waits.
    @Test func `a writer whose commit is slow holds the next one back, so readers never pass a hole`() async throws {
        try await RaceDatabase.with { database in
            try await Self.registerKind(in: database)
            try await database.withStore { store in
                try await database.withConnection { slow in
                    try await slow.execute("begin")
                    try await Self.appendByHand(on: slow, stream: "race-slow")
                    try await withThrowingTaskGroup(of: Int64.self) { group in
                        group.addTask {
                            let outcome = try await store.append(
                                AppendRequest([try draft()], to: try StreamName("race-fast"), expecting: .noStream))
                            return outcome.receipt?.first.rawValue ?? 0
                        }
                        try await Self.waitUntilBlocked(database)
                        let page = try await store.read(EventQuery())
                        #expect(page.events.isEmpty)
                        #expect(page.head == .start)
                        try await slow.execute("commit")
                        #expect(try await group.next() == 2)
                    }
                }
                let events = try await store.read(EventQuery()).events
                #expect(events.map(\.stream.rawValue) == ["race-slow", "race-fast"])
            }
            try await LogCheck.expectSound(database, events: 2)
        }
    }

    /// A writer that dies inside its transaction gives its lock and its positions back with its connection.
    @Test func `a writer whose server process is killed before its commit leaves nothing behind`() async throws {
        try await RaceDatabase.with { database in
            try await Self.registerKind(in: database)
            try await database.withConnection { victim in
                try await victim.execute("begin")
                try await Self.appendByHand(on: victim, stream: "race-victim")
                try await database.script("select pg_terminate_backend(\(victim.backendPID))")
            }
            try await database.withStore { store in
                let outcome = try await store.append(
                    AppendRequest([try draft()], to: try StreamName("race-next"), expecting: .noStream))
                #expect(outcome.receipt?.first.rawValue == 1)
            }
            try await LogCheck.expectSound(database, events: 1)
        }
    }

    /// Debezium #7531: several events of one statement are one position in the WAL; ours have one position each.
    @Test func `a reader that stops inside a bulk append resumes behind the event it saw last`() async throws {
        try await RaceDatabase.with { database in
            try await database.withStore { store in
                let drafts = try (0..<500).map { _ in try draft() }
                _ = try await store.append(AppendRequest(drafts, to: try StreamName("race-bulk"), expecting: .noStream))
                var seen: [Int64] = []
                while seen.count < 500 {
                    var iterator = Subscription(
                        to: store, after: GlobalPosition(seen.last ?? 0), options: SubscriptionOptions(batchLimit: 33)
                    ).makeAsyncIterator()
                    seen += try #require(try await iterator.next()).events.map(\.position.rawValue)
                }
                #expect(seen == Array(1...500))
            }
        }
    }

    @Test func `readers see all events although no notification ever arrives`() async throws {
        try await RaceDatabase.with { database in
            try await database.withStore { writer in
                // A store that nobody runs listens to nothing.
                let deaf = PostgresEventStore(
                    database.configuration, poolLimits: PoolLimits(waitLimit: .seconds(600)))
                try await withThrowingTaskGroup(of: [Int64]?.self) { group in
                    group.addTask { try await LiveReader(store: deaf).positions(until: 100) }
                    group.addTask {
                        for index in 0..<100 {
                            _ = try await writer.append(
                                AppendRequest([try draft()], to: try StreamName("race-\(index)"), expecting: .noStream))
                        }
                        return nil
                    }
                    for try await seen in group { if let seen { #expect(seen == Array(1...100)) } }
                }
                await deaf.close()
            }
        }
    }

    /// A kind is registered in a transaction of its own, as the store does it.
    private static func registerKind(in database: RaceDatabase) async throws {
        try await database.script(
            "insert into lockstep.kinds (workspace, category, type) values (1, 'race', 'race.run') on conflict do nothing"
        )
    }

    /// The same function that the store calls, by hand and inside a transaction that stays open.
    private static func appendByHand(on connection: PostgresConnection, stream: String) async throws {
        try await connection.execute(
            """
            select * from lockstep.append(false, '{1}', '{1}', '{\(stream)}', '{0}', '{1}', '{1}', '{1}',
                array[(select id from lockstep.kinds where type = 'race.run')], '{1}', array[gen_random_uuid()], '{null}', '{null}', '{null}',
                array[now()], array['{}'::bytea], array['{}'::bytea])
            """)
    }

    /// Waits until somebody waits for the log's lock.
    private static func waitUntilBlocked(_ database: RaceDatabase) async throws {
        try await database.withConnection { connection in
            while true {
                let row = try await connection.query(
                    """
                    select count(*) from pg_stat_activity
                    where datname = current_database() and wait_event_type = 'Lock' and query like '%lockstep.append%'
                    """)
                if try row.int64(0, 0) > 0 { return }
            }
        }
    }
}
