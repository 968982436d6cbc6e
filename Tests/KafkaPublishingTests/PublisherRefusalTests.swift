import EventModel
import EventSourcing
import FoundationEssentials
import KafkaPublishing
import Testing

@Suite("Publisher machine: refusals and offsets")
struct PublisherRefusalTests {
    private func start(
        _ world: MachineWorld, head: Int64, incarnation: UUID? = nil, lanes: Int? = nil
    ) -> [PublisherMachine.Action] {
        var configuration = world.configuration
        configuration.lanes = lanes ?? configuration.lanes
        var machine = PublisherMachine(configuration)
        let actions = machine.receive(
            .began(checkpoint: world.checkpoint, ends: world.broker.ends(from: world.checkpoint)))
        guard case .inspectLog(let positions)? = actions.first else { return actions }
        let events = world.log.events
        return machine.receive(
            .inspected(
                LogHead(
                    position: GlobalPosition(head), incarnation: incarnation ?? world.log.incarnation,
                    systemIdentifier: "1",
                    timeline: 1, recordedAt: nil),
                positions.compactMap { $0.rawValue <= head ? events[Int($0.rawValue) - 1] : nil }))
    }

    private func refusal(_ actions: [PublisherMachine.Action]) -> PublishingRefusal? {
        guard case .end(.refused(let refusal))? = actions.first else { return nil }
        return refusal
    }

    private func published(_ count: Int = 100) -> MachineWorld {
        var world = MachineWorld(events: count, seed: 9)
        _ = world.run(faults: false)
        return world
    }

    @Test func `another number of partitions is refused with an explanation`() {
        let refusal = refusal(start(published(), head: 100, lanes: 6))
        #expect(refusal == .partitionCount(topic: "t", found: 4, expected: 6))
        #expect(refusal?.description.contains("new topic") == true)
    }

    @Test func `a log that ends before the topic is refused with a repair plan`() {
        let refusal = refusal(start(published(), head: 60))
        #expect(refusal == .aheadOfLog(topic: "t", lane: nil, position: GlobalPosition(100), head: GlobalPosition(60)))
        #expect(refusal?.description.contains("adopt-history") == true)
    }

    @Test func `a checkpoint that was restored with the log does not hide it`() {
        var world = published()
        world.checkpoint = nil
        guard case .aheadOfLog(_, .some, _, GlobalPosition(60))? = refusal(start(world, head: 60)) else {
            Issue.record("the topic was not found to be ahead")
            return
        }
    }

    @Test func `a topic of another incarnation is refused`() {
        guard case .otherIncarnation? = refusal(start(published(), head: 100, incarnation: UUID())) else {
            Issue.record("another incarnation was not noticed")
            return
        }
    }

    @Test func `a log that was restored and written to again is refused although nothing but its events differ`() {
        var world = published()
        world.checkpoint = nil
        let other = SmallLog(events: 100, streams: 12, seed: 77)
        other.state.withLock { $0.incarnation = world.log.incarnation }
        var machine = PublisherMachine(world.configuration)
        let actions = machine.receive(.began(checkpoint: nil, ends: world.broker.ends(from: nil)))
        guard case .inspectLog(let positions)? = actions.first else { return }
        let head = LogHead(
            position: GlobalPosition(100), incarnation: world.log.incarnation, systemIdentifier: "1", timeline: 1,
            recordedAt: nil)
        let events = other.events
        let answer = machine.receive(.inspected(head, positions.map { events[Int($0.rawValue) - 1] }))
        guard case .otherEvent? = refusal(answer) else {
            Issue.record("the other history was not noticed")
            return
        }
    }

    /// A running machine that has sent one batch of everything.
    private func running() -> (PublisherMachine, OutgoingBatch)? {
        let world = MachineWorld(events: 5, seed: 10)
        var machine = PublisherMachine(world.configuration)
        _ = machine.receive(.began(checkpoint: nil, ends: world.broker.ends(from: nil)))
        let head = LogHead(
            position: GlobalPosition(5), incarnation: world.log.incarnation, systemIdentifier: "1", timeline: 1,
            recordedAt: nil)
        _ = machine.receive(.inspected(head, []))
        for action in machine.receive(.read(world.log.batch(after: .start, limit: 5))) {
            if case .send(let batch) = action { return (machine, batch) }
        }
        return nil
    }

    @Test(arguments: [0, 7] as [Int64])
    func `an acknowledged offset that is not the next one ends the run`(_ offset: Int64) throws {
        var (machine, batch) = try #require(running())
        let offsets = Array(repeating: offset, count: 5)
        let actions = machine.receive(
            .delivered(batch: batch.number, .acknowledged(offsets: offsets), digest: CompletenessDigest()))
        guard case .end(.disturbed(let disturbance))? = actions.first else {
            Issue.record("nothing was noticed")
            return
        }
        switch disturbance {
        case .offsetJumped(_, 0, 7), .offsetWentBack(_, 1, 0): break
        default: Issue.record("\(disturbance)")
        }
    }

    @Test func `after the end of a run nothing is done`() throws {
        var (machine, batch) = try #require(running())
        _ = machine.receive(.disturbed(.disconnected(reason: "gone")))
        #expect(
            machine.receive(.delivered(batch: batch.number, .failed(reason: "late"), digest: CompletenessDigest()))
                .isEmpty)
        #expect(machine.receive(.shutDown).isEmpty)
    }

    @Test(arguments: [AdvanceAnswer.fenced(current: 9), .moved(actual: GlobalPosition(3))])
    func `a fenced or moved checkpoint ends the run as superseded`(_ answer: AdvanceAnswer) throws {
        var (machine, _) = try #require(running())
        guard case .end(.superseded(answer))? = machine.receive(.saved(answer)).first else {
            Issue.record("the run went on")
            return
        }
    }
}
