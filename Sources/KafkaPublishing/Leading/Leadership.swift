import EventModel
import EventSourcing
import Logging
import ServiceLifecycle
import Synchronization

/// Leads one topic by lease: one run after the other, each from the survey of the topic to the first disturbance, until shut down or
/// superseded; then the lease is asked for again. Every run has a token of its own, so that what an earlier one has sent to the store and was
/// never answered cannot be written any more.
final class Leadership<Leases: LeaseStore>: Sendable {
    /// Performs one run.
    typealias Run = @Sendable (Lease) async throws -> RunEnd
    /// Leaves word of why publishing does not go on.
    typealias Announce = @Sendable (PublisherState, any Error, Lease) async -> Void

    private let keeper: LeaseKeeper<Leases>
    private let lease: String
    private let backoff: Backoff
    private let time: any Timekeeper
    private let random: any RandomSource
    private let logger: Logger
    private let reached: @Sendable () -> GlobalPosition
    private let announce: Announce
    private let perform: Run
    private let isLeading = Mutex(false)
    /// The waits between the runs of one leadership.
    private let waits: Mutex<Backoff>

    /// - Parameters:
    ///   - lease: its name.
    ///   - reached: how far the runs have come: while that moves, waits do not grow.
    init(
        keeper: LeaseKeeper<Leases>, lease: String, backoff: Backoff, time: any Timekeeper, random: any RandomSource,
        logger: Logger, reached: @escaping @Sendable () -> GlobalPosition, announce: @escaping Announce,
        perform: @escaping Run
    ) {
        self.keeper = keeper
        self.lease = lease
        self.backoff = backoff
        waits = Mutex(backoff)
        self.time = time
        self.random = random
        self.logger = logger
        self.reached = reached
        self.announce = announce
        self.perform = perform
    }

    /// Leads until a graceful shutdown, which waits for the run to finish what is under way.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.leadUntilShutdown() }
            group.addTask {
                try? await gracefulShutdown()
                // A leader finishes what is under way; who only waits for the lease has nothing to finish.
                while self.isLeading.withLock({ $0 }) { try await self.time.sleep(for: .milliseconds(50)) }
            }
            defer { group.cancelAll() }
            do { try await group.next() } catch is CancellationError where Task.isShuttingDownGracefully {}
        }
    }

    private func leadUntilShutdown() async throws {
        var backoff = backoff
        while !Task.isShuttingDownGracefully {
            try Task.checkCancellation()
            let (logger, before) = (logger, reached())
            waits.withLock { $0 = self.backoff }
            let end = try await keeper.hold(lease) { holder in
                logger.debug("waiting for the lease", metadata: ["holder": "\(holder)"])
            } inTurns: { lease in
                self.isLeading.withLock { $0 = true }
                defer { self.isLeading.withLock { $0 = false } }
                return try await self.lead(under: lease)
            }
            if case .finished? = end { return }
            logger.info("leadership of publishing lost; asking for it again")
            if reached() != before { backoff.reset() }
            try await pause(backoff.next(random))
        }
    }

    /// One run, and the wait behind it.
    ///
    /// - Returns: how leading ends; `nil` when it goes on with another run.
    private func lead(under lease: Lease) async throws -> RunEnd? {
        let before = reached()
        let trouble: any Error & Sendable
        do {
            switch try await perform(lease) {
            case .finished(let undelivered): return .finished(undelivered: undelivered)
            case .superseded(let answer): return .superseded(answer)
            case .refused(let refusal): throw refusal
            case .disturbed(let disturbance): trouble = disturbance
            }
        } catch let error as StoreError where error.isTransient {
            trouble = error
        } catch let error as TopicError where error.isTransient {
            trouble = error
        } catch {
            if Task.isShuttingDownGracefully { return .finished(undelivered: 0) }
            if !(error is CancellationError), !Task.isCancelled { await announce(.refused, error, lease) }
            throw error
        }
        if Task.isShuttingDownGracefully { return .finished(undelivered: 0) }
        try Task.checkCancellation()
        if reached() != before { waits.withLock { $0.reset() } }
        logger.info("publishing begins again", metadata: ["reason": "\(trouble)"])
        await announce(.waiting, trouble, lease)
        do { try await pause(waits.withLock { $0.next(random) }) } catch  where Task.isShuttingDownGracefully {
            return .finished(undelivered: 0)
        }
        return nil
    }

    /// Sleeps, unless the service is to stop.
    private func pause(_ duration: Duration) async throws {
        try await cancelWhenGracefulShutdown { try await self.time.sleep(for: duration) }
    }
}

extension ConsumerProgress.Key {
    /// The lease under which this consumer's progress is stored.
    var leaseName: String { "\(kind):\(consumer)" }
}

extension Disturbance: Error {}
