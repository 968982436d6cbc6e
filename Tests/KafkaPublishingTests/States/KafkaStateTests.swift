import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import KafkaDriver
import KafkaPublishing
import ReadModels
import ServiceLifecycle
import Synchronization
import Testing

// Needs a broker: set LOCKSTEP_KAFKA to its bootstrap list.
@Suite("States on Kafka", .enabled(if: Broker.isThere), .serialized, .timeLimit(.minutes(15)))
struct KafkaStateTests {
    private static let lanes = 3

    @Test func `a reader of the topic has the row of every execution, with every header`() async throws {
        var world = try LiveStates(seed: 21)
        let topic = KafkaStateTopic.random()
        try await world.grow(by: 400)
        try await world.publishing(to: topic) { await $0.untilFollowed() }
        let seen = try await StateReading.of(topic.name, lanes: Self.lanes)
        #expect(seen.newest == world.store.log.expectedStates())
        for message in seen.messages {
            let headers = Dictionary(uniqueKeysWithValues: message.headers.all.map { ($0.name, $0.value ?? []) })
            let names: Set<String> = [
                "ls_position", "ls_event", "ls_incarnation", "ls_fold", "ls_through", "ls_sequence", "ls_writer",
                "ls_workspace", "ls_execution", "ls_recorded", "content-type",
            ]
            #expect(Set(headers.keys) == names)
            let record = try #require(StateRecord(message))
            let event = try #require(world.store.log.event(at: record.mark.position))
            #expect(record.mark.eventID == event.id && record.recordedAt == event.recordedAt)
            #expect(record.key.workspace == event.workspace && record.key.syncKey == event.stream.syncKey)
            #expect(Lane(message.partition) == Lane(of: event, count: Self.lanes))
            let row = try JSONValue(try #require(message.value))
            #expect(row["last_position"]?.int == Int(record.mark.position.rawValue))
            #expect(row["execution_id"]?.string == event.stream.syncKey)
        }
    }

    @Test func `killed anywhere, a reader ends with every row`() async throws {
        var world = try LiveStates(seed: 22)
        let topic = KafkaStateTopic.random()
        for round in 0..<6 {
            try await world.grow(by: 150)
            let goal = GlobalPosition(world.head.rawValue - Int64(20 * round))
            await world.killing(topic, at: goal)
        }
        try await world.publishing(to: topic) { await $0.untilFollowed() }
        let seen = try await StateReading.of(topic.name, lanes: Self.lanes)
        let expected = world.store.log.expectedStates()
        #expect(seen.newest == expected)
        #expect(seen.last == expected, "and so does who reads what compaction keeps")
        #expect(!seen.wentBack)
    }

    @Test func `a late record of a paused leader is answered while the leader has nothing to do`() async throws {
        var world = try LiveStates(seed: 23)
        let topic = KafkaStateTopic.random()
        try await world.grow(by: 100)
        try await world.publishing(to: topic) { await $0.untilFollowed() }
        let old = try #require(try await StateReading.of(topic.name, lanes: Self.lanes).messages.first)
        try await world.grow(by: 200)
        let expected = world.store.log.expectedStates()
        try await world.publishing(to: topic) { states in
            await states.untilFollowed()
            let key = try #require(old.key.flatMap { StateKey(bytes: $0) })
            try #require(expected[key] != old.value)
            let producer = try KafkaProducer(Broker.configuration)
            var batch = try await producer.batch()
            let kafka = try producer.topic(topic.name)
            (old.key ?? []).withUnsafeBytes { key in
                (old.value ?? []).withUnsafeBytes { value in
                    _ = batch.append(to: kafka, partition: old.partition, key: key, value: value) { writer in
                        old.headers.all.forEach { header in
                            (header.value ?? []).withUnsafeBytes { writer.add(name: header.name, $0) }
                        }
                    }
                }
            }
            #expect(try await batch.delivered().firstFailure == nil)
            // Until the newest state stands behind it again.
            while try await StateReading.of(topic.name, lanes: Self.lanes).last[key] != expected[key] {}
        }
        #expect(try await StateReading.of(topic.name, lanes: Self.lanes).last == expected)
    }

    @Test func `a topic made anew is filled from the log`() async throws {
        var world = try LiveStates(seed: 24)
        let topic = KafkaStateTopic.random()
        try await world.grow(by: 200)
        try await world.publishing(to: topic) { await $0.untilFollowed() }
        #expect(try await KafkaAdmin(Broker.configuration).deleteTopic(topic.name) == .deleted)
        try await world.grow(by: 3)
        try await world.publishing(to: topic) { await $0.untilFollowed() }
        #expect(try await StateReading.of(topic.name, lanes: Self.lanes).last == world.store.log.expectedStates())
    }

    @Test func `the topic is created compacted, and one that is not is refused with the cure`() async throws {
        let topic = KafkaStateTopic.random()
        try await topic.prepare(lanes: Self.lanes)
        let admin = try KafkaAdmin(Broker.configuration)
        guard let found = try? await admin.describeConfigs(ofTopic: topic.name)["cleanup.policy"]?.value else {
            return  // This broker keeps its settings to itself.
        }
        #expect(found == "compact")
        let other = KafkaStateTopic.random()
        _ = try await admin.createTopic(
            other.name, partitions: Self.lanes, replicationFactor: 1,
            config: ["cleanup.policy": "delete", "max.message.bytes": "2097152"])
        await #expect(
            throws: TopicError.unsuitable(
                topic: other.name, setting: "cleanup.policy", found: "delete", needed: "compact")
        ) { try await other.prepare(lanes: Self.lanes) }
        await #expect(throws: TopicError.partitionCount(topic: topic.name, found: 3, expected: 4)) {
            try await topic.prepare(lanes: 4)
        }
    }
}

