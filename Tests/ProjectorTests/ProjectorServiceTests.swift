import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels
import ServiceLifecycle
import Testing

@testable import Projector

@Suite(.timeLimit(.minutes(15))) struct `Projector` {
    private static let mixed = ["tally.up", "tally.up", "other.thing", "tally.cleared", "tally.up"]

    private func types(_ count: Int, seed: UInt64) -> [String] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Self.mixed[random.below(Self.mixed.count)] }
    }

    @Test func `it works through history, goes live and follows`() async throws {
        let rig = Rig()
        try await rig.append(types(50, seed: 1))
        try await running(rig.projector()) {
            try await rig.reach(GlobalPosition(50))
            try await rig.append(types(30, seed: 2))
            try await rig.reach(GlobalPosition(80))
        }
        #expect(rig.views.rows(of: rig.projection.table) == (try await rig.naive()))
        #expect(
            try await rig.views.progress(of: rig.key) == rig.progress(through: GlobalPosition(80), state: .live))
    }

    @Test func `events that a projection does not need move the checkpoint and count in the digest`() async throws {
        let rig = Rig()
        try await rig.append(["other.thing", "other.thing"])
        try await running(rig.projector()) { try await rig.reach(GlobalPosition(2)) }
        #expect(rig.views.rows(of: rig.projection.table).isEmpty)
        #expect(try await rig.views.progress(of: rig.key) == rig.progress(through: GlobalPosition(2), state: .live))
    }

    @Test func `an empty log has a live projector that can be seen`() async throws {
        let rig = Rig()
        try await running(rig.projector()) {
            while try await rig.views.progress(of: rig.key)?.state != "live" { await Task.yield() }
        }
        #expect(try await rig.views.progress(of: rig.key) == rig.progress(through: .start, state: .live))
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `with batches of any size and restarts anywhere the view equals the naive fold`(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        for projection in [TallyProjection(), TimelineProjection()] as [any Projection] {
            let rig = Rig(projection)
            var end: Int64 = 0
            while end < 120 {
                let count = 1 + random.below(40)
                try await rig.append(types(count, seed: random.next()))
                end += Int64(count)
                // Some runs are stopped in the middle of things, wherever they are.
                let target =
                    random.chance(perMille: 500)
                    ? GlobalPosition(end) : GlobalPosition(end - Int64(random.below(count)))
                let smallest = 1 + random.below(5)
                try await running(rig.projector(batch: smallest...(smallest + random.below(20)))) {
                    try await rig.reach(target, "seed \(seed)")
                }
            }
            let head = GlobalPosition(end)
            try await running(rig.projector()) { try await rig.reach(head, "seed \(seed)") }
            #expect(rig.views.rows(of: projection.table) == (try await rig.naive()), "seed \(seed)")
            #expect(
                try await rig.views.progress(of: rig.key) == rig.progress(through: head, state: .live), "seed \(seed)")
        }
    }

    @Test(arguments: [false, true])
    func `failing or dying at any call loses nothing and duplicates nothing`(kills: Bool) async throws {
        try await FaultPlan.everywhere(kills: kills) { try await survive($0) }
    }

    /// Runs a projector that fails as planned, then another one, and compares.
    private func survive(_ plan: FaultPlan) async throws {
        let rig = Rig()
        try await rig.append(types(11, seed: 7))
        let first = rig.projector(
            log: FaultyLog(base: rig.log, plan: plan), views: FaultyViews(base: rig.views, plan: plan))
        try await running(first) {
            while !plan.isDead, try await rig.views.progress(of: rig.key)?.position != GlobalPosition(11) {
                await Task.yield()
            }
        }
        let end = GlobalPosition(11)
        try await running(rig.projector()) { try await rig.reach(end, "\(plan.title)") }
        #expect(rig.views.rows(of: rig.projection.table) == (try await rig.naive()), "\(plan.title)")
        #expect(
            try await rig.views.progress(of: rig.key) == rig.progress(through: end, state: .live),
            "\(plan.title)")
    }

    @Test func `of two processes one works`() async throws {
        let rig = Rig()
        try await rig.append(types(40, seed: 3))
        let (one, two) = (rig.projector(holder: "one"), rig.projector(holder: "two"))
        try await running(one, two) { try await rig.reach(GlobalPosition(40)) }
        #expect(rig.views.rows(of: rig.projection.table) == (try await rig.naive()))
        #expect(one.statistics.eventsHandled + two.statistics.eventsHandled == 40)
        #expect(one.statistics.eventsHandled == 0 || two.statistics.eventsHandled == 0)
    }

    @Test func `a process that was paused past its lease cannot write, and the view is unharmed`() async throws {
        let rig = Rig()
        try await rig.append(types(20, seed: 4))
        let paused = PausingViews(rig.views, paused: true)
        let stale = rig.projector(log: rig.log, views: paused, holder: "stale")
        try await running(stale) {
            await paused.waitForArrival()
            rig.serverTime.advance(by: .seconds(60))
            try await running(rig.projector(holder: "fresh")) {
                try await rig.reach(GlobalPosition(20))
            }
            paused.resume()
            while paused.answers.isEmpty { await Task.yield() }
            #expect(paused.answers[0] == .fenced(current: 2))
            // The stale one starts again by acquiring, and goes on from where the other one is.
            rig.serverTime.advance(by: .seconds(60))
            try await rig.append(types(5, seed: 5))
            try await rig.reach(GlobalPosition(25))
        }
        #expect(rig.views.rows(of: rig.projection.table) == (try await rig.naive()))
        #expect(try await rig.views.progress(of: rig.key) == rig.progress(through: GlobalPosition(25), state: .live))
        #expect(stale.statistics.eventsHandled == 5)
    }

    @Test func `a graceful shutdown finishes the batch in hand and gives the lease up`() async throws {
        let rig = Rig()
        try await rig.append(types(20, seed: 4))
        let views = PausingViews(rig.views, paused: true)
        let group = ServiceGroup(services: [rig.projector(log: rig.log, views: views)], logger: .silent)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            await views.waitForArrival()
            await group.triggerGracefulShutdown()
            views.resume()
            try await tasks.waitForAll()
        }
        #expect(!views.answers.isEmpty && views.answers.allSatisfy { $0 == .advanced })
        let position = try #require(try await rig.views.progress(of: rig.key)).position
        #expect(rig.views.rows(of: rig.projection.table) == (try await rig.naive(through: position)))
        // The server's clock stands still, so the lease is free only if it was given up.
        let lease = try await rig.views.acquire(
            ProjectorSettings.leaseName(of: rig.projection), holder: "two", for: .seconds(1))
        guard case .granted = lease else {
            Issue.record("\(lease)")
            return
        }
    }

    @Test(arguments: 0..<9)
    func `an event of a later program stops the view visibly, right before it`(_ place: Int) async throws {
        let rig = Rig()
        var types = types(9, seed: 6)
        types[place] = "tally.newer"
        try await rig.append(types)
        let projector = rig.projector(batch: 4...4)
        try await running(projector) {
            guard case .stopped(let position, let reason) = try await rig.wait(through: GlobalPosition(9)) else {
                Issue.record("it did not stop")
                return
            }
            #expect(position == GlobalPosition(Int64(place)))
            #expect(reason.contains("at position \(place + 1) (tally.newer, id "))
            #expect(
                reason.contains(
                    "its schema version 9 is newer than 1, the newest known here; install the newer version of this program"
                ))
        }
        let before = GlobalPosition(Int64(place))
        #expect(rig.views.rows(of: rig.projection.table) == (try await rig.naive(through: before)))
        var expected = try await rig.progress(through: before, state: .stopped)
        expected.lastError = projector.statistics.fault?.description
        #expect(try await rig.views.progress(of: rig.key) == expected)
    }

    @Test func `replaced code goes on where the old code stopped`() async throws {
        let rig = Rig()
        try await rig.append(["tally.up", "tally.newer", "tally.up"])
        try await running(rig.projector(holder: "old")) {
            guard case .stopped = try await rig.wait(through: GlobalPosition(3)) else {
                Issue.record("it did not stop")
                return
            }
            // The old process still runs and asks for the lease again and again; the new one gets its turn all the same.
            try await running(rig.projector(TallyProjection(cured: ["newer"]), holder: "new")) {
                while try await rig.views.progress(of: rig.key)?.position != GlobalPosition(3) { await Task.yield() }
            }
        }
        #expect(rig.views.rows(of: rig.projection.table) == (try await rig.naive(TallyProjection(cured: ["newer"]))))
        #expect(try await rig.views.progress(of: rig.key) == rig.progress(through: GlobalPosition(3), state: .live))
    }

    @Test func `a view that is ahead of the log refuses to run and is left as it is`() async throws {
        let rig = Rig()
        try await rig.append(types(6, seed: 8))
        try await running(rig.projector()) { try await rig.reach(GlobalPosition(6)) }
        let rows = rig.views.rows(of: rig.projection.table)
        let restored = InMemoryEventStore(incarnation: try await rig.log.head().incarnation)
        _ = try await restored.append(AppendRequest([.draft("tally.up")], to: "tally-9", expecting: .any))
        try await running(rig.projector(log: restored, views: rig.views)) {
            while try await rig.views.progress(of: rig.key)?.state != "stopped" { await Task.yield() }
        }
        let progress = try #require(try await rig.views.progress(of: rig.key))
        #expect(progress.position == GlobalPosition(6))
        #expect(
            progress.lastError?.hasPrefix("the view is at position 6 but the log ends at 1; run `lockstep doctor`")
                == true)
        #expect(rig.views.rows(of: rig.projection.table) == rows)
    }

    @Test func `a view of another history refuses to run although the log is long enough`() async throws {
        let rig = Rig()
        try await rig.append(types(6, seed: 8))
        try await running(rig.projector()) { try await rig.reach(GlobalPosition(6)) }
        let other = Rig()
        try await other.append(types(20, seed: 9))
        try await running(rig.projector(log: other.log, views: rig.views)) {
            while try await rig.views.progress(of: rig.key)?.state != "stopped" { await Task.yield() }
        }
        #expect(try await rig.views.progress(of: rig.key)?.position == GlobalPosition(6))
        // Back on the right history it continues by itself.
        try await rig.append(["tally.up"])
        try await running(rig.projector()) {
            while try await rig.views.progress(of: rig.key)?.position != GlobalPosition(7) { await Task.yield() }
        }
        #expect(rig.views.rows(of: rig.projection.table) == (try await rig.naive()))
    }

    @Test func `waiting for a position answers from the store, also about nobody`() async throws {
        let rig = Rig()
        let answer = try await rig.views.wait(
            for: rig.key, through: GlobalPosition(1), atMost: .milliseconds(3), time: SystemTimekeeper())
        #expect(answer == .timedOut(at: .start))
        try await rig.reach(.start)
    }

    @Test func `the statistics tell what was done`() async throws {
        let rig = Rig()
        try await rig.append(types(9, seed: 1))
        let projector = rig.projector(batch: 3...3)
        try await running(projector) { try await rig.reach(GlobalPosition(9)) }
        let statistics = projector.statistics
        #expect(statistics.eventsHandled == 9)
        #expect(statistics.batches == 3)
        #expect(statistics.lastBatchEvents == 3)
        #expect(statistics.position == GlobalPosition(9))
        #expect(statistics.isCaughtUp)
    }
}
