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
struct `Generations by lane in PostgreSQL` {
    private static let layout = LaneCheck.layout

    private func projector(
        _ projection: any Projection, _ log: InMemoryEventStore, _ database: TestDatabase, holder: String,
        views: PostgresProjectionStore, batch: ClosedRange<Int> = 3...40
    ) -> ProjectorService<InMemoryEventStore, PostgresProjectionStore, PostgresEventStore> {
        ProjectorService(
            projection, log: log, views: views, leases: database.leases,
            settings: .quick(
                holder: holder, batch: batch,
                timing: LeaseTiming(
                    duration: .seconds(5), renewInterval: .milliseconds(50), retryInterval: .milliseconds(5))),
            logger: .silent)
    }

    /// Runs processes until the view has reached a position, then cancels them wherever they are.
    private func run(
        _ projection: any Projection, _ log: InMemoryEventStore, _ database: TestDatabase, holders: [String],
        through position: Int64
    ) async throws -> WaitAnswer? {
        let store = PostgresProjectionStore(pool: database.pool)
        return try await withThrowingTaskGroup(of: WaitAnswer?.self) { group in
            for holder in holders {
                group.addTask {
                    try await projector(projection, log, database, holder: holder, views: store).run()
                    return nil
                }
            }
            defer { group.cancelAll() }
            return try await store.wait(
                for: ConsumerProgress.Key.all(of: projection), through: GlobalPosition(position), atMost: .seconds(600),
                time: SystemTimekeeper())
        }
    }

    @Test(arguments: 0..<2 as Range<UInt64>)
    func `row by row the views equal the naive fold, with two processes that end anywhere`(_ seed: UInt64) async throws
    {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore()
            var random = SeededGenerator(seed: seed)
            let projections = try await LaneCheck.layOut([TallyProjection()] + ProjectionCatalogue.all, database)
            #expect(projections.count > ProjectionCatalogue.all.count - 1)
            var end: Int64 = 0
            for _ in 0..<2 {
                let count = 40 + random.below(80)
                try await RandomHistory.append(count, to: log, &random)
                end += Int64(count)
                for projection in projections {
                    let part = end - Int64(random.below(count))
                    let answer = try await run(projection, log, database, holders: ["one", "two"], through: part)
                    #expect(answer == .reached, "seed \(seed)")
                }
            }
            for projection in projections {
                let answer = try await run(projection, log, database, holders: ["three"], through: end)
                #expect(answer == .reached, "seed \(seed), \(projection.name)")
                try await LaneCheck.expectNaive(projection, log, database, "seed \(seed), \(projection.name)")
            }
        }
    }

    @Test func `a checkpoint that the generation does not keep is refused, also to programs from before`() async throws
    {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore()
            let whole = TallyProjection()
            try await database.execute(
                """
                insert into lockstep.generations (projection, number, version, relation, state, lanes)
                values ('tally', 1, 1, 'tally_v1', 'active', 12) on conflict (projection, number) do update set lanes = 12
                """)
            let store = PostgresProjectionStore(pool: database.pool)
            let answer = try await database.leases.acquire("l", holder: "one", for: .seconds(60))
            guard case .granted(let lease) = answer else { return #expect(Bool(false), "\(answer)") }
            let incarnation = try await log.head().incarnation
            for lane in [LaneLayout.allLanes, 12, 99] {
                var progress = ConsumerProgress(of: .init(of: whole, lane: lane), incarnation: incarnation)
                progress.position = GlobalPosition(1)
                await #expect(throws: StoreError.self) {
                    try await store.apply(RowChanges(to: whole.table), progress, from: .start, under: lease)
                }
                await #expect(throws: StoreError.self) { try await store.recordState(progress, under: lease) }
            }
            let old =
                "select lockstep_read.advance('l', \(lease.token), 'tally', 'projector', 1, -1, 0, 'live', 1, null, "
                + "gen_random_uuid(), 1, decode(repeat('00', 32), 'hex'), null)"
            await #expect(throws: PostgresError.self) { try await database.execute(old) }
            let stored = try await database.query("select count(*) from lockstep.checkpoints where consumer = 'tally'")
            #expect(try stored.int64(0, 0) == 0)
        }
    }

    @Test func `lanes move together or not at all, each under its own lease`() async throws {
        try await TestDatabase.with { database in
            let projection = try #require(
                try await LaneCheck.layOut([TimelineProjection()], database).first)
            let store = PostgresProjectionStore(pool: database.pool)
            let leases = database.leases
            var held: [Lease] = []
            for lane in 0..<2 {
                guard case .granted(let lease) = try await leases.acquire("l/\(lane)", holder: "one", for: .seconds(60))
                else { return }
                held.append(lease)
            }
            let incarnation = UUID()
            func move(_ lane: Int, from: Int64, to: Int64) -> CheckpointMove {
                var progress = ConsumerProgress(of: .init(of: projection, lane: lane), incarnation: incarnation)
                progress.position = GlobalPosition(to)
                return CheckpointMove(progress, from: GlobalPosition(from), under: held[lane])
            }
            let none = RowChanges(to: projection.table)
            #expect(
                try await store.apply(none, moving: [move(0, from: 0, to: 5), move(1, from: 0, to: 7)]) == .advanced)
            #expect(
                try await store.apply(none, moving: [move(0, from: 5, to: 9), move(1, from: 5, to: 9)])
                    == .moved(actual: GlobalPosition(7)))
            _ = try await leases.acquire("l/1", holder: "one", for: .seconds(60))
            #expect(
                try await store.apply(none, moving: [move(0, from: 5, to: 9), move(1, from: 7, to: 9)])
                    == .fenced(current: held[1].token + 1))
            let frontier = try await store.frontier(of: projection)
            #expect(frontier[0] == GlobalPosition(5) && frontier[1] == GlobalPosition(7) && frontier.least == .start)
            #expect(try await store.recordState([move(0, from: 5, to: 5)]) == .advanced)
        }
    }

    @Test func `either layout takes the place of the other one, and readers see the same`() async throws {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore()
            var random = SeededGenerator(seed: 9)
            try await RandomHistory.append(150, to: log, &random)
            for projection in [TallyProjection(), TimelineProjection(), ActivityByHourProjection()] as [any Projection]
            {
                try await LiveProjection(projection, log, database).run()
                var made: Generation?
                for layout in [Self.layout, .whole, Self.layout] {
                    let rebuild = Rebuild(
                        projection, log: log, views: PostgresProjectionStore(pool: database.pool),
                        leases: database.leases,
                        settings: RebuildSettings(
                            holder: "one",
                            limits: RebuildLimits(
                                segmentEvents: 40, closeEvents: 0, alignmentPatience: .milliseconds(50)),
                            layout: layout))
                    let report = try await rebuild.build()
                    #expect(report.comparison.differing == 0 && report.shadow.layout == layout, "\(projection.name)")
                    made = try await rebuild.activate()
                    #expect(made?.layout == layout)
                }
                let active = try #require(made).keeping(projection)
                try await LaneCheck.expectNaive(active, log, database, "\(projection.name)")
            }
        }
    }
}
