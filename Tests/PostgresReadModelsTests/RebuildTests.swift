import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import PostgresEventStore
import PostgresReadModels
import Projector
import ReadModels
import Synchronization
import Testing

/// Needs a real PostgreSQL: COPY, locks and views cannot be imitated.
@Suite(.enabled(if: TestDatabase.url != nil, "set LOCKSTEP_DATABASE_URL"), .timeLimit(.minutes(15)))
struct `A rebuild in PostgreSQL` {
    typealias Job = Rebuild<InMemoryEventStore, PostgresProjectionStore, PostgresEventStore>

    private func job(
        _ projection: any Projection, _ log: InMemoryEventStore, _ database: TestDatabase, holder: String = "one",
        limits: RebuildLimits = RebuildLimits(segmentEvents: 40, closeEvents: 0, alignmentPatience: .milliseconds(50)),
        observe: @escaping @Sendable (RebuildProgress) -> Void = { _ in }
    ) -> Job {
        Job(
            projection, log: log, views: PostgresProjectionStore(pool: database.pool),
            leases: database.leases, settings: RebuildSettings(holder: holder, limits: limits),
            observe: observe)
    }

    /// Brings what readers see to the end of the log.
    private func project(
        _ projections: [any Projection], _ log: InMemoryEventStore, _ database: TestDatabase
    ) async throws {
        for projection in projections { try await LiveProjection(projection, log, database).run() }
    }

    private func naive(_ projection: any Projection, _ log: InMemoryEventStore) async throws -> Set<Row> {
        var naive = NaiveFold(projection)
        try naive.fold(try await log.read(EventQuery(limit: 10_000)).events)
        return Set(naive.rows.values)
    }

    private static let all: [any Projection] = [TallyProjection()] + ProjectionCatalogue.all

