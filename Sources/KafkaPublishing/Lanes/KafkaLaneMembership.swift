import EventSourcing
import KafkaDriver
import Synchronization

/// A member of a consumer group that is told which partitions it should have, and reads none: where reading begins is not the group's to say.
final class KafkaLaneMembership: LaneMembership {
    /// What the member needs beyond the driver's defaults: who is dead is noticed about as soon as its leases are over, and nothing is read ahead.
    private static let properties = [
        "session.timeout.ms": "10000", "heartbeat.interval.ms": "3000", "queued.max.messages.kbytes": "1024",
    ]

    /// How long hints are waited for: without them lanes are begun later, at their beginning.
    private static let hintPatience = Duration.seconds(3)
    /// How long the group's answer to leaving is waited for.
    private static let leavePatience = Duration.seconds(2)

    private let topic: String
    private let configuration: KafkaConfiguration
    private let consumer: KafkaConsumer
    private let time: any Timekeeper
    private let lanes: Mutex<GroupedLanes>

    init(
        _ group: String, of topic: String, _ configuration: KafkaConfiguration, time: any Timekeeper
    ) throws(KafkaError) {
        var configuration = configuration
        configuration.properties.merge(Self.properties) { given, _ in given }
        configuration.properties["group.id"] = group
        self.topic = topic
        self.configuration = configuration
        self.time = time
        lanes = Mutex(GroupedLanes(at: time.steady()))
        consumer = try KafkaConsumer(configuration)
        try consumer.subscribe(to: [topic], rebalancing: .acknowledged)
    }

    /// As the protocol says.
    func next(atMost patience: Duration) async throws(LaneTopicError) -> LaneDecision? {
        do {
            var decided: LaneDecision?
            for element in try await consumer.next(maxMessages: 100, timeout: patience) {
                switch element {
                case .rebalance(let rebalance): decided = try apply(rebalance) ?? decided
                // Where the group's own offsets are does not matter: nothing is read here.
                case .failure(let failure):
                    guard failure.partition == nil, !failure.error.isRetriable else { continue }
                    throw failure.error
                case .message, .endOfPartition: break
                }
            }
            let now = time.steady()
            return decided ?? lanes.withLock { $0.wait(until: now) }
        } catch {
            throw LaneTopicError(error)
        }
    }

    private func apply(_ rebalance: KafkaRebalance) throws(KafkaError) -> LaneDecision? {
        let partitions = rebalance.partitions
        let named = Set(partitions.map { Int($0.partition) })
        switch rebalance.kind {
        case .assigned:
            try consumer.acknowledge(
                rebalance, startingAt: partitions.map { KafkaStart($0, .end) })
            try consumer.pause(partitions)
            return lanes.withLock { $0.give(named) }
        case .revoked:
            try consumer.acknowledge(rebalance)
            let now = time.steady()
            lanes.withLock { $0.take(named, at: now) }
            return nil
        case .lost:
            try consumer.acknowledge(rebalance)
            let now = time.steady()
            return lanes.withLock { $0.drop(named, at: now) }
        }
    }

    /// Asks by a client of its own: on the connection of a member that is joining, every question waits until the group has decided.
    func hints(for lanes: [Int]) async throws(LaneTopicError) -> [Int: Int64] {
        do {
            let partitions = lanes.map { KafkaTopicPartition(topic, Int32($0)) }
            let found = try await KafkaConsumer(configuration).committed(partitions, timeout: Self.hintPatience)
            return Dictionary(found.map { (Int($0.partition.partition), $0.offset) }, uniquingKeysWith: max)
        } catch {
            throw LaneTopicError(error)
        }
    }

    /// As the protocol says.
    func leave(hints: [Int: Int64]) {
        guard !hints.isEmpty else { return }
        // Whoever is no member any more has nothing to leave.
        try? consumer.commitLater(
            hints.map { KafkaPosition(KafkaTopicPartition(topic, Int32($0.key)), $0.value) })
    }

    /// Leaves the group, and waits for its answer for a moment: one that does not come to a decision answers nobody.
    func close() async {
        let isOver = Mutex(false)
        await withCheckedContinuation { (waiting: CheckedContinuation<Void, Never>) in
            let end: @Sendable () -> Void = {
                let isFirst = isOver.withLock { isOver in
                    defer { isOver = true }
                    return !isOver
                }
                if isFirst { waiting.resume() }
            }
            Task { [consumer] in
                try? await consumer.close()
                end()
            }
            Task { [time] in
                try? await time.sleep(for: Self.leavePatience)
                end()
            }
        }
    }
}
