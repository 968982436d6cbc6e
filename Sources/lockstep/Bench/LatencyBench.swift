import EventModel
import EventSourcing
import KafkaDriver
import PostgresDriver
import PostgresEventStore
import PostgresReadModels
import Projector
import ReadModels
import Synchronization

/// `bench latency`: events at a steady rate, from the answer to their writer until their row is in the view, and until a consumer of the topic
/// has them; beside the time that the broker takes for records of the same size at the same rate.
///
/// Each path is measured by itself: a consumer asks some brokers thousands of times a second, and would be what the other path waits for.
struct LatencyBench: Sendable {
    let server: PostgresConfiguration
    let kafka: KafkaSettings
    let report: BenchReport
    let runs: Int
    let scale: Double
    /// Events a second.
    let rate: Int

    /// Events at the beginning that are not counted: connections are being made meanwhile.
    fileprivate static let warmUp = 2_000

    func run() async throws {
        let events = Self.warmUp + max(500, Int(10_000 * scale))
        var figures: [String: [(p50: Double, p99: Double)]] = [:]
        for _ in 0..<runs {
            for (name, latencies) in try await measure(events: events) {
                figures[name, default: []].append((latencies.quantile(0.5), latencies.quantile(0.99)))
            }
        }
        for name in ["append", "commit-to-record", "commit-to-row", "broker-delivery"] {
            let values = figures[name] ?? []
            let system = name == "broker-delivery" ? "limit:producer-to-consumer" : "lockstep"
            for (metric, all) in [("latency_ms_p50", values.map(\.p50)), ("latency_ms_p99", values.map(\.p99))] {
                report.add(
                    Figure(
                        bench: "latency", case: "\(name),rate=\(rate)/s", system: system, metric: metric,
                        unit: "ms", values: all))
            }
        }
    }

    /// - Returns: by name, the latencies in milliseconds.
    private func measure(events: Int) async throws -> [String: [Double]] {
        let rows = try await BenchDatabase.with(server) { database in
            try await database.withStore { store in try await project(store, database, events: events) }
        }
        let records = try await BenchDatabase.with(server) { database in
            try await database.withStore { store in
                try await BenchTopic.with(kafka) { topic in try await publish(store, topic, events: events) }
            }
        }
        let broker = try await BenchTopic.with(kafka) { try await deliver(events, to: $0) }
        return rows.merging(records) { first, _ in first }.merging(["broker-delivery": broker]) { first, _ in first }
    }

    // MARK: Lockstep

    private func project(
        _ store: PostgresEventStore, _ database: BenchDatabase, events: Int
    ) async throws -> [String: [Double]] {
        let pool = PostgresPool(configuration: database.configuration, limits: PoolLimits(maxConnections: 2))
        let projector = ProjectorService(
            TimelineProjection(), log: store, views: PostgresProjectionStore(pool: pool), leases: store,
            settings: ProjectorSettings(holder: database.name), logger: BenchServices.logger)
        let moments = Moments(events)
        try await BenchServices.running([projector]) {
            async let watching: Void = watch(database, until: events, moments)
            try await append(events, to: store, moments)
            try await watching
        }
        await pool.shutdown()
        return moments.latencies
    }

    private func publish(
        _ store: PostgresEventStore, _ topic: BenchTopic, events: Int
    ) async throws -> [String: [Double]] {
        let moments = Moments(events)
        try await BenchServices.running([topic.publisher(of: store)]) {
            async let reading: Void = topic.readAll(events) { message in
                message.headers.text("ls_position").flatMap(Int64.init).map { moments.recorded($0) }
            }
            try await append(events, to: store, moments)
            try await reading
        }
        return moments.latencies
    }

    private func append(_ events: Int, to store: PostgresEventStore, _ moments: Moments) async throws {
        let workload = try BenchWorkload()
        try await steadily(events, rate: rate) { _ in
            let request = AppendRequest([workload.draft()], to: try workload.stream(), expecting: .noStream)
            let start = ContinuousClock.now
            guard case .appended(let receipt) = try await store.append(request) else { throw BenchFault.notAppended }
            moments.committed(receipt.first.rawValue, calledAt: start)
        }
    }