    @Test(arguments: 1...3)
    func `makes the rows of the naive fold, whatever the segments and workers, and readers see them`(_ workers: Int)
        async throws
    {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore()
            var random = SeededGenerator(seed: UInt64(workers))
            try await RandomHistory.append(200, to: log, &random)
            try await project(Self.all, log, database)
            for projection in Self.all {
                let limits = RebuildLimits(
                    workers: workers, segmentEvents: 1 + random.below(90), followBatch: 7, closeEvents: 0)
                let job = job(projection, log, database, limits: limits)
                let report = try await job.build()
                #expect(report.comparison.differing == 0 && report.isExplained, "\(projection.name)")
                #expect(
                    report.comparison.active.least == GlobalPosition(200)
                        && report.comparison.shadow.least == GlobalPosition(200))
                let made = try await job.activate()
                let table = made.keeping(projection).table
                let expected = try await naive(projection, log)
                #expect(Set(try await database.rows(of: table)) == expected, "\(projection.name)")
                let seen = try await database.query("select count(*) from lockstep_views.\(projection.name)")
                #expect(try Int(seen.int64(0, 0)) == table.shown(expected).count)
                // The checkpoint says what was seen, in whatever parts.
                var progress = ConsumerProgress(
                    of: ConsumerProgress.Key(of: made.keeping(projection)),
                    incarnation: try await log.head().incarnation)
                for event in try await log.read(EventQuery(limit: 10_000)).events { progress.handle(event) }
                progress.state = "catching-up"
                let store = PostgresProjectionStore(pool: database.pool)
                #expect(try await store.progress(of: progress.key) == progress)
            }
        }
    }

    @Test func `refuses to activate rows that differ without a reason, until somebody accepts this very report`()
        async throws
    {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore()
            var random = SeededGenerator(seed: 4)
            try await RandomHistory.append(120, to: log, &random)
            try await project([TallyProjection()], log, database)
            try await log.append("tally-damaged", .draft("tally.up", data: "{}"))
            try await project([TallyProjection()], log, database)
            try await database.execute(
                "update lockstep_read.tally_v1 set count = count + 1 where stream = 'tally-damaged'")
            let job = job(TallyProjection(), log, database)
            let report = try await job.build()
            #expect(report.comparison.differing == 1 && report.count(.unexplained) == 1)
            #expect(report.differences.first?.key == ["tally-damaged", "default"])
            #expect(report.differences.first?.columns.map(\.name) == ["count"])
            let digest = report.kept.digest.hexadecimal
            await #expect(throws: RebuildFault.unexplained(report.shadow, report.verdict)) { try await job.activate() }
            await #expect(throws: RebuildFault.self) { try await job.activate(accepting: String(digest.reversed())) }
            #expect(try await job.activate(accepting: digest).number == 2)
            let expected = try await naive(TallyProjection(), log)
            #expect(Set(try await database.rows(of: TallyProjection().table.kept(in: "tally_g2"))) == expected)
        }
    }

    @Test func `can be returned from, and the generation in between is kept current`() async throws {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore()
            var random = SeededGenerator(seed: 5)
            try await RandomHistory.append(100, to: log, &random)
            try await project([TallyProjection()], log, database)
            let job = job(TallyProjection(), log, database)
            _ = try await job.build()
            let made = try await job.activate()
            try await RandomHistory.append(50, to: log, &random)
            let shadow = made.keeping(TallyProjection())
            try await project([shadow], log, database)
            #expect(try await job.rollBack().number == 1)
            // Readers never go back in time: the old generation was brought to where the new one was.
            let store = PostgresProjectionStore(pool: database.pool)
            #expect(
                try await store.progress(of: ConsumerProgress.Key(of: TallyProjection()))?.position
                    == GlobalPosition(150))
            #expect(
                Set(try await database.rows(of: TallyProjection().table)) == (try await naive(TallyProjection(), log)))
            #expect(
                try await store.generations().filter { $0.projection == "tally" }.map(\.state) == [.active, .previous])
            #expect(try await job.rollBack().number == 2)
        }
    }

    @Test(arguments: [1, 2, 3, 5] as [Int64])
    func `goes on where it was interrupted`(_ pages: Int64) async throws {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore()
            var random = SeededGenerator(seed: UInt64(pages))
            try await RandomHistory.append(200, to: log, &random)
            try await project([TallyProjection()], log, database)
            let limits = RebuildLimits(segmentEvents: 1, closeEvents: 0)
            let seen = Mutex<Int64>(0)
            let running = Mutex<Task<RebuildReport, any Error>?>(nil)
            let first = job(TallyProjection(), log, database, limits: limits) { progress in
                guard progress.phase == .folding, progress.events > 0 else { return }
                if seen.withLock({
                    $0 += 1; return $0 == pages
                }) {
                    running.withLock { $0?.cancel() }
                }
            }
            running.withLock { $0 = Task { try await first.build() } }
            let task = running.withLock { $0 }
            _ = await task?.result
            let report = try await job(TallyProjection(), log, database).build()
            #expect(report.comparison.differing == 0)
            let expected = try await naive(TallyProjection(), log)
            #expect(Set(try await database.rows(of: report.shadow.keeping(TallyProjection()).table)) == expected)
        }
    }

    @Test func `stops at an event of a newer program and leaves readers alone`() async throws {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore()
            try await log.append("tally-1", .draft("tally.up", data: "{}"))
            try await log.append("tally-1", .draft("tally.newer", data: "{}"))
            await #expect(throws: ProjectorFault.self) { try await job(TallyProjection(), log, database).build() }
            let states = try await PostgresProjectionStore(pool: database.pool).generations()
                .filter { $0.projection == "tally" }.map(\.state)
            #expect(states == [.active, .building])
            #expect(try await job(TallyProjection(), log, database).giveUp()?.number == 2)
            let left = try await database.query("select to_regclass('lockstep_read.tally_g2') is null")
            #expect(try left.bool(0, 0))
        }
    }

    @Test func `is one at a time, and one that lost its lease writes nothing`() async throws {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore()
            var random = SeededGenerator(seed: 6)
            try await RandomHistory.append(60, to: log, &random)
            let leases = database.leases
            guard case .granted(let lease) = try await leases.acquire("rebuild/tally", holder: "two", for: .seconds(60))
            else { return }
            await #expect(throws: RebuildFault.running(projection: "tally", holder: "two")) {
                try await job(TallyProjection(), log, database).build()
            }
            let store = PostgresProjectionStore(pool: database.pool)
            let shadow = try await store.begin(TallyProjection(), fingerprint: nil, layout: .whole, under: lease)
            _ = try await leases.acquire("rebuild/tally", holder: "two", for: .seconds(60))
            await #expect(throws: StoreError.cancelled) { try await store.finish(shadow, under: lease) }
            let kept = shadow.keeping(TallyProjection())
            let answer = try await store.load(into: kept, from: .start, under: lease) {
                let progress = ConsumerProgress(of: ConsumerProgress.Key(of: kept), incarnation: UUID())
                return .end(
                    RowChanges(to: kept.table), moving: [CheckpointMove(progress, from: .start, under: lease)])
            }
            #expect(answer == .fenced(current: lease.token + 1))
        }
    }

    @Test(arguments: [false, true])
    func `is given up or gone on with although a process stands still in the middle of its rows`(anew: Bool)
        async throws
    {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore()
            var random = SeededGenerator(seed: 8)
            try await RandomHistory.append(60, to: log, &random)
            guard
                case .granted(let lease) = try await database.leases.acquire(
                    "rebuild/tally", holder: "still", for: .seconds(600))
            else { return }
            let store = PostgresProjectionStore(pool: database.pool)
            let shadow = try await store.begin(TallyProjection(), fingerprint: nil, layout: .whole, under: lease)
            let (asked, asking) = AsyncStream<Void>.makeStream()
            let (waking, wake) = AsyncStream<Void>.makeStream()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let kept = shadow.keeping(TallyProjection())
                    await #expect(throws: (any Error).self) {
                        _ = try await store.load(into: kept, from: .start, under: lease) {
                            asking.yield()
                            for await _ in waking { break }
                            let progress = ConsumerProgress(of: ConsumerProgress.Key(of: kept), incarnation: UUID())
                            return .end(
                                RowChanges(to: kept.table),
                                moving: [CheckpointMove(progress, from: .start, under: lease)])
                        }
                    }
                }
                for await _ in asked { break }
                try await database.leases.release(lease)
                if anew {
                    #expect(try await job(TallyProjection(), log, database).giveUp()?.number == shadow.number)
                } else {
                    #expect(try await job(TallyProjection(), log, database).build().shadow.number == shadow.number)
                }
                wake.yield()
                for try await _ in group {}
            }
        }
    }

    @Test(arguments: [1, 3, 1_000])
    func `explains rows that differ because what readers see stands still, however few it tells`(_ told: Int)
        async throws
    {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore()
            var random = SeededGenerator(seed: 7)
            try await RandomHistory.append(100, to: log, &random)
            try await project([TallyProjection(), TimelineProjection()], log, database)
            try await RandomHistory.append(34, to: log, &random)
            for tally in 0..<6 { try await log.append("tally-\(tally)", .draft("tally.up")) }
            for projection in [TallyProjection(), TimelineProjection()] as [any Projection] {
                let report = try await job(projection, log, database, limits: limits(told)).build()
                #expect(
                    report.comparison.active.least == GlobalPosition(100)
                        && report.comparison.shadow.least == GlobalPosition(140))
                #expect(report.comparison.differing > 3 && report.isExplained)
                #expect(report.count(.behind) == report.comparison.differing)
                #expect(report.differences.count == min(told, Int(report.comparison.differing)))
            }
        }
    }

    @Test func `explains no row that is wrong as well, and none beyond the limit`() async throws {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore()
            var random = SeededGenerator(seed: 7)
            try await RandomHistory.append(100, to: log, &random)
            try await project([TimelineProjection()], log, database)
            // The first ones, of which the report tells one.
            try await database.execute("update lockstep_read.timeline_v1 set type = 'forged' where position <= 3")
            try await RandomHistory.append(40, to: log, &random)
            let limited = job(TimelineProjection(), log, database, limits: limits(1, explained: 20))
            let some = try await limited.build()
            #expect(some.comparison.differing == 43 && some.differences.count == 1)
            #expect(some.count(.behind) <= 20 && some.count(.behind) + some.count(.unexplained) == 43)
            let all = try await job(TimelineProjection(), log, database, limits: limits(1)).compare()
            #expect(all.count(.behind) == 40 && all.count(.unexplained) == 3 && !all.isExplained)
        }
    }

    private func limits(_ told: Int, explained: Int = 1_000) -> RebuildLimits {
        RebuildLimits(
            segmentEvents: 40, closeEvents: 0, reportedRows: told, explainedRows: explained,
            alignmentPatience: .milliseconds(50))
    }
}
