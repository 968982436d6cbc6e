import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels
import Testing

@testable import Projector

/// A table of changing rows and one that only grows, made anew together.
@Suite(.timeLimit(.minutes(15))) struct `A pass of several rebuilds` {
    private typealias Pass = RebuildPass<PagedLog, DyingViews, InMemoryProjectionStore>
    private static let projections: [any Projection] = [TallyProjection(), TimelineProjection()]

    private let log = InMemoryEventStore()
    private let views = InMemoryProjectionStore(projections: Self.projections)

    private func append(_ types: [String], streams: Int = 5) async throws {
        for (index, type) in types.enumerated() {
            let stream = StreamName(trusting: "tally-\(index % streams)")
            _ = try await log.append(AppendRequest([.draft(type, data: "{}")], to: stream, expecting: .any))
        }
    }

    /// Brings what readers see to the end of the log.
    private func project(_ projections: [any Projection] = Self.projections) async throws {
        let end = try await log.head().position
        for projection in projections {
            let projector = ProjectorService(
                projection, log: log, views: views, leases: views, settings: .quick(holder: "live"), logger: .silent)
            let key = ConsumerProgress.Key(of: projection)
            let answer = try await running(projector) { [views] in
                try await views.wait(for: key, through: end, atMost: .seconds(600), time: SystemTimekeeper())
            }
            #expect(answer == .reached)
        }
    }

    /// A pass whose first rebuild dies at one of its writes, and the second at another.
    private func pass(
        over paged: PagedLog, dyingAt writes: [Int] = [.max, .max], isDoneFirst: Bool = false,
        limits: RebuildLimits = RebuildLimits(segmentEvents: 10, closeEvents: 0, alignmentPatience: .zero)
    ) -> Pass {
        let rebuilds = zip(Self.projections, writes).map { projection, write in
            Rebuild(
                projection, log: paged, views: DyingViews(views, at: write, isDoneFirst: isDoneFirst), leases: views,
                settings: RebuildSettings(holder: "pass", limits: limits))
        }
        return Pass(rebuilds, over: paged)
    }

    /// A generation has every row of the naive fold and no other, and a checkpoint that says what was folded.
    private func check(_ shadow: Generation, _ projection: any Projection, _ comment: Comment) async throws {
        let made = shadow.keeping(projection)
        let events = try await log.read(EventQuery(limit: 10_000)).events
        var naive = NaiveFold(projection)
        try naive.fold(events)
        #expect(views.rows(of: made.table) == naive.rows, comment)
        let stored = try #require(try await views.progress(of: ConsumerProgress.Key(of: made)))
        var expected = ConsumerProgress(of: stored.key, incarnation: stored.incarnation)
        for event in events { expected.handle(event) }
        expected.state = ProjectorState.catchingUp.rawValue
        #expect(stored == expected, comment)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `reads the log once, and makes what each would make alone`(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let mixed = ["tally.up", "tally.up", "other.thing", "tally.cleared"]
        try await append((0..<60 + random.below(100)).map { _ in mixed[random.below(mixed.count)] })
        try await project()
        let paged = PagedLog(base: log, events: 1 + random.below(30))
        let limits = RebuildLimits(
            workers: 1 + random.below(3), memoryBytes: [1, 1 << 20][random.below(2)],
            segmentEvents: [1, 25, 1_000][random.below(3)], closeEvents: 0, alignmentPatience: .zero)
        let results = await pass(over: paged, limits: limits).build()
        for (projection, result) in zip(Self.projections, results) {
            let report = try result.get()
            #expect(report.comparison.differing == 0, "seed \(seed)")
            try await check(report.shadow, projection, "seed \(seed)")
        }
        let count = Int(try await log.head().position.rawValue)
        #expect(paged.pagesRead == (count + paged.events - 1) / paged.events, "seed \(seed)")
    }

    @Test func `goes on with the others when an event stops one of them`() async throws {
        try await append(["tally.up", "tally.up", "tally.newer"] + Array(repeating: "tally.up", count: 40))
        try await project([TimelineProjection()])
        let results = await pass(over: PagedLog(base: log, events: 4)).build()
        #expect(throws: ProjectorFault.self) { try results[0].get() }
        try await check(try results[1].get().shadow, TimelineProjection(), "the other one")
        #expect(try await views.generations().map(\.state).filter { $0 == .building }.count == 1)
    }

    @Test(arguments: [true, false])
    func `in which one dies at any write goes on with the others, and that one goes on alone`(
        _ isDoneFirst: Bool
    ) async throws {
        for write in 1...100 {
            let rig = Self()
            try await rig.append(Array(repeating: "tally.up", count: 50))
            try await rig.project()
            let paged = PagedLog(base: rig.log, events: 7)
            let first = await rig.pass(over: paged, dyingAt: [write, .max], isDoneFirst: isDoneFirst).build()
            try await rig.check(try first[1].get().shadow, TimelineProjection(), "write \(write)")
            let second = await rig.pass(over: paged).build()
            for (projection, result) in zip(Self.projections, second) {
                try await rig.check(try result.get().shadow, projection, "write \(write)")
            }
            if case .success = first[0] { return }
        }
        Issue.record("there is no end of writes")
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `takes up rebuilds that stand at different places`(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        try await append(Array(repeating: "tally.up", count: 80))
        try await project()
        let paged = PagedLog(base: log, events: 1 + random.below(9))
        _ = await pass(over: paged, dyingAt: [2 + random.below(6), 2 + random.below(6)]).build()
        try await append(Array(repeating: "tally.up", count: 20))
        try await project()
        for (projection, result) in zip(Self.projections, await pass(over: paged).build()) {
            try await check(try result.get().shadow, projection, "seed \(seed)")
        }
    }

    @Test func `fails as a whole when the log cannot be read, and goes on later`() async throws {
        try await append(Array(repeating: "tally.up", count: 60))
        try await project()
        let broken = PagedLog(base: log, events: 6, failingAt: 5)
        for result in await pass(over: broken).build() {
            #expect(throws: StoreError.unavailable(reason: "injected")) { try result.get() }
        }
        for (projection, result) in zip(Self.projections, await pass(over: PagedLog(base: log, events: 6)).build()) {
            try await check(try result.get().shadow, projection, "later")
        }
    }
}