extension KafkaStateTopic {
    static func random() -> KafkaStateTopic {
        KafkaStateTopic(
            Broker.topicName(), configuration: Broker.configuration, settings: TopicSettings(replicationFactor: 1),
            timing: .patient)
    }
}

/// Checkpoints in memory that can be waited for.
final class WatchedCheckpoints: PublishingCheckpointStore {
    private struct State {
        var position = GlobalPosition.start
        var waiters: [(goal: GlobalPosition, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let base: InMemoryEventStore
    private let state = Mutex(State())

    init(_ base: InMemoryEventStore) { self.base = base }

    func publishingCheckpoint(
        of key: ConsumerProgress.Key, topic: String
    ) async throws(StoreError) -> PublishingCheckpoint? {
        try await base.publishingCheckpoint(of: key, topic: topic)
    }

    func advance(
        _ checkpoint: PublishingCheckpoint, from previous: GlobalPosition, under lease: Lease
    ) async throws(StoreError) -> AdvanceAnswer {
        let answer = try await base.advance(checkpoint, from: previous, under: lease)
        guard answer == .advanced else { return answer }
        let reached = state.withLock { state in
            state.position = checkpoint.progress.position
            let reached = state.waiters.filter { $0.goal <= state.position }
            state.waiters.removeAll { $0.goal <= state.position }
            return reached
        }
        for waiter in reached { waiter.continuation.resume() }
        return answer
    }

    /// Waits until a checkpoint at or behind `goal` is stored.
    func until(_ goal: GlobalPosition) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.position >= goal { return true }
                state.waiters.append((goal, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }
}

/// A log in memory of executions, and publishers of their states.
struct LiveStates: Sendable {
    typealias Service = StatePublisher<InMemoryEventStore, WatchedCheckpoints, InMemoryEventStore, KafkaStateTopic>

    private(set) var history: ExecutionHistory
    let store = InMemoryEventStore()
    private let checkpoints: WatchedCheckpoints

    init(seed: Int) throws {
        history = ExecutionHistory(seed: seed)
        checkpoints = WatchedCheckpoints(store)
    }

    var head: GlobalPosition { history.log.head }

    mutating func grow(by count: Int) async throws {
        for _ in 0..<count { _ = try await store.append(history.grow()) }
    }

    private func service(_ topic: KafkaStateTopic) -> Service {
        let options = StatePublisherOptions(
            lanes: 3,
            lease: LeaseTiming(
                duration: .seconds(1), renewInterval: .milliseconds(100), retryInterval: .milliseconds(50)),
            limits: StateLimits(batchEvents: 40, cachedKeys: 5, checkpointInterval: .milliseconds(5)),
            pollInterval: .milliseconds(20), backoff: Backoff(base: .milliseconds(10), cap: .milliseconds(100)))
        return StatePublisher(
            from: store, to: topic, checkpoints: checkpoints, leases: store, holder: "one", options: options,
            logger: Broker.quiet)
    }

    /// Runs a publisher beside `body`, then shuts it down gracefully.
    func publishing(
        to topic: KafkaStateTopic, _ body: @escaping @Sendable (LiveStates) async throws -> Void
    ) async throws {
        let group = ServiceGroup(services: [service(topic)], gracefulShutdownSignals: [], logger: Broker.quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                try await body(self)
                await group.triggerGracefulShutdown()
            }
            try await tasks.waitForAll()
        }
    }

    /// Runs a publisher until it has come to `goal`, and takes it away in the middle of whatever it does.
    func killing(_ topic: KafkaStateTopic, at goal: GlobalPosition) async {
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { [service = service(topic)] in try? await service.run() }
            await checkpoints.until(goal)
            tasks.cancelAll()
        }
    }

    func untilFollowed() async { await checkpoints.until(head) }
}

/// The whole topic, read from outside, by the headers alone.
struct StateReading {
    var messages: [KafkaMessage] = []
    var newest: [StateKey: [UInt8]] = [:]
    var last: [StateKey: [UInt8]] = [:]
    /// Whether the states that somebody took by the rule went back.
    var wentBack = false

    static func of(_ topic: String, lanes: Int) async throws -> StateReading {
        let consumer = try KafkaConsumer(Broker.configuration)
        try consumer.assign((0..<Int32(lanes)).map { KafkaStart(topic: topic, partition: $0, offset: .beginning) })
        var reading = StateReading()
        var held: [StateKey: Int] = [:]
        var ended = 0
        while ended < lanes {
            for element in try await consumer.next() {
                if case .endOfPartition = element { ended += 1 }
                guard case .message(let message) = element else { continue }
                reading.messages.append(message)
                let key = try #require(message.key.flatMap { StateKey(bytes: $0) })
                let position = try #require(message.headers.text("ls_position").flatMap { Int($0) })
                reading.last[key] = message.value
                guard position > held[key] ?? 0 else { continue }
                let before = try held[key].map { _ in
                    try JSONValue(reading.newest[key] ?? [])["last_position"]?.int ?? 0
                }
                if let before, before > position { reading.wentBack = true }
                held[key] = position
                reading.newest[key] = message.value
            }
        }
        try await consumer.close()
        return reading
    }
}
