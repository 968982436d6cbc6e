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

/// Needs a real PostgreSQL: what the functions, the locks and the tables do cannot be imitated.
@Suite(.enabled(if: TestDatabase.url != nil, "set LOCKSTEP_DATABASE_URL"), .timeLimit(.minutes(15)))
struct `Read models in PostgreSQL` {
    private func projector(
        _ projection: any Projection, _ log: InMemoryEventStore, _ database: TestDatabase,
        batch: ClosedRange<Int> = 3...17,
        holder: String = "one"
    ) -> ProjectorService<InMemoryEventStore, PostgresProjectionStore, PostgresEventStore> {
        ProjectorService(
            projection, log: log, views: PostgresProjectionStore(pool: database.pool),
            leases: database.leases,
            settings: .quick(holder: holder, batch: batch), logger: .silent)
    }

    /// Runs a projector until its view has reached a position, then cancels it wherever it is.
    private func run(
        _ projection: any Projection, _ log: InMemoryEventStore, _ database: TestDatabase, through position: Int64,
        batch: ClosedRange<Int> = 3...17
    ) async throws -> WaitAnswer {
        let service = projector(projection, log, database, batch: batch)
        return try await withThrowingTaskGroup(of: WaitAnswer?.self) { group in
            group.addTask {
                try await service.run()
                return nil
            }
            defer { group.cancelAll() }
            return try await PostgresProjectionStore(pool: database.pool).wait(
                for: ConsumerProgress.Key(of: projection), through: GlobalPosition(position), atMost: .seconds(600),
                time: SystemTimekeeper())
        }
    }

