import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels
import Testing

@testable import Projector

@Suite(.timeLimit(.minutes(15))) struct `A generation fed from the topic` {
    private func projector<Views: ProjectionStore>(
        _ rig: Rig, _ topic: ModelLaneTopic, views: Views, holder: String = "one", seed: UInt64 = 1
    ) -> ProjectorService<InMemoryEventStore, Views, InMemoryProjectionStore> {
        var settings = ProjectorSettings.quick(holder: holder, seed: seed)
        settings.source = .topic(topic)
        settings.limits.lookInterval = .milliseconds(1)
        return ProjectorService(
            rig.projection, log: rig.log, views: views, leases: rig.views, settings: settings, logger: .silent)
    }

    private func projector(
        _ rig: Rig, _ topic: ModelLaneTopic, holder: String = "one", seed: UInt64 = 1
    ) -> ProjectorService<InMemoryEventStore, InMemoryProjectionStore, InMemoryProjectionStore> {
        projector(rig, topic, views: rig.views, holder: holder, seed: seed)
    }

    private func append(_ count: Int, _ stage: LaneStage, _ topic: ModelLaneTopic, seed: UInt64) async throws {
        try await stage.append(count, seed: seed)
        try await topic.publish()
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `members that come and go anywhere make the rows of the naive fold`(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let stage = LaneStage()
        let rig = stage.rig
        let topic = ModelLaneTopic(rig.log, lanes: 4, seed: seed)
        var end: Int64 = 0
        for _ in 0..<4 {
            let count = 1 + random.below(60)
            try await append(count, stage, topic, seed: random.next())
            end += Int64(count)
            let target = GlobalPosition(end - Int64(random.below(count)))
            let (one, two) = (projector(rig, topic, holder: "one"), projector(rig, topic, holder: "two", seed: seed))
            try await running(one) { try await running(two) { try await rig.reach(target, "seed \(seed)") } }
        }
        let head = GlobalPosition(end)
        try await running(projector(rig, topic)) { try await rig.reach(head, "seed \(seed)") }
        try await stage.check(through: end, "seed \(seed)")
    }

    @Test func `a lane in which nothing happens stands where the topic is published, and not beyond`() async throws {
        let stage = LaneStage()
        let rig = stage.rig
        let topic = ModelLaneTopic(rig.log, lanes: 4)
        try await rig.append(["tally.up", "tally.up"], streams: 1)
        try await topic.publish()
        try await rig.append(["tally.up"], streams: 1)
        try await running(projector(rig, topic)) {
            try await rig.reach(GlobalPosition(2))
            #expect(try await rig.views.frontier(of: rig.projection).greatest == GlobalPosition(2))
            try await topic.publish()
            try await rig.reach(GlobalPosition(3))
        }
        try await stage.check(through: 3)
    }

    @Test func `the group gives the lanes out, and who leaves is replaced while events come`() async throws {
        let stage = LaneStage()
        let rig = stage.rig
        let topic = ModelLaneTopic(rig.log, lanes: 4)
        let second = projector(rig, topic, holder: "two")
        try await running(second) {
            try await running(projector(rig, topic, holder: "one")) {
                try await append(40, stage, topic, seed: 1)
                await stage.expect("one", "one", "two", "two")
                try await append(40, stage, topic, seed: 2)
            }
            try await append(40, stage, topic, seed: 3)
            await stage.expect("two", "two", "two", "two")
            try await rig.reach(GlobalPosition(120))
        }
        try await stage.check(through: 120)
    }

    @Test func `while the group does not decide, those who live share the lanes evenly`() async throws {
        let stage = LaneStage()
        let rig = stage.rig
        let topic = ModelLaneTopic(rig.log, lanes: 4)
        // A member that does nothing has two of the lanes.
        _ = try await topic.join(ProjectorSettings.group(of: rig.projection, on: topic), lanes: 4)
        try await running(projector(rig, topic, holder: "one")) {
            try await append(40, stage, topic, seed: 1)
            await stage.expect("one", "one")
            topic.leaveUndecided()
            await stage.expect("one", "one", "one", "one")
            try await rig.reach(GlobalPosition(40))
        }
        try await stage.check(through: 40)
    }

    @Test func `a member that was paused past its leases cannot write`() async throws {
        let stage = LaneStage()
        let rig = stage.rig
        let topic = ModelLaneTopic(rig.log, lanes: 4)
        try await append(30, stage, topic, seed: 4)
        // The group gives everything to the other one.
        try await stage.pausing(
            { projector(rig, topic, views: $0, holder: "stale") }, until: projector(rig, topic, holder: "fresh")
        ) {
            try await rig.reach(GlobalPosition(30))
            try await append(9, stage, topic, seed: 5)
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
        let topic = ModelLaneTopic(rig.log, lanes: 4)
        try await append(11, stage, topic, seed: 7)
        let first = projector(rig, topic, views: FaultyViews(base: rig.views, plan: plan))
        try await stage.run(first, until: plan, to: GlobalPosition(11))
        try await running(projector(rig, topic)) { try await rig.reach(GlobalPosition(11), "\(plan.title)") }
        try await stage.check(through: 11, "\(plan.title)")
    }

    @Test func `what retention has removed stops visibly, and the log as the source goes on`() async throws {
        let stage = LaneStage()
        let rig = stage.rig
        let topic = ModelLaneTopic(rig.log, lanes: 4)
        try await append(60, stage, topic, seed: 6)
        for lane in 0..<4 { topic.retain(lane, from: 5) }
        let service = projector(rig, topic)
        try await running(service) {
            while service.statistics.fault == nil { await Task.yield() }
        }
        guard case .topic(.hole(let lane, after: .start, _), projection: "tally") = service.statistics.fault else {
            return #expect(Bool(false), "\(String(describing: service.statistics.fault))")
        }
        let stopped = try #require(try await rig.views.progress(of: .init(of: rig.projection, lane: lane)))
        #expect(stopped.position == .start && stopped.lastError?.contains("LOCKSTEP_PROJECTOR_SOURCE=log") == true)
        try await running(rig.projector()) { try await untilEven(rig, at: 60) }
        try await append(20, stage, topic, seed: 8)
        try await running(projector(rig, topic)) { try await untilEven(rig, at: 80) }
        try await stage.check(through: 80)
    }

    private func untilEven(_ rig: Rig, at position: Int64) async throws {
        while try await rig.views.frontier(of: rig.projection).least != GlobalPosition(position) { await Task.yield() }
    }

    @Test func `keys are parked in their lane, and retried there`() async throws {
        let stage = LaneStage()
        let rig = stage.rig
        let topic = ModelLaneTopic(rig.log, lanes: 4)
        try await rig.append(["tally.up", "tally.up", "tally.broken", "tally.up", "tally.up", "tally.up"], streams: 3)
        try await topic.publish()
        let keys = ConsumerProgress.Key.all(of: rig.projection)
        try await running(projector(rig, topic)) {
            try await rig.reach(GlobalPosition(6))
            let parked = try await rig.views.allParkedKeys(of: keys)
            guard let (consumer, key) = parked.first, parked.count == 1 else { return #expect(Bool(false)) }
            let skip = RetryRequest.Skip(key.failure.position, because: "broken")
            #expect(try await rig.views.requestSkip(of: key.key, of: consumer, skip, by: "ada"))
            while try await !rig.views.allParkedKeys(of: keys).isEmpty { await Task.yield() }
            try await append(10, stage, topic, seed: 9)
            try await rig.reach(GlobalPosition(17))
        }
        let skips = try await rig.log.skippedEvents(of: rig.projection.name)
        #expect(rig.views.rows(of: rig.projection.table) == (try await rig.naive(skipping: skips)))
    }

    @Test func `a topic with another number of partitions is refused, and a generation with one checkpoint as well`()
        async throws
    {
        let stage = LaneStage()
        let rig = stage.rig
        let service = projector(rig, ModelLaneTopic(rig.log, lanes: 3))
        try await running(service) { while service.statistics.fault == nil { await Task.yield() } }
        #expect(
            service.statistics.fault
                == .topic(.topic(.lanes(topic: "model.events", found: 3, needed: 4)), projection: "tally"))
        let whole = Rig()
        var settings = ProjectorSettings.quick(holder: "one")
        settings.source = .topic(ModelLaneTopic(whole.log, lanes: 4))
        try await whole.append(["tally.up"])
        let followed = FollowedGenerations(
            of: [whole.projection], log: whole.log, views: whole.views, leases: whole.views, settings: settings,
            logger: .silent)
        try await running(followed) {
            while try await whole.views.progress(of: whole.key)?.lastError == nil { await Task.yield() }
        }
        let progress = try #require(try await whole.views.progress(of: whole.key))
        #expect(progress.lastError?.contains("projections rebuild tally --layout by-lane --activate") == true)
        #expect(progress.position == .start)
    }
}
