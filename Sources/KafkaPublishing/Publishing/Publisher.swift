import EventModel
import EventSourcing
import FoundationEssentials
import Logging
import ServiceLifecycle

/// Publishes the log to a topic, for as long as the service runs.
///
/// One publisher of a topic leads, by lease; the others wait. A run reads the checkpoint and the ends of the partitions, resumes behind
/// what the topic holds, and lasts until the first disturbance, after which the next run begins the same way: there is one way to
/// start, and it is the way to recover. See ``PublisherMachine`` for every decision.
public final class Publisher<
    Store: EventStore, Checkpoints: PublishingCheckpointStore, Leases: LeaseStore, Topic: RecordTopic
>: Service {
    private let ports: PublisherPorts<Store, Checkpoints, Topic>
    private let leadership: Leadership<Leases>

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
        let ports = PublisherPorts(
            store: store, checkpoints: checkpoints, topic: topic, time: time, random: random, logger: logger,
            record: PublisherRecord())
        self.ports = ports
        leadership = Leadership(
            keeper: LeaseKeeper(store: leases, holder: holder, time: time, timing: options.lease),
            lease: ports.key.leaseName, backoff: options.backoff, time: time, random: random, logger: logger,
            reached: { ports.record.snapshot.acknowledged },
            announce: { await ports.announcement.announce($0, $1, $2) },
            perform: { try await PublishingRun(ports, options: options, lease: $0).perform() })
    }

    /// What has been done so far.
    public var statistics: PublisherStatistics { ports.record.snapshot }

    /// Publishes until a graceful shutdown, which waits for what is under way and stores the checkpoint.
    ///
    /// - Throws: ``PublishingRefusal`` when the topic must not be touched, and every ``TopicError`` and
    ///   ``EventSourcing/StoreError`` that a retry cannot help.
    public func run() async throws { try await leadership.run() }
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
}
