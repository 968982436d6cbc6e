import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Logging
import PostgresEventStore
import PostgresReadModels
import Projector
import ReadModels
import Testing

/// Two nodes at once, one with each version of a read model, as in a deploy that goes from node to node.
@Suite(.enabled(if: TestDatabase.url != nil, "set LOCKSTEP_DATABASE_URL"), .timeLimit(.minutes(15)))
struct `A deploy of another version in PostgreSQL` {
    private static let old = TallyProjection()
    private static let new = RenamedTally(factor: 2, declares: ["count"])
    private static let timing = LeaseTiming(
        duration: .seconds(5), renewInterval: .milliseconds(100), retryInterval: .milliseconds(10))

    /// A node follows whatever its own version of the fold has made.
    private func node(
        _ name: String, _ projection: any Projection, _ log: InMemoryEventStore, _ database: TestDatabase
    ) -> FollowedGenerations<InMemoryEventStore, PostgresProjectionStore, PostgresEventStore> {
        FollowedGenerations(
            of: [projection], log: log, views: PostgresProjectionStore(pool: database.pool),
            leases: database.leases,
            settings: ProjectorSettings(
                holder: name, timing: Self.timing, limits: ProjectorLimits(pollInterval: .milliseconds(10))),
            logger: .silent)
    }

    private func job(
        _ projection: any Projection, _ layout: LaneLayout, _ log: InMemoryEventStore, _ database: TestDatabase
    ) -> Rebuild<InMemoryEventStore, PostgresProjectionStore, PostgresEventStore> {
        Rebuild(
            projection, log: log, views: PostgresProjectionStore(pool: database.pool),
            leases: database.leases,
            settings: RebuildSettings(holder: "job-\(projection.version)", layout: layout))
    }

    /// Events of a few streams, to which both versions say something else.
    private func append(_ count: Int, _ log: InMemoryEventStore) async throws {
        for index in 0..<count { try await log.append("tally-\(index % 7)", .draft("tally.up", data: "{}")) }
    }

    private func whileAppending(to log: InMemoryEventStore, _ body: () async throws -> Void) async throws {
        async let appended: Void = append(300, log)
        try await body()
        try await appended
    }

    /// Each generation is the naive fold of its own version, once it has come to the end of the log.
    private func expectOwnRows(_ log: InMemoryEventStore, _ database: TestDatabase, _ comment: Comment) async throws {
        let store = PostgresProjectionStore(pool: database.pool)
        let head = try await log.head().position
        let events = try await log.read(EventQuery(limit: 10_000)).events
        for generation in try await store.generations() where generation.projection == Self.old.name {
            let projection: any Projection = generation.version == 1 ? Self.old : Self.new
            let answer = try await store.wait(
                for: ConsumerProgress.Key.all(of: generation), through: head, atMost: .seconds(600),
                time: SystemTimekeeper())
            #expect(answer == .reached, "\(comment): \(generation.title)")
            var naive = NaiveFold(projection)
            try naive.fold(events)
            let rows = try await database.rows(of: generation.keeping(projection).table)
            #expect(
                Set(rows) == Set(naive.rows.values) && rows.count == naive.rows.count, "\(comment): \(generation.title)"
            )
        }
    }

    private func states(_ database: TestDatabase) async throws -> [Int: Generation.State] {
        let known = try await PostgresProjectionStore(pool: database.pool).generations()
        return Dictionary(
            uniqueKeysWithValues: known.filter { $0.projection == "tally" }.map { ($0.version, $0.state) })
    }

    /// Who has ever had a lease of a generation.
    private func holders(_ generation: Int, _ database: TestDatabase) async throws -> Set<String> {
        let found = try await database.query(
            "select distinct holder from lockstep.leases where name || '/' like 'projector/tally/v\(generation)/%'")
        return Set(try (0..<found.rowCount).map { try found.text($0, 0) })
    }

    @Test(arguments: [LaneLayout.whole, .byLane(Lane.defaultCount)])
    func `is followed by each node in its own generation, before and after readers change over, and back`(
        _ layout: LaneLayout
    ) async throws {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore()
            try await append(60, log)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await node("old", Self.old, log, database).run() }
                group.addTask { try await node("new", Self.new, log, database).run() }
                defer { group.cancelAll() }
                let newer = job(Self.new, layout, log, database)
                try await whileAppending(to: log) {
                    let report = try await newer.build()
                    #expect(report.isExplained)
                    _ = try await newer.activate()
                }
                #expect(try await states(database) == [1: .previous, 2: .active])
                try await expectOwnRows(log, database, "after the activation")
                // The older program brings its own generation along; the newer one could not.
                try await whileAppending(to: log) {
                    let returned = try await job(Self.old, .whole, log, database).rollBack()
                    #expect(returned.version == 1)
                }
                #expect(try await states(database) == [1: .active, 2: .previous])
                try await expectOwnRows(log, database, "after the rollback")
                #expect(try await holders(1, database) == ["old"])
                #expect(try await holders(2, database) == ["new"])
            }
        }
    }
}