    /// Looks at the view's checkpoint, which moves in the transaction that writes the rows, every millisecond: in its own table, because the
    /// view of all consumers costs the server so much that looking would be what is measured.
    private func watch(_ database: BenchDatabase, until events: Int, _ moments: Moments) async throws {
        let statement: PostgresStatement = """
            select coalesce(max(position), 0) from lockstep.checkpoints where consumer = 'timeline' and kind = 'projector'
            """
        try await database.withConnection { connection in
            var position: Int64 = 0
            while position < events {
                position = try await connection.query(statement).int64(0, 0)
                moments.projected(through: position)
                try await SystemTimekeeper().sleep(for: .milliseconds(1))
            }
        }
    }

    // MARK: The broker by itself

    private func deliver(_ events: Int, to topic: BenchTopic) async throws -> [Double] {
        let moments = Moments(events)
        let value = [UInt8](repeating: UInt8(ascii: "x"), count: 300)
        let producer = try KafkaProducer(kafka.kafka)
        let handle = try producer.topic(topic.name)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await topic.readAll(events) { message in
                    message.key.flatMap { Int64(String(decoding: $0, as: UTF8.self)) }.map { moments.recorded($0) }
                }
            }
            group.addTask {
                try await steadily(events, rate: rate) { index in
                    var batch = try await producer.batch()
                    let key = Array("\(index + 1)".utf8)
                    _ = key.withUnsafeBytes { key in
                        value.withUnsafeBytes { value in
                            batch.append(
                                to: handle, partition: Int32(index % kafka.partitions), key: key, value: value)
                        }
                    }
                    moments.committed(Int64(index + 1), calledAt: ContinuousClock.now)
                    _ = try await batch.delivered()
                }
            }
            for try await _ in group {}
        }
        try await producer.close(timeout: .seconds(10))
        return moments.latencies["commit-to-record"] ?? []
    }
}

/// When each event was called for, committed, recorded and projected. Positions count from 1.
private final class Moments: Sendable {
    private struct State {
        var called: [ContinuousClock.Instant?]
        var committed: [ContinuousClock.Instant?]
        var recorded: [ContinuousClock.Instant?]
        var projected: [ContinuousClock.Instant?]
        var projectedThrough = 0
    }

    private let state: Mutex<State>

    init(_ count: Int) {
        let none = [ContinuousClock.Instant?](repeating: nil, count: count + 1)
        state = Mutex(State(called: none, committed: none, recorded: none, projected: none))
    }

    func committed(_ position: Int64, calledAt start: ContinuousClock.Instant) {
        let now = ContinuousClock.now
        state.withLock {
            $0.called[Int(position)] = start
            $0.committed[Int(position)] = now
        }
    }

    func recorded(_ position: Int64) {
        let now = ContinuousClock.now
        state.withLock { $0.recorded[Int(position)] = now }
    }

    func projected(through position: Int64) {
        let now = ContinuousClock.now
        state.withLock { state in
            for index in state.projectedThrough..<max(state.projectedThrough, Int(position)) {
                state.projected[index + 1] = now
            }
            state.projectedThrough = max(state.projectedThrough, Int(position))
        }
    }

    /// An event can be seen before its writer has been answered; that counts as no time at all.
    var latencies: [String: [Double]] {
        state.withLock { state in
            func between(_ from: [ContinuousClock.Instant?], _ to: [ContinuousClock.Instant?]) -> [Double] {
                zip(from, to).dropFirst(LatencyBench.warmUp + 1).compactMap { from, to in
                    guard let from, let to else { return nil }
                    return max(0, (to - from) / .milliseconds(1))
                }
            }
            return [
                "append": between(state.called, state.committed),
                "commit-to-record": between(state.committed, state.recorded),
                "commit-to-row": between(state.committed, state.projected),
            ].filter { !$0.value.isEmpty }
        }
    }
}
