import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels
import Testing

@testable import Projector

@Suite(.timeLimit(.minutes(15))) struct `A rebuild` {
    private func rebuild<Views: ProjectionStore & GenerationStore>(
        _ rig: Rig, _ views: Views, limits: RebuildLimits = RebuildLimits(closeEvents: 0, alignmentPatience: .zero),
        _ projection: (any Projection)? = nil, pages size: Int = 10_000
    ) -> Rebuild<PagedLog, Views, InMemoryProjectionStore> {
        Rebuild(
            projection ?? rig.projection, log: PagedLog(base: rig.log, events: size), views: views, leases: rig.views,
            settings: RebuildSettings(holder: "rebuild", limits: limits))
    }

    private func types(_ count: Int, _ random: inout SeededGenerator) -> [String] {
        let mixed = ["tally.up", "tally.up", "tally.up", "other.thing", "tally.cleared"]
        return (0..<count).map { _ in mixed[random.below(mixed.count)] }
    }

    /// Limits that make segments, evictions and pages of any size.
    private func limits(_ random: inout SeededGenerator) -> RebuildLimits {
        RebuildLimits(
            workers: 1 + random.below(4), memoryBytes: [1, 1_500, 1 << 20][random.below(3)],
            segmentEvents: [1, 10, 1_000][random.below(3)], followBatch: 1 + random.below(9), closeEvents: 0,
            alignmentPatience: .zero)
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func `equals the naive fold and a live projector, whatever its limits`(_ seed: UInt64) async throws {
        let rig = Rig()
        var random = SeededGenerator(seed: seed)
        try await rig.append(types(60 + random.below(200), &random), streams: 1 + random.below(20))
        let end = try await rig.log.head().position
        try await running(rig.projector()) { try await rig.reach(end) }
        let report = try await rebuild(rig, rig.views, limits: limits(&random), pages: 1 + random.below(60)).build()
        #expect(report.comparison.differing == 0 && report.comparison.shadow.least == end, "seed \(seed)")
        let made = report.shadow.keeping(rig.projection)
        #expect(rig.views.rows(of: made.table) == (try await rig.naive()), "seed \(seed)")
        var progress = try #require(try await rig.views.progress(of: ConsumerProgress.Key(of: made)))
        progress.key = rig.key
        #expect(try await progress == rig.progress(through: end, state: .catchingUp), "seed \(seed)")
    }

    @Test func `a layout that was asked for is not ignored where an earlier run has left a generation`() async throws {
        let rig = Rig()
        var random = SeededGenerator(seed: 1)
        try await rig.append(types(20, &random), streams: 3)
        _ = try await rebuild(rig, rig.views).build()
        func again(insisting: Bool) -> Rebuild<InMemoryEventStore, InMemoryProjectionStore, InMemoryProjectionStore> {
            Rebuild(
                rig.projection, log: rig.log, views: rig.views, leases: rig.views,
                settings: RebuildSettings(
                    holder: "rebuild", limits: RebuildLimits(closeEvents: 0, alignmentPatience: .zero),
                    layout: .byLane(Lane.defaultCount), insistsOnLayout: insisting))
        }
        let left = try await again(insisting: false).build().shadow
        #expect(left.layout == .whole, "the settings speak of what is begun")
        await #expect(throws: RebuildFault.otherLayout(left, asked: .byLane(Lane.defaultCount))) {
            try await again(insisting: true).build()
        }
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func `parks what a live projector parks, whatever its limits`(_ seed: UInt64) async throws {
        let rig = Rig()
        var random = SeededGenerator(seed: seed)
        let bad = ["tally.broken", "tally.untold", "tally.broken"]
        let mixed = (0..<120).map { _ in random.below(12) == 0 ? bad[random.below(3)] : "tally.up" }
        try await rig.append(mixed, streams: 4 + random.below(30))
        let end = try await rig.log.head().position
        try await running(rig.projector()) { try await rig.reach(end) }
        var limits = limits(&random)
        limits.closeEvents = Int64(random.below(2) * 1_000)
        let report = try await rebuild(rig, rig.views, limits: limits, pages: 1 + random.below(40)).build()
        let made = report.shadow.keeping(rig.projection)
        #expect(rig.views.rows(of: made.table) == rig.views.rows(of: rig.projection.table), "seed \(seed)")
        #expect(report.comparison.differing == 0 && report.parkedInActive == report.parkedInShadow, "seed \(seed)")
        let (own, seen) = (
            try await parked(in: rig, ConsumerProgress.Key(of: made)), try await parked(in: rig, rig.key)
        )
        #expect(own == seen, "seed \(seed)")
    }

    /// Everything that is parked, but for the clock.
    private func parked(in rig: Rig, _ consumer: ConsumerProgress.Key) async throws -> [[String]] {
        var all: [[String]] = []
        for key in try await rig.views.allParkedKeys(of: consumer) {
            let queue = try await rig.views.queue(of: key.key, of: consumer, after: .start, limit: 1_000)
            all.append([key.key.text, key.scope.text, "\(key.failure.position)", "\(key.queued)", "\(queue)"])
        }
        return all
    }

    @Test func `follows the log past keys that are parked in it, and past rows that the store refuses`() async throws {
        let rig = Rig()
        try await rig.append(["tally.up", "tally.broken", "tally.up", "tally.up"], streams: 2)
        let views = RefusingViews(base: rig.views)
        let job = rebuild(rig, views)
        let shadow = try await job.build().shadow.keeping(rig.projection)
        try await rig.append(["tally.up", "tally.up", "tally.refused", "tally.up", "tally.up"], streams: 3)
        try await running(rig.projector(log: rig.log, views: views)) { try await rig.reach(GlobalPosition(9)) }
        #expect(try await job.compare().isExplained)
        #expect(rig.views.rows(of: shadow.table) == rig.views.rows(of: rig.projection.table))
        #expect(
            try await parked(in: rig, ConsumerProgress.Key(of: shadow)) == [
                [#"["tally-1","default"]"#, #"sync:["default","1"]"#, "2", "4", "[2, 4, 6, 9]"],
                [#"["tally-2","default"]"#, #"sync:["default","2"]"#, "7", "1", "[7]"],
            ])
    }

    @Test func `by a cured fold explains the rows that wait in what readers see`() async throws {
        let rig = Rig()
        try await rig.append(["tally.up", "tally.broken", "tally.untold", "tally.up"], streams: 4)
        try await running(rig.projector()) { try await rig.reach(GlobalPosition(4)) }
        let job = rebuild(rig, rig.views, TallyProjection(cured: ["broken", "untold"]))
        let report = try await job.build()
        #expect(report.comparison.differing == 2 && report.count(.behind) == 2 && report.isExplained)
        #expect(report.parkedInActive == 2 && report.parkedInShadow == 0)
    }

    @Test func `gives up what was kept for as long as it was to be, and what was parked in it`() async throws {
        let rig = Rig()
        try await rig.append(["tally.broken"])
        let job = rebuild(rig, rig.views)
        try await running(rig.projector()) { try await rig.reach(GlobalPosition(1)) }
        _ = try await job.build()
        _ = try await job.activate()
        let projectors = FollowedGenerations(
            of: [rig.projection], log: rig.log, views: rig.views, leases: rig.views,
            settings: .quick(holder: "one"), logger: .silent)
        #expect(try await rig.views.allParkedKeys(of: rig.key).count == 1)
        rig.serverTime.advance(by: .seconds(73 * 3_600))
        let active = try #require(try await rig.views.generations().first { $0.state == .active })
        try await rig.append(["tally.up"])
        // What has expired is given up before the others are followed.
        try await running(projectors) {
            let answer = try await rig.views.wait(
                for: ConsumerProgress.Key(of: active), through: GlobalPosition(2), atMost: .seconds(600),
                time: SystemTimekeeper())
            #expect(answer == .reached)
        }
        #expect(try await !rig.views.generations().contains { $0.state == .previous })
        #expect(try await rig.views.allParkedKeys(of: rig.key).isEmpty)
    }

    @Test func `and a projector do not go on with rows that another fold of the same version has made`() async throws {
        let rig = Rig()
        try await rig.append(["tally.up"])
        let samples = [FoldSample(type: EventType(trusting: "tally.up"), schemaVersion: 1, data: Array("{}".utf8))]
        let (before, after) = (SecondTally(declares: [], factor: 2), SecondTally(declares: [], factor: 3))
        let stored = FoldFingerprints(of: [before], samples: samples)
        let views = InMemoryProjectionStore(projections: [after])
        let active = try #require(try await views.generations().first)
        try await views.sign(active, try #require(stored["tally"]))
        let settings = ProjectorSettings.quick(
            holder: "one", fingerprints: FoldFingerprints(of: [after], samples: samples))
        let projectors = FollowedGenerations(
            of: [after], log: rig.log, views: views, leases: views, settings: settings, logger: .silent)
        try await running(projectors) {
            let answer = try await views.wait(
                for: ConsumerProgress.Key(of: active), through: GlobalPosition(1), atMost: .seconds(600),
                time: SystemTimekeeper())
            guard case .stopped(.start, let reason) = answer else {
                Issue.record("\(answer)")
                return
            }
            #expect(reason.contains("makes other rows of tally.up@1") && reason.contains("a version of its own"))
        }
        #expect(views.rows(of: after.table).isEmpty)
    }

    @Test(arguments: [true, false])
    func `may die at any write, and the next run ends as if nothing had happened`(_ isDoneFirst: Bool) async throws {
        for write in 1...100 {
            let rig = Rig()
            var random = SeededGenerator(seed: UInt64(write))
            try await rig.append(types(90, &random), streams: 7)
            let end = try await rig.log.head().position
            try await running(rig.projector()) { try await rig.reach(end) }
            let limits = RebuildLimits(workers: 2, segmentEvents: 1, closeEvents: 0, alignmentPatience: .zero)
            let dying = DyingViews(rig.views, at: write, isDoneFirst: isDoneFirst)
            let first = rebuild(rig, dying, limits: limits, pages: 13)
            do {
                _ = try await first.build()
                _ = try await first.activate()
            } catch {}
            let active = try await rig.views.generations().filter { $0.state == .active }
            #expect(active.count == 1, "write \(write)")
            let seen = try #require(active.first)
            #expect(rig.views.rows(of: seen.keeping(rig.projection).table) == (try await rig.naive()), "write \(write)")
            let second = rebuild(rig, rig.views)
            if seen.number == 1 {
                _ = try await second.build()
                _ = try await second.activate()
            }
            let last = try await rig.views.generations().first { $0.state == .active }
            let made = try #require(last)
            #expect(made.number == 2, "write \(write)")
            #expect(rig.views.rows(of: made.keeping(rig.projection).table) == (try await rig.naive()), "write \(write)")
            if dying.isAlive { return }
        }
        Issue.record("there is no end of writes")
    }

    @Test func `tells a change that a version declares from one that it does not`() async throws {
        let rig = Rig()
        try await rig.append(["tally.up", "tally.up", "tally.up"], streams: 2)
        try await running(rig.projector()) { try await rig.reach(GlobalPosition(3)) }
        let declared = try await rebuild(rig, rig.views, SecondTally(declares: ["count", "odd"])).build()
        #expect(declared.isExplained && declared.count(.declared) == 2 && declared.shadow.version == 2)
        _ = try await rebuild(rig, rig.views, SecondTally(declares: [])).giveUp()
        let undeclared = try await rebuild(rig, rig.views, SecondTally(declares: ["odd"])).build()
        #expect(!undeclared.isExplained && undeclared.count(.unexplained) == 2)
        #expect(undeclared.differences.first?.columns.map(\.name).contains("count") == true)
    }

    @Test func `of another version is not mixed with the one under way`() async throws {
        let rig = Rig()
        try await rig.append(["tally.up", "tally.newer"])
        await #expect(throws: ProjectorFault.self) { try await rebuild(rig, rig.views).build() }
        await #expect(throws: GenerationFlaw.self) {
            try await rebuild(rig, rig.views, SecondTally(declares: [])).build()
        }
    }

    @Test func `is activated only after it was compared`() throws {
        let shadow = Generation(projection: "tally", number: 2, version: 1, relation: "tally_g2", state: .ready)
        let rule = ActivationRule()
        #expect(throws: RebuildFault.self) { try rule.check(shadow, nil, accepting: nil) }
        #expect(throws: RebuildFault.self) { try rule.check(shadow, GenerationReport(text: []), accepting: nil) }
        let sound = GenerationReport(text: Array(#"{"unexplained":0}"#.utf8))
        try rule.check(shadow, sound, accepting: nil)
        let flawed = GenerationReport(text: Array(#"{"unexplained":1}"#.utf8))
        #expect(throws: RebuildFault.self) { try rule.check(shadow, flawed, accepting: nil) }
        #expect(throws: RebuildFault.self) { try rule.check(shadow, flawed, accepting: sound.digest.hexadecimal) }
        try rule.check(shadow, flawed, accepting: flawed.digest.hexadecimal)
    }

    @Test func `is followed once it is whole, and so is the one before, which nothing disturbs`() async throws {
        let rig = Rig()
        try await rig.append(["tally.up", "tally.up"])
        let projectors = FollowedGenerations(
            of: [rig.projection], log: rig.log, views: rig.views, leases: rig.views, settings: .quick(holder: "one"),
            logger: .silent)
        try await running(projectors) {
            try await rig.reach(GlobalPosition(2))
            let lease = rig.views.lease(ProjectorSettings.leaseName(of: rig.projection))
            let rebuild = self.rebuild(rig, rig.views)
            _ = try await rebuild.build()
            let made = try await rebuild.activate().keeping(rig.projection)
            try await rig.append(["tally.up", "tally.up"])
            // Both get there: the new one for its readers, the old one so that it can be returned to.
            try await rig.reach(GlobalPosition(4))
            let answer = try await rig.views.wait(
                for: ConsumerProgress.Key(of: made), through: GlobalPosition(4), atMost: .seconds(600),
                time: SystemTimekeeper())
            #expect(answer == .reached)
            let rows = try await rig.naive()
            #expect(rig.views.rows(of: made.table) == rows && rig.views.rows(of: rig.projection.table) == rows)
            #expect(lease != nil && rig.views.lease(ProjectorSettings.leaseName(of: rig.projection)) == lease)
        }
    }

    @Test func `says how long it will take, between the fastest and the slowest of the last looks`() {
        var window = RateWindow()
        for (events, seconds) in [(0, 0), (100, 1), (300, 2), (450, 3)] as [(Int64, Int)] {
            window.note(events: events, at: .seconds(seconds))
        }
        var progress = RebuildProgress()
        progress.position = GlobalPosition(400)
        progress.target = GlobalPosition(1_000)
        #expect(progress.remainingSeconds == nil)
        progress.recentRates = window.range
        #expect(progress.remainingSeconds == 3.0...6.0 && progress.fraction == 0.4)
    }
}
