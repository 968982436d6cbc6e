import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import KafkaDriver
import KafkaPublishing
import Logging
import PostgresEventStore
import PostgresReadModels
import Projector
import ReadModels
import Synchronization
import Testing

/// A log in memory, its topic on the broker of the environment, a database for the views, and services of projectors between them.
struct TopicStage: Sendable {
    /// Where a projector reads.
    enum Source {
        case log
        case topic
    }

    static var brokers: String? { ProcessInfo.processInfo.environment["LOCKSTEP_KAFKA"] }
    private static let timing = LeaseTiming(
        duration: .seconds(5), renewInterval: .milliseconds(50), retryInterval: .milliseconds(5))

    let log = InMemoryEventStore()
    let database: TestDatabase
    private let configuration = KafkaConfiguration(bootstrapServers: Self.brokers ?? "", clientID: "projecting-tests")
    private let name = "projecting-\(UUID().uuidString.lowercased())"

    init(_ database: TestDatabase) { self.database = database }

    var views: PostgresProjectionStore { PostgresProjectionStore(pool: database.pool) }
    private var leases: PostgresEventStore { database.leases }

    /// Publishes the log while `body` works.
    func publishing(_ body: () async throws -> Void) async throws {
        let publisher = Publisher(
            from: log,
            to: KafkaRecordTopic(name, configuration: configuration, settings: TopicSettings(replicationFactor: 1)),
            checkpoints: log, leases: log, holder: "publisher",
            options: PublisherOptions(
                limits: PublisherLimits(checkpointInterval: .milliseconds(20)), pollInterval: .milliseconds(20)),
            logger: .silent)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await publisher.run() }
            try await body()
            group.cancelAll()
            while (try? await group.next()) != nil {}
        }
    }

    /// Runs a service for each holder and projection while `body` works, then cancels them wherever they are.
    func run(
        _ projections: [any Projection], _ holders: [String], source: Source = .topic, _ body: () async throws -> Void
    ) async throws {
        try await run(projections, holders, source: source, views: views, body)
    }

    func run<Views: ProjectionStore>(
        _ projections: [any Projection], _ holders: [String], source: Source = .topic, views: Views,
        _ body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for holder in holders {
                for projection in projections {
                    let service = service(projection, holder, source, views)
                    group.addTask { try await service.run() }
                }
            }
            defer { group.cancelAll() }
            try await body()
        }
    }

    private func service<Views: ProjectionStore>(
        _ projection: any Projection, _ holder: String, _ source: Source, _ views: Views
    ) -> ProjectorService<InMemoryEventStore, Views, PostgresEventStore> {
        let topic = KafkaLaneTopic(name, configuration: configuration, checkpoints: log) {
            () async throws(StoreError) in [:]
        }
        return ProjectorService(
            projection, log: log, views: views, leases: leases,
            settings: .quick(
                holder: holder, batch: 3...40, timing: Self.timing, source: source == .log ? .log : .topic(topic)),
            logger: .silent)
    }

    /// Waits until every lane of every view has reached a position.
    func reach(
        _ projections: [any Projection], _ position: Int64, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for projection in projections {
            let answer = try await views.wait(
                for: ConsumerProgress.Key.all(of: projection), through: GlobalPosition(position), atMost: .seconds(840),
                time: SystemTimekeeper())
            try #require(answer == .reached, "\(projection.name)", sourceLocation: sourceLocation)
        }
    }

    func reachEnd(_ projections: [any Projection]) async throws {
        try await reach(projections, try await log.head().position.rawValue)
    }

    func progress(of projections: [any Projection]) async throws -> [ConsumerProgress] {
        var found: [ConsumerProgress] = []
        for projection in projections {
            found += try await views.progress(of: ConsumerProgress.Key.all(of: projection))
        }
        return found
    }

    /// Who holds lanes.
    func holders() async throws -> [String] {
        let rows = try await database.query(
            """
            select distinct holder from lockstep.leases
            where name like 'projector/%' and expires_at > clock_timestamp() order by 1
            """)
        return try (0..<rows.rowCount).map { try rows.text($0, 0) }
    }

    /// As after a pause beyond them: the leases of all lanes are over, and somebody else has them.
    func takeAll(_ projections: [any Projection], as holder: String) async throws -> [Lease] {
        var taken: [Lease] = []
        for projection in projections {
            let share = ProjectorSettings.share(of: projection)
            for lane in projection.layout.lanes {
                let name = share.lease(of: Int32(lane))
                // Whoever holds it goes on renewing it.
                while taken.last?.name != name {
                    try await database.execute(
                        "update lockstep.leases set expires_at = '-infinity' where name = '\(name)'")
                    let answer = try await leases.acquire(name, holder: holder, for: .seconds(600))
                    if case .granted(let lease) = answer { taken.append(lease) }
                }
            }
        }
        return taken
    }

    func release(_ taken: [Lease]) async throws { for lease in taken { try await leases.release(lease) } }
}

/// Views that hold the first apply back until they are told to let it through.
final class WriteGate: ForwardingViews {
    private struct State {
        var isOpen = false
        var answer: ApplyAnswer?
        var arrived: [CheckedContinuation<Void, Never>] = []
        var held: [CheckedContinuation<Void, Never>] = []
        var hasArrived = false
    }

    let base: PostgresProjectionStore
    private let state = Mutex(State())

    init(_ base: PostgresProjectionStore) { self.base = base }

    /// Returns once an apply is held back.
    func untilHeldBack() async {
        await withCheckedContinuation { waiting in
            let isThere = state.withLock { state in
                if !state.hasArrived { state.arrived.append(waiting) }
                return state.hasArrived
            }
            if isThere { waiting.resume() }
        }
    }

    /// Lets everything through from now on.
    func open() {
        let held = state.withLock { state in
            state.isOpen = true
            defer { state.held = [] }
            return state.held
        }
        for waiting in held { waiting.resume() }
    }

    /// The answer to the apply that was held back.
    func firstAnswer() async -> ApplyAnswer {
        while true {
            if let answer = state.withLock({ $0.answer }) { return answer }
            await Task.yield()
        }
    }

    func apply(_ changes: RowChanges, moving moves: [CheckpointMove]) async throws(StoreError) -> ApplyAnswer {
        await withCheckedContinuation { waiting in
            let (isOpen, arrived) = state.withLock { state in
                if !state.isOpen { state.held.append(waiting) }
                state.hasArrived = true
                defer { state.arrived = [] }
                return (state.isOpen, state.arrived)
            }
            for other in arrived { other.resume() }
            if isOpen { waiting.resume() }
        }
        let answer = try await base.apply(changes, moving: moves)
        state.withLock { $0.answer = $0.answer ?? answer }
        return answer
    }
}
