import EventModel
import EventSourcing
import Foundation
import KafkaDriver
import KafkaPublishing
import Logging
import ServiceLifecycle
import Synchronization
import Testing

/// The broker of the environment; tests that need one are skipped without it.
enum Broker {
    static let bootstrap = ProcessInfo.processInfo.environment["LOCKSTEP_KAFKA"]
    static let isThere = bootstrap != nil
    static var configuration: KafkaConfiguration {
        KafkaConfiguration(
            bootstrapServers: bootstrap ?? "", clientID: "publishing-tests",
            properties: ["group.id": "publishing-\(UUID().uuidString)"])
    }
    static func topicName() -> String { "publishing-\(UUID().uuidString.lowercased())" }
    static var quiet: Logger {
        var logger = Logger(label: "tests")
        logger.logLevel = .error
        return logger
    }
}

extension KafkaRecordTopic {
    /// A topic with a random name on the broker of the environment.
    static func random(_ name: String = Broker.topicName()) -> KafkaRecordTopic {
        KafkaRecordTopic(
            name, configuration: Broker.configuration, settings: TopicSettings(replicationFactor: 1),
            timing: .patient)
    }
}

extension TopicTiming {
    /// For a broker that has its turn late, among many tests.
    static let patient = TopicTiming(answer: .seconds(120), silence: .seconds(120))
}

extension PublisherOptions {
    static func quick(lanes: Int = 4, batch: Int = 500) -> PublisherOptions {
        PublisherOptions(
            lanes: lanes,
            lease: LeaseTiming(
                duration: .seconds(5), renewInterval: .milliseconds(200), retryInterval: .milliseconds(100)),
            limits: PublisherLimits(
                windowEvents: 3_000, batchEvents: batch, checkpointInterval: .milliseconds(20), drainTime: .seconds(600)
            ),
            pollInterval: .milliseconds(50), backoff: Backoff(base: .milliseconds(10), cap: .milliseconds(200)))
    }
}

/// Until the task is cancelled.
func forever() async {
    for await _ in AsyncStream<Never>.makeStream().stream {}
}

/// Runs a publisher beside `body`, then shuts it down gracefully.
func publishing<Topic: RecordTopic>(
    _ log: SmallLog, to topic: Topic, holder: String = "one", options: PublisherOptions = .quick(),
    until body: @escaping @Sendable (Publisher<SmallLog, SmallLog, SmallLog, Topic>) async throws -> Void
) async throws -> PublisherStatistics {
    let publisher = Publisher(
        from: log, to: topic, checkpoints: log, leases: log, holder: holder, options: options, logger: Broker.quiet)
    let group = ServiceGroup(services: [publisher], gracefulShutdownSignals: [], logger: Broker.quiet)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        tasks.addTask {
            try await body(publisher)
            await group.triggerGracefulShutdown()
        }
        // Whichever fails first fails the test; otherwise both end.
        for try await _ in tasks {}
    }
    return publisher.statistics
}

/// What an independent consumer of the topic sees, up to the present end of every partition.
struct Seen {
    var records: [LockstepRecord] = []
    var ignored = 0
    var positions: [Int32: ConsumerPosition] = [:]

    func byPartition(_ lanes: Int) -> [[GlobalPosition]] {
        (0..<lanes).map { lane in records.filter { $0.partition == Int32(lane) }.map(\.position) }
    }
}

func readAll(
    _ topic: String, lanes: Int = 4, resumingFrom resume: [Int32: ConsumerPosition] = [:]
) async throws -> Seen {
    var seen = Seen()
    var ended: Set<Int32> = []
    var iterator = LockstepConsumer(of: topic, configuration: Broker.configuration, resumingFrom: resume)
        .makeAsyncIterator()
    while ended.count < lanes, let step = try await iterator.step() {
        switch step {
        case .record(let record): seen.records.append(record)
        case .ignored: seen.ignored += 1
        case .caughtUp(let partition, _): ended.insert(partition)
        case .rewound(let partition): ended.remove(partition)
        }
    }
    seen.positions = iterator.positions
    return seen
}

/// A topic whose sessions break as told, over a real one.
struct FragileTopic<Base: RecordTopic>: RecordTopic {
    let base: Base
    let plan: FragilePlan
    var name: String { base.name }
    var expectsGaps: Bool { base.expectsGaps }

    func prepare(lanes: Int) async throws(TopicError) {
        if plan.takeAbsence() { throw .unavailable(reason: "not yet started") }
        try await base.prepare(lanes: lanes)
    }

    func ends(from checkpoint: PublishingCheckpoint?, lanes: Int) async throws(TopicError) -> TopicEnds {
        try await base.ends(from: checkpoint, lanes: lanes)
    }

    func open(incarnation: UUID) async throws(TopicError) -> FragileSession {
        FragileSession(base: try await base.open(incarnation: incarnation), plan: plan)
    }
}

/// How many times a broker is away, and how often a session breaks while records are under way.
final class FragilePlan: Sendable {
    private let state: Mutex<(absences: Int, breaks: Int, every: Int, submitted: Int)>

    init(absences: Int = 0, breaks: Int = 0, every: Int = 3) { state = Mutex((absences, breaks, every, 0)) }

    var remaining: (absences: Int, breaks: Int) { state.withLock { ($0.absences, $0.breaks) } }

    func takeAbsence() -> Bool {
        state.withLock {
            guard $0.absences > 0 else { return false }
            $0.absences -= 1
            return true
        }
    }

    func takeBreak() -> Bool {
        state.withLock {
            $0.submitted += 1
            guard $0.breaks > 0, $0.submitted % $0.every == 0 else { return false }
            $0.breaks -= 1
            return true
        }
    }
}

struct FragileSession: RecordSession {
    let base: any RecordSession
    let plan: FragilePlan

    func submit(_ batch: OutgoingBatch) async throws(TopicError) -> any RecordDelivery {
        let delivery = try await base.submit(batch)
        if plan.takeBreak() {
            await base.abandon()
        }
        return delivery
    }

    func untilDisturbed() async -> Disturbance { await base.untilDisturbed() }
    func abandon() async { await base.abandon() }
}
