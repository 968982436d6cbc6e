import EventModel
import EventSourcing
import FoundationEssentials
import Logging
import ServiceLifecycle
import Synchronization

/// Publishes the log to a topic, for as long as the service runs.
///
/// One publisher of a topic leads, by lease; the others wait. A run reads the checkpoint and the ends of the partitions, resumes behind
/// what the topic holds, and lasts until the first disturbance, after which the next run begins the same way: there is one way to
/// start, and it is the way to recover. See ``PublisherMachine`` for every decision.
public final class Publisher<
    Store: EventStore, Checkpoints: PublishingCheckpointStore, Leases: LeaseStore, Topic: RecordTopic
>: Service {
    private let ports: PublisherPorts<Store, Checkpoints, Topic>
    private let keeper: LeaseKeeper<Leases>
    private let options: PublisherOptions
    private let isLeading = Mutex(false)

    /// A publisher of `store` to `topic`.
    ///
    /// - Parameters:
    ///   - holder: a name that no other process uses, for the lease.
    ///   - time: clocks and sleep.
    ///   - random: shortens waits, so that many waiters do not return together.
    public init(
        from store: Store, to topic: Topic, checkpoints: Checkpoints, leases: Leases, holder: String,
        options: PublisherOptions = PublisherOptions(), time: any Timekeeper = SystemTimekeeper(),
        random: any RandomSource = SystemRandomSource(), logger: Logger = Logger(label: "lockstep.publisher")
    ) {
        ports = PublisherPorts(
            store: store, checkpoints: checkpoints, topic: topic, time: time, random: random, logger: logger,
            record: PublisherRecord())
        keeper = LeaseKeeper(store: leases, holder: holder, time: time, timing: options.lease)
        self.options = options
    }

    /// What has been done so far.
    public var statistics: PublisherStatistics { ports.record.snapshot }

    /// Publishes until a graceful shutdown, which waits for what is under way and stores the checkpoint.
    ///
    /// - Throws: ``PublishingRefusal`` when the topic must not be touched, and every ``TopicError`` and
    ///   ``EventSourcing/StoreError`` that a retry cannot help.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.publishUntilShutdown() }
            group.addTask {
                try? await gracefulShutdown()
                // A leader finishes what is under way; who only waits for the lease has nothing to finish.
                while self.isLeading.withLock({ $0 }) { try await self.ports.time.sleep(for: .milliseconds(50)) }
            }
            defer { group.cancelAll() }
            do { try await group.next() } catch is CancellationError where Task.isShuttingDownGracefully {}
        }
    }

    private func publishUntilShutdown() async throws {
        var backoff = options.backoff
        while !Task.isShuttingDownGracefully {
            try Task.checkCancellation()
            let (logger, before) = (ports.logger, statistics.acknowledged)
            let end = try await keeper.hold(ports.key.leaseName) { holder in
                logger.debug("waiting for the lease", metadata: ["holder": "\(holder)"])
            } _: { lease in
                self.isLeading.withLock { $0 = true }
                defer { self.isLeading.withLock { $0 = false } }
                return try await self.lead(under: lease)
            }
            if case .finished? = end { return }
            ports.logger.info("leadership of publishing lost; asking for it again")
            if statistics.acknowledged != before { backoff.reset() }
            try await ports.pause(backoff.next(ports.random))
        }
    }

    /// Runs until shut down or superseded.
    private func lead(under lease: Lease) async throws -> RunEnd {
        var backoff = options.backoff
        while true {
            let before = statistics.acknowledged
            let trouble: any Error & Sendable
            do {
                let run = PublishingRun(ports, options: options, lease: lease)
                switch try await run.perform() {
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
                if !(error is CancellationError), !Task.isCancelled {
                    await ports.announce(.refused, error, lease)
                }
                throw error
            }
            if Task.isShuttingDownGracefully { return .finished(undelivered: 0) }
            try Task.checkCancellation()
            if statistics.acknowledged != before { backoff.reset() }
            ports.logger.info("publishing begins again", metadata: ["reason": "\(trouble)"])
            await ports.announce(.waiting, trouble, lease)
            do { try await ports.pause(backoff.next(ports.random)) } catch  where Task.isShuttingDownGracefully {
                return .finished(undelivered: 0)
            }
        }
    }
}

/// How a publisher works.
public struct PublisherOptions: Sendable, Hashable {
    /// The number of partitions that the topic must have.
    public var lanes: Int
    /// Incarnations that the log continues by decision of an operator.
    public var earlierIncarnations: Set<UUID>
    /// How long the lease lasts and how often it is renewed.
    public var lease: LeaseTiming
    /// Bounds of the window and of the checkpoint's age.
    public var limits: PublisherLimits
    /// How often the end of the log is looked at when no notification arrives.
    public var pollInterval: Duration
    /// Waits between runs after a disturbance.
    public var backoff: Backoff

    /// Options; by default 12 lanes, a look every 250 ms, and waits of 100 ms to 10 s between failing runs.
    public init(
        lanes: Int = Lane.defaultCount, earlierIncarnations: Set<UUID> = [],
        lease: LeaseTiming = LeaseTiming(), limits: PublisherLimits = PublisherLimits(),
        pollInterval: Duration = .milliseconds(250), backoff: Backoff = Backoff()
    ) {
        self.lanes = lanes
        self.earlierIncarnations = earlierIncarnations
        self.lease = lease
        self.limits = limits
        self.pollInterval = pollInterval
        self.backoff = backoff
    }
}

extension ConsumerProgress.Key {
    /// The publisher of a topic. Every topic has a checkpoint and a lease of its own: a topic with another name starts from nothing.
    public static func publisher(of topic: String) -> ConsumerProgress.Key {
        ConsumerProgress.Key(consumer: topic, kind: "publisher")
    }

    /// The lease under which this consumer's progress is stored.
    var leaseName: String { "\(kind):\(consumer)" }
}

extension Disturbance: Error {}
