import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels
import Testing

@testable import Projector

@Suite(.timeLimit(.minutes(15))) struct `A generation with a checkpoint for each lane` {
    @Test func `one process holds all lanes and moves them together`() async throws {
        let stage = LaneStage()
        let rig = stage.rig
        try await stage.append(50, seed: 1)
        try await running(rig.projector()) {
            try await rig.reach(GlobalPosition(50))
            try await stage.append(30, seed: 2)
            try await rig.reach(GlobalPosition(80))
        }
        try await stage.check(through: 80)
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `two processes that come and go anywhere make the rows of the naive fold`(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let stage = LaneStage()
        let rig = stage.rig
        var end: Int64 = 0
        for _ in 0..<4 {
            let count = 1 + random.below(60)
            try await stage.append(count, seed: random.next())
            end += Int64(count)
            let target = GlobalPosition(end - Int64(random.below(count)))
            let (one, two) = (rig.projector(holder: "one", seed: seed), rig.projector(holder: "two", seed: seed + 1))
            try await running(one) {
                try await running(two) { try await rig.reach(target, "seed \(seed)") }
            }
        }
        let head = GlobalPosition(end)
        try await running(rig.projector()) { try await rig.reach(head, "seed \(seed)") }
        try await stage.check(through: end, "seed \(seed)")
    }

    @Test func `processes share the lanes out evenly, and who goes gives them back at once`() async throws {
        let stage = LaneStage()
        let rig = stage.rig
        try await running(rig.projector(holder: "one")) {
            await stage.expect("one", "one", "one", "one")
            try await running(rig.projector(holder: "two")) {
                await stage.expect("one", "one", "two", "two")
                try await stage.append(40, seed: 3)
                try await rig.reach(GlobalPosition(40))
            }
            await stage.expect("one", "one", "one", "one")
            try await stage.append(5, seed: 4)
            try await rig.reach(GlobalPosition(45))
        }
        try await stage.check(through: 45)
    }

    @Test func `a process that was paused past its leases cannot write, and shares the lanes again`() async throws {
        let stage = LaneStage()
        let rig = stage.rig
        try await stage.append(30, seed: 4)
        try await stage.pausing(
            { rig.projector(log: rig.log, views: $0, holder: "stale") }, until: rig.projector(holder: "fresh")
        ) {
            try await rig.reach(GlobalPosition(30))
            try await stage.append(9, seed: 5)
            try await rig.reach(GlobalPosition(39))
        }
        try await stage.check(through: 39)
    }

    @Test(arguments: [false, true])
    func `failing or dying at any call loses nothing and duplicates nothing`(kills: Bool) async throws {
        try await FaultPlan.everywhere(kills: kills) { try await survive($0) }
    }

    private func survive(_ plan: FaultPlan) async throws {
        let stage = LaneStage()
        let rig = stage.rig
        try await stage.append(11, seed: 7, streams: 5)
        let first = rig.projector(
            log: FaultyLog(base: rig.log, plan: plan), views: FaultyViews(base: rig.views, plan: plan))
        try await stage.run(first, until: plan, to: GlobalPosition(11))
        try await running(rig.projector()) { try await rig.reach(GlobalPosition(11), "\(plan.title)") }
        try await stage.check(through: 11, "\(plan.title)")
    }

    @Test func `a program that does not know of lanes is refused and writes nothing`() async throws {
        let stage = LaneStage()
        let rig = stage.rig
        try await stage.append(20, seed: 6)
        try await running(rig.projector()) { try await rig.reach(GlobalPosition(20)) }
        let old = rig.projector(TallyProjection(), holder: "old")
        try await running(old) {
            while old.statistics.fault == nil { await Task.yield() }
        }
        try await stage.check(through: 20)
    }

    @Test func `an event that its lane has handled does not count again, although another lane is behind`() async throws
    {
        let stage = LaneStage()
        let rig = stage.rig
        try await stage.append(40, seed: 8)
        // What two processes leave of which one was quicker.
        let events = try await rig.events()
        let share = LaneShare(all: LaneStage.layout, under: Lease(name: "tests", holder: "tests", token: 1))
        _ = try await rig.views.acquire("tests", holder: "tests", for: .seconds(60))
        var ahead = LaneProgress(
            rig.projection, lanes: [1, 2], stored: [], incarnation: try await rig.log.head().incarnation)
        let before = ahead
        var fold = BatchFold(rig.projection)
        for event in events.prefix(25) where ahead.counts(event) {
            try fold.fold(event)
            ahead.handle(event)
        }
        ahead.stand(behind: events[24])
        let moves = ahead.moves(from: before, under: share)
        #expect(try await rig.views.apply(fold.changes, moving: moves) == .advanced)
        try await running(rig.projector()) { try await rig.reach(GlobalPosition(40)) }
        try await stage.check(through: 40)
    }

    @Test func `keys are parked in their lane, and retried there`() async throws {
        let stage = LaneStage()
        let rig = stage.rig
        try await rig.append(["tally.up", "tally.up", "tally.broken", "tally.up", "tally.up", "tally.up"], streams: 3)
        try await running(rig.projector()) { try await rig.reach(GlobalPosition(6)) }
        let keys = ConsumerProgress.Key.all(of: rig.projection)
        let parked = try await rig.views.allParkedKeys(of: keys)
        guard let (consumer, key) = parked.first, parked.count == 1 else { return #expect(Bool(false), "\(parked)") }
        let event = try #require(try await rig.events().first { $0.position == key.failure.position })
        #expect(consumer.lane == LaneStage.layout.lane(of: event))
        let skip = RetryRequest.Skip(key.failure.position, because: "broken")
        #expect(try await rig.views.requestSkip(of: key.key, of: consumer, skip, by: "ada"))
        try await running(rig.projector()) {
            while try await !rig.views.allParkedKeys(of: keys).isEmpty { await Task.yield() }
        }
        let skips = try await rig.log.skippedEvents(of: rig.projection.name)
        #expect(rig.views.rows(of: rig.projection.table) == (try await rig.naive(skipping: skips)))
    }
}
