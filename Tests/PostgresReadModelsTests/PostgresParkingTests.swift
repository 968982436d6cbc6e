import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Logging
import PostgresDriver
import PostgresEventStore
import PostgresReadModels
import Projector
import ReadModels
import Testing

/// Parking from end to end, in a real PostgreSQL.
@Suite(.enabled(if: TestDatabase.url != nil, "set LOCKSTEP_DATABASE_URL"), .timeLimit(.minutes(15)))
struct `Parking in PostgreSQL` {
    private typealias Service = ProjectorService<InMemoryEventStore, PostgresProjectionStore, PostgresEventStore>

    private func projector(
        _ projection: any Projection, _ log: InMemoryEventStore, _ database: TestDatabase, holder: String = "one"
    ) -> Service {
        ProjectorService(
            projection, log: log, views: PostgresProjectionStore(pool: database.pool),
            leases: database.leases,
            settings: .quick(holder: holder, batch: 3...7), logger: .silent)
    }

    /// Runs services until `condition` holds.
    private func run(_ services: Service..., until condition: @escaping @Sendable () async throws -> Bool) async throws
    {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try await service.run() } }
            defer { group.cancelAll() }
            while try await !condition() { await Task.yield() }
        }
    }

    private func append(_ types: [String], to log: InMemoryEventStore) async throws {
        for (index, type) in types.enumerated() {
            _ = try await log.append(
                AppendRequest([.draft(type)], to: StreamName(trusting: "tally-\(index % 4)"), expecting: .any))
        }
    }

    private func rows(_ database: TestDatabase) async throws -> [RowKey: Row] {
        let keys = (0..<4).map { RowKey([.text("tally-\($0)"), .text("default")]) }
        return try await PostgresProjectionStore(pool: database.pool).rows(for: keys, in: TallyProjection().table)
    }

    @Test func `a key is parked, others flow, and a cured fold gives the rows of the naive fold`() async throws {
        try await TestDatabase.with { database in
            let (log, store) = (InMemoryEventStore(), PostgresProjectionStore(pool: database.pool))
            let (projection, cured) = (TallyProjection(), TallyProjection(cured: ["broken", "newer"]))
            let consumer = ConsumerProgress.Key(of: projection)
            var types = [String](repeating: "tally.up", count: 40)
            for index in [5, 17, 21, 34] { types[index] = "tally.broken" }
            try await append(types, to: log)
            try await run(projector(projection, log, database)) {
                try await store.progress(of: consumer)?.position == GlobalPosition(40)
            }
            let shown = try await database.query(
                """
                select p.state, p.parked_keys, p.lag_events, k.key, k.waiting, k.position, k.type, k.cause
                from lockstep.consumer_progress p join lockstep.parked_keys k using (consumer, version, lane) where k.consumer = 'tally'
                order by k.key
                """)
            #expect(shown.rowCount == 2)
            #expect(try shown.text(0, 0) == "live" && shown.int64(0, 1) == 2)
            #expect(
                try shown.text(0, 3) == #"["tally-1","default"]"# && shown.int64(0, 4) == 8 && shown.int64(0, 5) == 6)
            #expect(try shown.text(0, 7).contains("its data has no field count"))
            var others = NaiveFold(projection)
            try others.fold(
                try await log.read(EventQuery(limit: 1_000)).events.filter {
                    switch $0.stream.rawValue {
                    case "tally-1": $0.position < GlobalPosition(6)
                    case "tally-2": $0.position < GlobalPosition(35)
                    default: true
                    }
                })
            #expect(try await rows(database) == others.rows)
            #expect(try await store.requestRetry(of: nil, of: consumer, by: "ada") == 2)
            // Two processes: one of them works, and events arrive meanwhile.
            let (one, two) = (projector(cured, log, database), projector(cured, log, database, holder: "two"))
            try await append(["tally.up", "tally.up", "tally.up"], to: log)
            try await run(one, two) {
                let progress = try await store.progress(of: consumer)
                let parked = try await store.allParkedKeys(of: consumer)
                return parked.isEmpty && progress?.position == GlobalPosition(43)
            }
            var naive = NaiveFold(cured)
            try naive.fold(try await log.read(EventQuery(limit: 1_000)).events)
            #expect(try await rows(database) == naive.rows)
            let left = try await database.query(
                """
                select (select count(*) from lockstep_read.parked_events),
                    (select parked_keys from lockstep.consumer_progress where consumer = 'tally')
                """)
            #expect(try left.int64(0, 0) == 0 && left.int64(0, 1) == 0)
            var expected = ConsumerProgress(of: consumer, incarnation: try await log.head().incarnation)
            for event in try await log.read(EventQuery(limit: 1_000)).events { expected.handle(event) }
            #expect(try await store.progress(of: consumer)?.digest == expected.digest)
        }
    }

    @Test func `what is parked goes with the checkpoint that it belongs to`() async throws {
        try await TestDatabase.with { database in
            let (log, store) = (InMemoryEventStore(), PostgresProjectionStore(pool: database.pool))
            let consumer = ConsumerProgress.Key(of: TallyProjection())
            try await append(["tally.broken", "tally.up", "tally.up", "tally.up", "tally.up"], to: log)
            try await run(projector(TallyProjection(), log, database)) {
                try await store.progress(of: consumer)?.position == GlobalPosition(5)
            }
            #expect(try await store.allParkedKeys(of: consumer).map(\.queued) == [2])
            try await database.execute("delete from lockstep.checkpoints where consumer = 'tally'")
            let left = try await database.query(
                "select (select count(*) from lockstep_read.parked_keys) + (select count(*) from lockstep_read.parked_events)"
            )
            #expect(try left.int64(0, 0) == 0)
        }
    }

    @Test func `a refused value parks its key, and the others of its batch are written`() async throws {
        try await TestDatabase.with { database in
            try await database.execute("alter table lockstep_read.tally_v1 add check (stream <> 'tally-2')")
            let (log, store) = (InMemoryEventStore(), PostgresProjectionStore(pool: database.pool))
            let consumer = ConsumerProgress.Key(of: TallyProjection())
            try await append([String](repeating: "tally.up", count: 12), to: log)
            try await run(projector(TallyProjection(), log, database)) {
                try await store.progress(of: consumer)?.position == GlobalPosition(12)
            }
            let parked = try await store.allParkedKeys(of: consumer)
            #expect(parked.map(\.key.text) == [#"["tally-2","default"]"#] && parked.first?.queued == 3)
            #expect(try await rows(database).count == 3)
            // The table can hold it now: the same program tries again.
            try await database.execute("alter table lockstep_read.tally_v1 drop constraint tally_v1_stream_check")
            _ = try await store.requestRetry(of: nil, of: consumer, by: nil)
            try await run(projector(TallyProjection(), log, database)) {
                try await store.allParkedKeys(of: consumer).isEmpty
            }
            var naive = NaiveFold(TallyProjection())
            try naive.fold(try await log.read(EventQuery(limit: 1_000)).events)
            #expect(try await rows(database) == naive.rows)
        }
    }
}
