import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import KafkaPublishing
import ReadModels
import Testing

@Suite("State machine")
struct StateMachineTests {
    @Test func `an undisturbed topic holds ascending states, and the newest of each key is its row`() throws {
        var world = try StateWorld(seed: 1, events: 300)
        #expect(world.run() == .finished(undelivered: 0))
        let expected = world.history.log.expectedStates()
        #expect(expected.count == 12)
        #expect(Set(expected.keys.map(\.workspace.rawValue)) == ["default", "acme"])
        #expect(world.broker.readAnew() == expected)
        #expect(world.broker.lastOfEachKey == expected)
        for partition in world.broker.partitions {
            let marks = partition.map(\.record.mark)
            #expect(marks.map(\.sequence) == marks.indices.map { Int64($0) + 1 })
            #expect(marks.map(\.through) == marks.map(\.through).sorted())
        }
        var whole = ConsumerProgress(
            of: .states(of: "t", fold: 1), incarnation: try #require(world.checkpoint?.progress.incarnation))
        for event in world.history.log.allEvents { whole.handle(event) }
        whole.state = "stopped"
        #expect(world.checkpoint?.progress == whole)
        #expect(world.notices == [.firstPublication(fold: 1)])
    }

    @Test func `a second run over a finished topic sends nothing, and new events only what they move`() throws {
        var world = try StateWorld(seed: 2, events: 200)
        _ = world.run()
        let before = world.broker.partitions
        _ = world.run()
        #expect(world.broker.partitions == before)
        let written = world.written
        try world.history.grow(by: 5)
        _ = world.run()
        #expect(world.written <= written + 5)
        #expect(world.broker.lastOfEachKey == world.history.log.expectedStates())
    }

    /// The last three were found among the first few thousand: a gap that a checkpoint hid, and a late record that a scan began behind.
    @Test(arguments: Array(0..<40) + [233, 405, 1457])
    func `whatever is lost, repeated, late, compacted or made anew, readers end with every row and never go back`(
        _ seed: Int
    ) throws {
        var world = try StateWorld(seed: seed, events: 40)
        for _ in 0..<20 {
            _ = world.run(faults: true)
            world.disturbBroker()
            try world.history.grow(by: 4)
        }
        // Calm: the last late records arrive, then a quiet run.
        while world.arrive(percent: 100) {}
        #expect(world.run() == .finished(undelivered: 0), "seed \(seed)")
        let expected = world.history.log.expectedStates()
        for (who, states) in [
            ("who has read along", world.reader.states), ("who reads anew", world.broker.readAnew()),
            ("what compaction keeps", world.broker.lastOfEachKey),
        ] {
            let wrong = Set(states.keys).union(expected.keys).filter { states[$0] != expected[$0] }
            #expect(wrong.isEmpty, "\(who), seed \(seed)")
        }
        #expect(world.checkpoint?.progress.position == world.history.log.head, "seed \(seed)")
    }

    @Test func `a late record of an earlier leader is answered with the newest state`() throws {
        var world = try StateWorld(seed: 5, events: 50)
        for _ in 0..<5 {
            _ = world.run()
            try world.history.grow(by: 10)
        }
        _ = world.run()
        let old = try #require(
            world.broker.partitions.joined().first {
                world.history.log.expectedStates()[$0.record.key] != $0.record.value
            }?.record)
        _ = world.broker.append(old)
        #expect(world.broker.lastOfEachKey[old.key] == old.value, "compaction would keep the old one")
        _ = world.run()
        #expect(world.broker.lastOfEachKey == world.history.log.expectedStates())
        #expect(world.notices.last == .stragglers(count: 1))
    }

    @Test func `a topic made anew is filled, and a lost checkpoint costs only work`() throws {
        var world = try StateWorld(seed: 6, events: 150)
        _ = world.run()
        let expected = world.history.log.expectedStates()
        let versions = world.reader.versions
        world.checkpoint = nil
        _ = world.run()
        #expect(world.broker.lastOfEachKey == expected && world.reader.versions == versions)
        world.broker = ModelStateBroker(lanes: world.lanes)
        #expect(world.run() == .finished(undelivered: 0))
        #expect(world.broker.lastOfEachKey == expected)
        #expect(world.notices.last == .newGeneration(published: GlobalPosition(150)))
    }