    @Test(arguments: 0..<3 as Range<UInt64>)
    func `row by row the views equal the naive fold, wherever the projector was cancelled`(_ seed: UInt64) async throws
    {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore()
            var random = SeededGenerator(seed: seed)
            let projections: [any Projection] = [TallyProjection()] + ProjectionCatalogue.all
            var end: Int64 = 0
            for _ in 0..<4 {
                let count = 20 + random.below(150)
                try await RandomHistory.append(count, to: log, &random)
                end += Int64(count)
                for projection in projections {
                    let part = end - Int64(random.below(count))
                    let smallest = 1 + random.below(10)
                    let answer = try await run(
                        projection, log, database, through: part, batch: smallest...(smallest + random.below(60)))
                    #expect(answer == .reached, "seed \(seed)")
                }
            }
            for projection in projections {
                #expect(try await run(projection, log, database, through: end) == .reached, "seed \(seed)")
                var naive = NaiveFold(projection)
                let events = try await log.read(EventQuery(limit: 10_000)).events
                try naive.fold(events)
                let rows = try await database.rows(of: projection.table)
                #expect(Set(rows) == Set(naive.rows.values), "seed \(seed), \(projection.name)")
                #expect(rows.count == naive.rows.count)
                if projection.name != "tally" {
                    let shown = projection.table.shown(naive.rows.values)
                    #expect(try await Self.rowsThatDiffer(projection, shown.count, database) == 0, "seed \(seed)")
                }
                var expected = ConsumerProgress(
                    of: ConsumerProgress.Key(of: projection), incarnation: try await log.head().incarnation)
                for event in events { expected.handle(event) }
                expected.state = "live"
                #expect(
                    try await PostgresProjectionStore(pool: database.pool).progress(of: expected.key) == expected,
                    "seed \(seed), \(projection.name)")
            }
        }
    }

    /// How many rows the view has that its definition's query has not, and the other way round; and how many it has too many.
    private static func rowsThatDiffer(
        _ projection: any Projection, _ count: Int, _ database: TestDatabase
    ) async throws -> Int64 {
        let names = projection.table.shownColumns.map(\.name).joined(separator: ", ")
        let view = "select to_jsonb(v) from (select \(names) from lockstep_views.\(projection.name)) v"
        let query = "select to_jsonb(q) from (\(ViewStatement.query(of: projection.table))) q"
        let rows = try await database.query(
            """
            select (select count(*) from ((\(view) except all \(query)) union all (\(query) except all \(view))) d)
                + abs((select count(*) from lockstep_views.\(projection.name)) - \(count))
            """)
        return try rows.int64(0, 0)
    }

    @Test func `hours that several lanes counted are one row, of their sum`() async throws {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore()
            for stream in 0..<40 { try await log.append("tally-\(stream)", .draft("tally.up")) }
            let projection = ActivityByHourProjection()
            #expect(try await run(projection, log, database, through: 40) == .reached)
            let lanes = try await database.rows(of: projection.table)
            #expect(Set(lanes.map { $0.values[3] }).count > 4)
            var shown = projection.table.shown(lanes).map { $0.values.dropFirst(2) }
            shown.sort { "\($0)" < "\($1)" }
            let rows = try await database.query(
                "select type, events, first_position, last_position from lockstep_views.activity_by_hour order by hour")
            // The clock may have passed a full hour meanwhile.
            #expect((1...2).contains(rows.rowCount) && rows.rowCount == shown.count)
            let events = try (0..<rows.rowCount).map { try rows.int64($0, 1) }
            #expect(events.reduce(0, +) == 40)
            #expect(try rows.int64(0, 2) == 1 && rows.int64(rows.rowCount - 1, 3) == 40)
        }
    }

    @Test func `a stopped projector shows in consumer_progress with the reason`() async throws {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore()
            for type in ["tally.up", "tally.up", "tally.newer", "tally.up"] {
                try await log.append("tally-1", .draft(type))
            }
            guard case .stopped(let position, _) = try await run(TallyProjection(), log, database, through: 4) else {
                Issue.record("it did not stop")
                return
            }
            #expect(position == GlobalPosition(2))
            let shown = try await database.query(
                "select state, position, last_error from lockstep.consumer_progress where consumer = 'tally' and kind = 'projector'"
            )
            #expect(shown.rowCount == 1)
            #expect(try shown.text(0, 0) == "stopped")
            #expect(try shown.int64(0, 1) == 2)
            #expect(try shown.text(0, 2).hasPrefix("tally_v1 cannot fold the event at position 3 (tally.newer, id "))
        }
    }

    @Test func `a value that PostgreSQL cannot hold is refused, and nothing of the batch is written`() async throws {
        try await TestDatabase.with { database in
            let store = PostgresProjectionStore(pool: database.pool)
            let (lease, progress, rows) = try await Self.batch(database)
            var bad = rows[1]
            bad.values[7] = .text("a\0b")
            let changes = RowChanges(to: TallyProjection().table, upserts: [rows[0], bad])
            guard case .refused(let reason) = try await store.apply(changes, progress, from: .start, under: lease)
            else {
                Issue.record("it was not refused")
                return
            }
            #expect(!reason.isEmpty)
            #expect(try await store.progress(of: progress.key) == nil)
            #expect(try await database.rows(of: TallyProjection().table).isEmpty)
        }
    }

    @Test func `of several first writers under one lease exactly one gets through`() async throws {
        try await TestDatabase.with { database in
            let store = PostgresProjectionStore(pool: database.pool)
            let (lease, progress, rows) = try await Self.batch(database)
            let changes = RowChanges(to: TallyProjection().table, upserts: rows)
            let answers = try await withThrowingTaskGroup(of: ApplyAnswer.self) { group in
                // The lease's row is held until all of them are at the gate, so that they really meet.
                let blocker = try await PostgresConnection.connect(database.configuration)
                // Inside a transaction the activity would be a snapshot.
                let watcher = try await PostgresConnection.connect(database.configuration)
                try await blocker.execute("begin; select 1 from lockstep.leases for update")
                for _ in 0..<6 {
                    group.addTask { try await store.apply(changes, progress, from: .start, under: lease) }
                }
                let waiting = PostgresStatement(
                    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
                )
                while try await watcher.query(waiting).int64(0, 0) < 6 { await Task.yield() }
                try await blocker.execute("commit")
                await blocker.close()
                await watcher.close()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0 == .advanced } == 1)
            #expect(answers.count { $0 == .moved(actual: progress.position) } == 5)
        }
    }

    @Test func `an apply that is cancelled has happened whole or not at all`() async throws {
        try await TestDatabase.with { database in
            let store = PostgresProjectionStore(pool: database.pool)
            let (lease, first, initial) = try await Self.batch(database)
            var (progress, rows) = (first, initial)
            for round in 1...40 {
                let before = progress
                progress.position = GlobalPosition(Int64(round))
                rows[0].values[2] = .int(Int64(round))
                let changes = RowChanges(to: TallyProjection().table, upserts: rows)
                let next = progress
                let from = try await store.progress(of: progress.key)?.position ?? .start
                let task = Task { try await store.apply(changes, next, from: from, under: lease) }
                if round % 2 == 0 { await Task.yield() }
                task.cancel()
                let outcome = await task.result
                let stored = try await store.progress(of: progress.key)
                let happened = stored?.position == next.position
                if case .success(.advanced) = outcome { #expect(happened) }
                let row = try await store.rows(
                    for: [TallyProjection().table.key(of: rows[0])], in: TallyProjection().table)
                #expect((row.values.first?.values[2] == .int(Int64(round))) == happened)
                if !happened { progress = before }
            }
        }
    }

    @Test func `faults of the database are told apart`() async throws {
        try await TestDatabase.with { database in
            let store = PostgresProjectionStore(pool: database.pool)
            let missing = TableDefinition(
                name: "missing", version: 1, documentation: "", keyColumns: 1, columns: [.required("key", .text, "")])
            await Self.expect("failed") { _ = try await store.rows(for: [RowKey([.text("a")])], in: missing) }
            try await database.execute("set statement_timeout = 0; drop function lockstep_read.advance_lanes cascade")
            let (lease, progress, _) = try await Self.batch(database)
            await Self.expect("failed") {
                _ = try await store.apply(RowChanges(to: TallyProjection().table), progress, from: .start, under: lease)
            }
            let gone = PostgresProjectionStore(
                pool: PostgresPool(
                    configuration: try PostgresConfiguration("host=127.0.0.1 port=1 connect_timeout=1"),
                    limits: PoolLimits(waitLimit: .milliseconds(50))))
            await Self.expect("unavailable") { _ = try await gone.progress(of: progress.key) }
        }
    }

    private static func batch(_ database: TestDatabase) async throws -> (Lease, ConsumerProgress, [Row]) {
        guard
            case .granted(let lease) = try await database.leases.acquire(
                "l", holder: "one", for: .seconds(600))
        else { throw StoreError.failed(reason: "held") }
        var progress = ConsumerProgress(of: ConsumerProgress.Key(of: TallyProjection()), incarnation: UUID())
        progress.position = GlobalPosition(2)
        let rows = ["a", "b"].map { stream in
            Row([
                .text(stream), .text("default"), .int(1), .bool(true), .uuid(UUID()),
                .timestamp(Timestamp(microseconds: 1)),
                .json(Array("{}".utf8)), .null, .bytes([]),
            ])
        }
        return (lease, progress, rows)
    }

    private static func expect(
        _ kind: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
    ) async {
        do {
            try await body()
            Issue.record("nothing was thrown", sourceLocation: sourceLocation)
        } catch {
            #expect("\(Mirror(reflecting: error).children.first?.label ?? "")" == kind, sourceLocation: sourceLocation)
        }
    }
}
