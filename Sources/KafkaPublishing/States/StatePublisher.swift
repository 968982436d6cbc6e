import EventModel
import EventSourcing
import FoundationEssentials
import Logging
import ReadModels
import ServiceLifecycle

/// Publishes the latest state of every key to a compacted topic, for as long as the service runs.
///
/// It follows the log as a consumer of its own and folds by the fold of the read model; it reads nobody's view. One publisher of a topic leads,
/// by lease; the others wait. There is one way to start, and it is the way to recover. See ``StateMachine`` for every decision and
/// ``StateVersion`` for the rule by which readers are safe from late records.
public final class StatePublisher<
    Store: EventStore, Checkpoints: PublishingCheckpointStore, Leases: LeaseStore, Topic: StateTopic
>: Service {
    private let record: StateStatisticsRecord
    private let leadership: Leadership<Leases>

    /// A publisher of the states that `projection` folds from `store`.
    ///
    /// - Parameters:
    ///   - setAside: the keys that the read model has set aside: at a start they are tried, and remembered if they cannot be folded.
    ///   - holder: a name that no other process uses, for the lease.
    ///   - time: clocks and sleep.
    ///   - random: shortens waits, so that many waiters do not return together.
    public init(
        of projection: any StateProjection = SyncStateProjection(), from store: Store, to topic: Topic,
        checkpoints: Checkpoints, leases: Leases, holder: String,
        setAside: @escaping @Sendable () async throws -> [StateKey] = { [] },
        options: StatePublisherOptions = StatePublisherOptions(), time: any Timekeeper = SystemTimekeeper(),
        random: any RandomSource = SystemRandomSource(), logger: Logger = Logger(label: "lockstep.state")
    ) {
        let ports = StatePorts(
            projection: projection, store: store, checkpoints: checkpoints, topic: topic, setAside: setAside,
            time: time,
            logger: logger, record: StateStatisticsRecord())
        record = ports.record
        leadership = Leadership(
            keeper: LeaseKeeper(store: leases, holder: holder, time: time, timing: options.lease),
            lease: ports.key.leaseName, backoff: options.backoff, time: time, random: random, logger: logger,
            reached: { ports.record.snapshot.stored },
            announce: { await ports.announcement.announce($0, $1, $2) },
            perform: { try await StateRun(ports, options: options, lease: $0).perform() })
    }

    /// What has been done so far.
    public var statistics: StatePublisherStatistics { record.snapshot }

    /// Publishes until a graceful shutdown, which waits for what is under way and stores the checkpoint.
    ///
    /// - Throws: ``PublishingRefusal`` when the topic must not be touched, and every ``TopicError`` and
    ///   ``EventSourcing/StoreError`` that a retry cannot help.
    public func run() async throws { try await leadership.run() }
}

/// What a state publisher has done so far.
public struct StatePublisherStatistics: Sendable, Hashable {
    /// Records that the broker has acknowledged.
    public var published: Int64 = 0
    /// Runs begun: 1 and one more for every disturbance, fault or change of leadership.
    public var runs: Int64 = 0
    /// Where the checkpoint stands.
    public var stored = GlobalPosition.start

    /// Nothing yet.
    public init() {}
}

/// How a state publisher works.
public struct StatePublisherOptions: Sendable, Hashable {
    /// The number of partitions that the topic must have: that of the log's lanes.
    public var lanes: Int
    /// Incarnations that the log continues by decision of an operator.
    public var earlierIncarnations: Set<UUID>
    /// How long the lease lasts and how often it is renewed.
    public var lease: LeaseTiming
    /// Bounds of memory and of the checkpoint's age.
    public var limits: StateLimits
    /// How often the end of the log is looked at when no notification arrives.
    public var pollInterval: Duration
    /// Waits between runs after a disturbance.
    public var backoff: Backoff

    /// Options; by default 12 lanes, a look every 250 ms, and waits of 100 ms to 10 s between failing runs.
    public init(
        lanes: Int = Lane.defaultCount, earlierIncarnations: Set<UUID> = [], lease: LeaseTiming = LeaseTiming(),
        limits: StateLimits = StateLimits(), pollInterval: Duration = .milliseconds(250), backoff: Backoff = Backoff()
    ) {
        self.lanes = lanes
        self.earlierIncarnations = earlierIncarnations
        self.lease = lease
        self.limits = limits
        self.pollInterval = pollInterval
        self.backoff = backoff
    }
}
