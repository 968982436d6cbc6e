import EventModel
import EventSourcing
import KafkaPublishing
import Testing

@Suite("Publisher machine")
struct PublisherMachineTests {
    @Test func `an undisturbed topic holds every lane exactly, in order, with the right chain`() {
        var world = MachineWorld(events: 500, seed: 3)
        #expect(world.run(faults: false) == .finished(undelivered: 0))
        let expected = world.log.positions(lanes: world.lanes)
        for partition in 0..<world.lanes {
            let records = world.broker.partitions[partition]
            #expect(records.map(\.mark.position) == expected[partition])
            #expect(records.map(\.mark.previous) == [GlobalPosition.start] + expected[partition].dropLast())
        }
        var whole = ConsumerProgress(
            of: .publisher(of: "t"), incarnation: world.log.incarnation)
        for event in world.log.events { whole.handle(event) }
        whole.state = "stopped"
        #expect(world.checkpoint?.progress == whole)
        #expect(world.notices == [.firstPublication])
    }

    @Test func `a second run over a finished topic sends nothing`() {
        var world = MachineWorld(events: 300, seed: 4)
        _ = world.run(faults: false)
        let before = world.broker.partitions
        _ = world.run(faults: false)
        #expect(world.broker.partitions == before)
    }

    @Test func `a lost checkpoint costs reading, not sending`() {
        var world = MachineWorld(events: 300, seed: 5)
        _ = world.run(faults: false)
        let (before, checkpoint) = (world.broker.partitions, world.checkpoint)
        world.checkpoint = nil
        _ = world.run(faults: false)
        #expect(world.broker.partitions == before)
        #expect(world.checkpoint == checkpoint)
        #expect(world.notices.last == .topicAheadOfCheckpoint(position: .start))
    }

    @Test(arguments: 0..<300)
    func `whatever is lost, repeated, late, truncated or made anew, every consumer gets every event once, in order`(
        _ seed: Int
    ) {
        var world = MachineWorld(events: 200, seed: seed)
        for _ in 0..<25 {
            _ = world.run(faults: true)
            world.consumer.poll(world.broker)
            world.disturbBroker()
            world.consumer.poll(world.broker)
        }
        // Calm: the last stragglers arrive, then two quiet runs.
        while let late = world.stragglers.popLast() { _ = world.broker.append(late.mark, to: late.lane) }
        for _ in 0..<2 { #expect(world.run(faults: false) == .finished(undelivered: 0), "seed \(seed)") }
        world.consumer.poll(world.broker)
        #expect(world.consumer.seen == world.log.positions(lanes: world.lanes), "seed \(seed)")
        #expect(world.checkpoint?.progress.position == GlobalPosition(200), "seed \(seed)")
        var digest = CompletenessDigest()
        for event in world.log.events { digest.add(event) }
        #expect(world.checkpoint?.progress.digest == digest, "seed \(seed)")
    }

    @Test func `a truncated partition is filled again from the hole on, and no other partition is touched`() {
        var world = MachineWorld(events: 400, seed: 6)
        _ = world.run(faults: false)
        let before = world.broker.partitions
        world.broker.truncate(2, keeping: before[2].count - 9)
        _ = world.run(faults: false)
        #expect(world.broker.partitions == before)
        #expect(
            world.notices.contains {
                if case .truncated(let lane, _, _) = $0 { lane == Lane(2) } else { false }
            })
        #expect(world.checkpoint?.progress.eventsHandled == 400)
    }

    @Test func `retention is not emptiness`() {
        var world = MachineWorld(events: 400, seed: 7)
        _ = world.run(faults: false)
        for partition in 0..<world.lanes { world.broker.expire(partition, dropping: .max) }
        let offsets = world.broker.nextOffset
        _ = world.run(faults: false)
        #expect(world.broker.nextOffset == offsets)
        #expect(world.notices.suffix(world.lanes) == (0..<4).map { PublisherNotice.retained(lane: Lane($0)) }[...])
    }

    @Test func `a topic made anew is said aloud and published from the start`() {
        var world = MachineWorld(events: 400, seed: 8)
        _ = world.run(faults: false)
        let before = world.broker.partitions
        world.broker = ModelBroker(lanes: world.lanes)
        _ = world.run(faults: false)
        #expect(world.notices.last == .newGeneration(published: GlobalPosition(400)))
        #expect(world.broker.partitions == before)
    }
}
