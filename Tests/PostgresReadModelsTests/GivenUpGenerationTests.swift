import EventModel
import EventSourcing
import EventSourcingTesting
import PostgresDriver
import PostgresEventStore
import PostgresReadModels
import Projector
import ReadModels
import Testing

/// Needs a real PostgreSQL: what is tested is who waits for whom.
@Suite(.enabled(if: TestDatabase.url != nil, "set LOCKSTEP_DATABASE_URL"), .timeLimit(.minutes(15)))
struct `A generation that steps aside in PostgreSQL` {
    private let projection = TallyProjection()

    private func job(_ log: InMemoryEventStore, _ database: TestDatabase) -> Rebuild<
        InMemoryEventStore, PostgresProjectionStore, PostgresEventStore
    > {
        Rebuild(
            projection, log: log, views: PostgresProjectionStore(pool: database.pool),
            leases: database.leases,
            settings: RebuildSettings(holder: "one", limits: RebuildLimits(alignmentPatience: .milliseconds(50))))
    }

    private func filled(_ database: TestDatabase) async throws -> InMemoryEventStore {
        let log = InMemoryEventStore()
        for index in 0..<6 { try await log.append("tally-\(index % 2)", .draft("tally.up", data: "{}")) }
        try await LiveProjection(projection, log, database).run()
        return log
    }

    private func lease(_ name: String, _ database: TestDatabase) async throws -> Lease {
        let answer = try await database.leases.acquire(name, holder: "test", for: .seconds(60))
        guard case .granted(let lease) = answer else { throw StoreError.failed(reason: "\(answer)") }
        return lease
    }

    @Test func `keeps no checkpoint when it was given up, whoever still writes about it`() async throws {
        try await TestDatabase.with { database in
            let log = try await filled(database)
            let job = job(log, database)
            for _ in 0..<2 {
                _ = try await job.build()
                _ = try await job.activate()
            }
            let store = PostgresProjectionStore(pool: database.pool)
            let lease = try await lease("projector/tally/v1", database)
            let incarnation = try await log.head().incarnation
            var progress = ConsumerProgress(of: ConsumerProgress.Key(of: projection), incarnation: incarnation)
            let state = CheckpointMove(progress, from: .start, under: lease)
            #expect(try await store.recordState([state]) == .moved(actual: .start))
            progress.position = GlobalPosition(1)
            // An event that concerns no row, so that nothing but the checkpoint would be written.
            let answer = try await store.apply(
                RowChanges(to: projection.table), moving: [CheckpointMove(progress, from: .start, under: lease)])
            #expect(answer == .moved(actual: .start))
            let left = try await database.query(
                "select count(*) from lockstep.checkpoints where consumer = 'tally' and version = 1")
            #expect(try left.int64(0, 0) == 0)
        }
    }

    @Test func `is given up behind whoever writes into it, and neither waits for the other in vain`() async throws {
        try await TestDatabase.with { database in
            let log = try await filled(database)
            let shadow = try await job(log, database).build().shadow
            let lease = try await lease("rebuild/tally", database)
            try await database.pool.withConnection { writer in
                // As a batch takes them: the table when it is planned, the checkpoint when it is carried out.
                try await writer.execute("begin; lock table lockstep_read.\(shadow.relation) in row exclusive mode")
                async let retired: Void = PostgresProjectionStore(pool: database.pool).retire(shadow, under: lease)
                try await database.execute(
                    """
                    do $$ begin
                        while not exists (select from pg_locks where not granted and locktype in ('relation', 'transactionid')
                            and database is not distinct from (select oid from pg_database where datname = current_database()))
                        loop perform pg_sleep(0.01); commit; end loop;
                    end $$
                    """)
                try await writer.execute(
                    "select from lockstep.checkpoints where consumer = 'tally' and version = \(shadow.number) for update; commit"
                )
                try await retired
            }
            let known = try await PostgresProjectionStore(pool: database.pool).generations()
            #expect(!known.contains { $0.relation == shadow.relation })
        }
    }

    @Test func `is not held by a process that stands still in the middle of the exchange`() async throws {
        try await TestDatabase.with { database in
            let log = try await filled(database)
            let shadow = try await job(log, database).build().shadow
            let lease = try await lease("rebuild/tally", database)
            let store = PostgresProjectionStore(pool: database.pool)
            let before = try await store.generations()
            await #expect(throws: StoreError.self) {
                try await store.activate(shadow.keeping(projection), keepingFor: .seconds(60), under: lease) { _ in
                    // The projector of what readers see waits, until the server has had enough of the silence.
                    try await database.execute(
                        "select from lockstep.checkpoints where consumer = 'tally' and version = 1 for update")
                }
            }
            #expect(try await store.generations() == before)
        }
    }
}