    @Test func `another version of the fold writes every state anew, and an older one refuses to`() throws {
        var world = try StateWorld(seed: 7, events: 150)
        _ = world.run()
        let old = world.checkpoint
        world.projection = LaterSyncState()
        world.checkpoint = nil
        #expect(world.run() == .finished(undelivered: 0))
        #expect(world.broker.lastOfEachKey == world.history.log.expectedStates(by: LaterSyncState()))
        #expect(world.reader.versions.values.allSatisfy { $0.fold == 2 })
        world.projection = SyncStateProjection()
        world.checkpoint = old
        #expect(world.run() == .refused(.newerFold(topic: "t", found: 2, known: 1)))
    }

    @Test func `an event that cannot be folded holds up its key alone, until a fold or a decision cures it`() throws {
        var world = try StateWorld(seed: 8, events: 60)
        world.history.poison = 10
        try world.history.grow(by: 60)
        #expect(world.run() == .finished(undelivered: 0))
        let expected = world.history.log.expectedStates()
        #expect(world.broker.lastOfEachKey == expected)
        let standing = world.notices.compactMap { notice -> StateKey? in
            if case .standsStill(let key, _) = notice { key } else { nil }
        }
        #expect(!standing.isEmpty && Set(standing).count < 12)
        #expect(world.checkpoint?.progress.position == world.history.log.head)
        #expect(world.checkpoint?.progress.lastError?.contains("keys stand still") == true)
        // A program that can fold them starts, and is told by the read model's table which they are.
        world.projection = TolerantSyncState()
        world.setAside = Array(Set(standing))
        _ = world.run()
        #expect(world.broker.lastOfEachKey == world.history.log.expectedStates(by: TolerantSyncState()))
        #expect(world.checkpoint?.progress.lastError == nil)
    }

    @Test func `too many keys that cannot be folded are no single bad event`() throws {
        var world = try StateWorld(seed: 9, events: 0)
        world.history.poison = 2
        world.limits.standingKeys = 2
        try world.history.grow(by: 100)
        guard case .refused(.keysStandStill("t", 3..., 2))? = world.run() else {
            Issue.record("it went on")
            return
        }
    }

    @Test func `another history is refused`() throws {
        var world = try StateWorld(seed: 10, events: 100)
        _ = world.run()
        var restored = try StateWorld(seed: 11, events: 90)
        restored.broker = world.broker
        restored.checkpoint = world.checkpoint
        #expect(
            restored.run()
                == .refused(.aheadOfLog(topic: "t", lane: nil, position: GlobalPosition(100), head: GlobalPosition(90)))
        )
        try restored.history.grow(by: 50)
        guard case .refused(.otherEvent("t", nil, GlobalPosition(100), _, _))? = restored.run() else {
            Issue.record("it went on")
            return
        }
    }

    @Test func `another number of partitions is refused`() throws {
        var world = try StateWorld(seed: 12, events: 10)
        world.broker = ModelStateBroker(lanes: 5)
        #expect(world.run() == .refused(.partitionCount(topic: "t", found: 5, expected: 3)))
    }

    @Test func `the same sync key of two tenants is two keys in one partition`() throws {
        let one = StateKey(workspace: .default, syncKey: "exec-1")
        let other = StateKey(workspace: try Workspace("acme"), syncKey: "exec-1")
        #expect(one.bytes == Array("exec-1".utf8))
        #expect(other.bytes == Array("acme\texec-1".utf8))
        for key in [one, other] { #expect(StateKey(bytes: key.bytes) == key) }
        for bad in ["", "\tx", "acme\t", "a b\tx"] { #expect(StateKey(bytes: Array(bad.utf8)) == nil) }
    }
}

/// The same rows by another version of the fold.
private struct LaterSyncState: StateProjection {
    private let base = SyncStateProjection()
    var name: String { base.name }
    let version = 2
    var table: TableDefinition { base.table }
    var interest: EventInterest { base.interest }
    func streams(of syncKey: String) -> [StreamName] { base.streams(of: syncKey) }
    func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? { try base.key(of: event) }
    func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? { try base.fold(row, event) }
}

/// A program that passes over what the other cannot fold.
private struct TolerantSyncState: StateProjection {
    private let base = SyncStateProjection()
    var name: String { base.name }
    var version: Int { base.version }
    var table: TableDefinition { base.table }
    var interest: EventInterest { base.interest }
    func streams(of syncKey: String) -> [StreamName] { base.streams(of: syncKey) }
    func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? { try base.key(of: event) }
    func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        do throws(ProjectionFault) { return try base.fold(row, event) } catch { return row }
    }
}
