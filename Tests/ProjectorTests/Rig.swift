import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Logging
import ReadModels
import Testing

@testable import Projector

/// A log, a projection and everything that a projector needs, in memory.
struct Rig: Sendable {
    let log = InMemoryEventStore()
    let views: InMemoryProjectionStore
    let projection: any Projection
    /// The clock of the server that keeps the leases.
    let serverTime = ManualTimekeeper()

    init(_ projection: any Projection = TallyProjection(), layout: LaneLayout = .whole) {
        self.projection = ProjectionGeneration(
            projection, generation: projection.generation, relation: projection.table.generationName, layout: layout)
        views = InMemoryProjectionStore(time: serverTime, projections: [projection], layout: layout)
    }

    var key: ConsumerProgress.Key { ConsumerProgress.Key(of: projection) }

    /// Appends one event per type, to streams in turn.
    func append(_ types: [String], streams: Int = 3) async throws {
        for (index, type) in types.enumerated() {
            let stream = StreamName(trusting: "tally-\(index % streams)")
            _ = try await log.append(
                AppendRequest([.draft(type, data: #"{ "n" : \#(index) }"#)], to: stream, expecting: .any))
        }
    }

    /// The whole log.
    func events() async throws -> EventBatch { try await log.read(EventQuery(limit: 10_000)).events }

    /// The view as it must be, up to a position, without the events that do not count.
    func naive(
        _ projection: (any Projection)? = nil, through position: GlobalPosition? = nil,
        skipping skips: SkippedEvents = .none,
        where counts: (RecordedEvent) -> Bool = { _ in true }
    ) async throws -> [RowKey: Row] {
        var fold = NaiveFold(projection ?? self.projection, skipping: skips)
        try fold.fold(
            try await events().filter { event in counts(event) && position.map { event.position <= $0 } ?? true })
        return fold.rows
    }

    /// The progress as it must be after handling everything up to a position.
    func progress(through position: GlobalPosition, state: ProjectorState) async throws -> ConsumerProgress {
        var progress = ConsumerProgress(of: key, incarnation: try await log.head().incarnation)
        for event in try await events() where event.position <= position { progress.handle(event) }
        progress.state = state.rawValue
        return progress
    }

    /// A projector over these stores, or over others that wrap them; another program may bring another fold.
    func projector<Log: EventStore, Views: ProjectionStore>(
        _ projection: (any Projection)? = nil, log: Log, views: Views, holder: String = "one",
        batch: ClosedRange<Int> = 2...4, seed: UInt64 = 1, parkedKeys: Int = 100
    ) -> ProjectorService<Log, Views, InMemoryProjectionStore> {
        ProjectorService(
            projection ?? self.projection, log: log, views: views, leases: self.views,
            settings: .quick(holder: holder, batch: batch, seed: seed, parkedKeys: parkedKeys), logger: .silent)
    }

    func projector(
        _ projection: (any Projection)? = nil, holder: String = "one", batch: ClosedRange<Int> = 2...4,
        seed: UInt64 = 1,
        parkedKeys: Int = 100
    ) -> ProjectorService<InMemoryEventStore, InMemoryProjectionStore, InMemoryProjectionStore> {
        projector(
            projection, log: log, views: views, holder: holder, batch: batch, seed: seed, parkedKeys: parkedKeys)
    }

    /// Waits until the view has reached a position; anything else fails the test.
    func reach(
        _ position: GlobalPosition, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let answer = try await wait(through: position)
        #expect(answer == .reached, comment, sourceLocation: sourceLocation)
    }

    /// Waits for the view to reach a position, or to stop before it.
    func wait(through position: GlobalPosition) async throws -> WaitAnswer {
        try await views.wait(
            for: ConsumerProgress.Key.all(of: projection), through: position, atMost: .seconds(600),
            time: SystemTimekeeper())
    }
}

extension ProjectorSettings {
    /// Pauses of a millisecond or so: nothing waits longer than it must.
    static func quick(
        holder: String, batch: ClosedRange<Int> = 2...4, seed: UInt64 = 1, parkedKeys: Int = 100,
        fingerprints: FoldFingerprints = .none
    ) -> ProjectorSettings {
        ProjectorSettings(
            holder: holder,
            timing: LeaseTiming(
                duration: .seconds(10), renewInterval: .milliseconds(50), retryInterval: .milliseconds(2)),
            limits: ProjectorLimits(
                smallestBatch: batch.lowerBound, largestBatch: batch.upperBound, pollInterval: .milliseconds(5),
                transientPause: .milliseconds(1)...(.milliseconds(2)),
                stoppedPause: .milliseconds(1)...(.milliseconds(3)), parkedKeys: parkedKeys,
                requestPause: .milliseconds(1)),
            fingerprints: fingerprints,
            random: SeededRandom(seed: seed))
    }
}

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

/// Runs services while `body` works, then cancels them.
func running<R: Sendable>(
    _ services: any RunnableService..., body: @escaping @Sendable () async throws -> R
) async throws -> R {
    try await withThrowingTaskGroup(of: R?.self) { group in
        for service in services {
            group.addTask {
                try await service.run()
                return nil
            }
        }
        group.addTask { try await body() }
        defer { group.cancelAll() }
        while let finished = try await group.next() {
            if let finished { return finished }
        }
        throw CancellationError()
    }
}

/// What ``running(_:body:)`` needs of a service.
protocol RunnableService: Sendable {
    func run() async throws
}

extension ProjectorService: RunnableService {}
extension FollowedGenerations: RunnableService {}
