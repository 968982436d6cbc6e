import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import KafkaPublishing
import Testing

@Suite struct `A replay to a topic` {
    private let lanes = 3
    private let log = SmallLog(events: 120, streams: 9)

    /// The replayed events: all, or each one whose position a third of does not divide.
    private func selected(_ isFiltered: Bool) -> [Int] {
        log.events.indices.filter { !isFiltered || $0 % 3 != 0 }
    }

    private func expected(_ isFiltered: Bool) -> [[GlobalPosition]] {
        (0..<lanes).map { lane in
            selected(isFiltered).map { log.events[$0] }
                .filter { Lane(of: $0, count: lanes) == Lane(Int32(lane)) }.map(\.position)
        }
    }

    /// Replays in batches of ten, as a ``Replayer`` would.
    private func replay(
        _ topic: some ReplayTopic, filtered isFiltered: Bool, resuming: Bool
    ) async throws(ReplayFault) -> Int {
        let target = try TopicReplay(
            topic, named: try ReplayTopicName(topic.name), lanes: lanes, incarnation: log.incarnation)
        let resumption = try await target.open(resuming: resuming)
        var builder = EventBatchBuilder()
        for event in log.events { builder.append(event) }
        let events = builder.finish()
        let indices = selected(isFiltered).filter { events[$0].position > resumption.after }
        for start in stride(from: 0, to: indices.count, by: 10) {
            let part = indices[start..<min(start + 10, indices.count)]
            try await target.write(
                ReplayBatch(events: events, indices: part, reached: part.last.map { events[$0].position } ?? .start))
        }
        try await target.finish()
        return await target.written
    }

    @Test(arguments: [false, true]) func `its partitions chain what was selected`(_ isFiltered: Bool) async throws {
        let topic = ModelReplayTopic(lanes: lanes)
        let written = try await replay(topic, filtered: isFiltered, resuming: false)
        #expect(written == selected(isFiltered).count)
        #expect(topic.accepted == expected(isFiltered))
    }

    @Test(arguments: [false, true], 0..<40)
    func `torn anywhere in every partition, it is gone on with as if nothing had happened`(
        _ isFiltered: Bool, _ seed: Int
    ) async throws {
        let whole = ModelReplayTopic(lanes: lanes)
        _ = try await replay(whole, filtered: isFiltered, resuming: false)
        var random = SplitMix64(numbered: seed)
        var torn = whole.broker.withLock { $0 }
        for partition in 0..<lanes {
            torn.truncate(partition, keeping: Int.random(in: 0...torn.partitions[partition].count, using: &random))
        }
        let left = torn.partitions.map(\.count).reduce(0, +)
        let topic = ModelReplayTopic(torn)
        let written = try await replay(topic, filtered: isFiltered, resuming: true)
        #expect(written == selected(isFiltered).count - left, "nothing is written twice")
        #expect(topic.accepted == expected(isFiltered))
    }

    @Test(arguments: [0, 1, 5, 17, 60]) func `a broker that fails is a fault, and the next run goes on`(_ records: Int)
        async throws
    {
        let topic = ModelReplayTopic(lanes: lanes, failingAfter: records)
        await #expect(throws: ReplayFault.unavailable(target: "copy", reason: "a test")) {
            try await replay(topic, filtered: false, resuming: false)
        }
        let again = ModelReplayTopic(topic.broker.withLock { $0 })
        _ = try await replay(again, filtered: false, resuming: true)
        #expect(again.accepted == expected(false))
    }

    @Test(.timeLimit(.minutes(15))) func `a broker that goes away is not waited for`() async throws {
        let topic = ModelReplayTopic(lanes: lanes, goingAway: Absence())
        await #expect(throws: ReplayFault.unavailable(target: "copy", reason: "a test")) {
            try await replay(topic, filtered: false, resuming: false)
        }
    }

    @Test func `a topic with records is refused unless it is gone on with`() async throws {
        let topic = ModelReplayTopic(lanes: lanes)
        _ = try await replay(topic, filtered: false, resuming: false)
        await #expect(throws: ReplayFault.self) { try await replay(topic, filtered: false, resuming: false) }
        let written = try await replay(topic, filtered: false, resuming: true)
        #expect(written == 0)
    }

    @Test func `a topic that another selection has written is not gone on with`() async throws {
        let topic = ModelReplayTopic(lanes: lanes)
        _ = try await replay(topic, filtered: true, resuming: false)
        let before = topic.broker.withLock { $0.partitions }
        await #expect(throws: ReplayFault.self) { try await replay(topic, filtered: false, resuming: true) }
        #expect(topic.broker.withLock { $0.partitions } == before)
    }

    @Test func `a topic whose name was not checked is refused`() throws {
        #expect(throws: ReplayFault.self) {
            try TopicReplay(
                ModelReplayTopic("lockstep.events", lanes: 3), named: ReplayTopicName("other"), lanes: 3,
                incarnation: UUID())
        }
    }
}

// Needs a broker: set LOCKSTEP_KAFKA to its bootstrap list.
@Suite("A replay to a topic of a broker", .enabled(if: Broker.isThere), .serialized, .timeLimit(.minutes(15)))
struct BrokerReplayTests {
    private let lanes = 4

    private func replay(
        _ log: SmallLog, to name: String, _ events: Range<Int>, resuming: Bool
    ) async throws -> (written: Int, recognised: Int) {
        let target = try TopicReplay(
            KafkaRecordTopic.random(name), named: ReplayTopicName(name), lanes: lanes, incarnation: log.incarnation)
        let resumption = try await target.open(resuming: resuming)
        var builder = EventBatchBuilder()
        for event in log.events { builder.append(event) }
        let batch = builder.finish()
        let indices = events.filter { batch[$0].position > resumption.after }
        for start in stride(from: 0, to: indices.count, by: 250) {
            let part = indices[start..<min(start + 250, indices.count)]
            try await target.write(
                ReplayBatch(events: batch, indices: part, reached: part.last.map { batch[$0].position } ?? .start))
        }
        try await target.finish()
        return (await target.written, await target.recognised)
    }

    @Test func `records are the publisher's, in order, and resuming repeats none`() async throws {
        let log = SmallLog(events: 3_000)
        let name = "\(Broker.topicName()).copy"
        let first = try await replay(log, to: name, 0..<1_200, resuming: false)
        #expect(first == (1_200, 0))
        let second = try await replay(log, to: name, 0..<3_000, resuming: true)
        #expect(second.written == 1_800)
        let seen = try await readAll(name)
        #expect(seen.ignored == 0)
        #expect(seen.byPartition(lanes) == log.positions(lanes: lanes))
        for record in seen.records {
            let event = log.events[Int(record.position.rawValue) - 1]
            let expected = LockstepRecord(
                event, partition: Lane(of: event, count: lanes).rawValue, offset: record.offset,
                previous: record.mark.previous, incarnation: log.incarnation)
            guard record == expected else {
                Issue.record("\(record) is not \(expected)")
                return
            }
        }
    }

    @Test func `a topic with records is refused, also one whose records are not ours`() async throws {
        let log = SmallLog(events: 100)
        let name = "\(Broker.topicName()).copy"
        _ = try await replay(log, to: name, 0..<100, resuming: false)
        await #expect(throws: ReplayFault.self) { try await replay(log, to: name, 0..<100, resuming: false) }
        let foreign = "\(Broker.topicName()).copy"
        try await Foreign.write(to: foreign, lanes: lanes)
        for resuming in [false, true] {
            await #expect(throws: ReplayFault.self) {
                try await replay(log, to: foreign, 0..<100, resuming: resuming)
            }
        }
    }
}
