import EventModel
import EventSourcing
import FoundationEssentials

/// One run of the publisher as a value: every decision, no I/O.
///
/// A run begins with the checkpoint and the ends found at the broker, and lasts until the first disturbance; then another run begins
/// the same way. It rests on one fact: **the chain (previous, position) of every partition is a function of the log and of the number
/// of lanes alone.** Two publishers, a retry and a resurrected request can only write pieces of the same chain, so stragglers and
/// duplicates are harmless under the consumer rule and correctness never depends on the lease, which only saves work.
public struct PublisherMachine: Sendable {
    /// What has happened.
    public enum Input: Sendable {
        /// The run begins: what was stored and what the broker holds.
        case began(checkpoint: PublishingCheckpoint?, ends: TopicEnds)
        /// The answer to ``Action/inspectLog(_:)``: the head, read after the ends were, and the events at the positions that exist.
        case inspected(LogHead, [RecordedEvent])
        /// The answer to ``Action/measure(after:through:)``.
        case measured(CompletenessDigest)
        /// The answer to ``Action/read(after:)``.
        case read(SubscriptionBatch)
        /// A batch was acknowledged or has failed. `digest` covers all of its events, sent or not.
        case delivered(batch: Int, DeliveryOutcome, digest: CompletenessDigest)
        /// The session cannot go on.
        case disturbed(Disturbance)
        /// The time of ``Action/saveLater`` is over.
        case checkpointDue
        /// The answer to ``Action/save(_:from:)``.
        case saved(AdvanceAnswer)
        /// Finish what is under way and stop.
        case shutDown
        /// The time of ``Action/limitDrain`` is over.
        case drainExpired
    }

    /// What to do about it.
    public enum Action: Sendable {
        /// Read the head and the events at these positions.
        case inspectLog([GlobalPosition])
        /// Say it aloud.
        case notice(PublisherNotice)
        /// Add up the completeness digest of these events, to take them out of the checkpoint that moves back over them.
        case measure(after: GlobalPosition, through: GlobalPosition)
        /// Open a session for this history.
        case open(incarnation: UUID)
        /// Read the next batch. At most one read is under way.
        case read(after: GlobalPosition)
        /// Submit the batch and await its outcome; a batch without records is acknowledged at once.
        case send(OutgoingBatch)
        /// Store the checkpoint. At most one save is under way.
        case save(PublishingCheckpoint, from: GlobalPosition)
        /// Come back with ``Input/checkpointDue`` after the checkpoint interval.
        case saveLater
        /// Come back with ``Input/drainExpired`` after the drain time.
        case limitDrain
        /// End the run; abandon the session if one is open.
        case end(RunEnd)
    }

    /// Limits, names and expectations of a run.
    public struct Configuration: Sendable, Hashable {
        /// The topic's name.
        public var topic: String
        /// The number of partitions that the topic must have.
        public var lanes: Int
        /// Incarnations that the log continues by decision of an operator. Their records are still compared event by event.
        public var earlierIncarnations: Set<UUID>
        /// The key of the checkpoint.
        public var key: ConsumerProgress.Key { .publisher(of: topic) }
        /// Bounds of the window and of the checkpoint's age.
        public var limits: PublisherLimits

        /// A configuration by its parts.
        public init(
            topic: String, lanes: Int = Lane.defaultCount, earlierIncarnations: Set<UUID> = [],
            limits: PublisherLimits = PublisherLimits()
        ) {
            self.topic = topic
            self.lanes = lanes
            self.earlierIncarnations = earlierIncarnations
            self.limits = limits
        }
    }

    /// The phases of a run.
    enum Phase: Sendable {
        case fresh
        case inspecting(PublishingCheckpoint?, TopicEnds)
        case measuring(Resumption)
        case running
        case draining
        case ended
    }

    let configuration: Configuration
    /// Whether offsets may jump between acknowledged records.
    let expectsGaps: Bool
    var phase = Phase.fresh
    /// What the next checkpoint will say.
    var progress: ConsumerProgress
    /// By lane: where the chain is.
    var chain: [ChainPoint] = []
    var window = PublishingWindow()
    var cursor = GlobalPosition.start
    var isReading = false
    var ledger = CheckpointLedger()

    /// A run that has not begun.
    public init(_ configuration: Configuration, expectsGaps: Bool = false) {
        self.configuration = configuration
        self.expectsGaps = expectsGaps
        progress = ConsumerProgress(
            of: configuration.key, incarnation: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
    }

    /// Events and bytes under way.
    public var inFlight: (events: Int, bytes: Int) { (window.events, window.bytes) }
    /// The end of the contiguous prefix that the broker has acknowledged.
    public var acknowledged: GlobalPosition { progress.position }

    /// Decides what follows from an input. Inputs that come after the end of the run are ignored.
    public mutating func receive(_ input: Input) -> [Action] {
        switch (phase, input) {
        case (.fresh, .began(let checkpoint, let found)): begin(checkpoint, found)
        case (.inspecting(let checkpoint, let found), .inspected(let head, let events)):
            resume(checkpoint, found, head: head, events: events)
        case (.measuring(let resumption), .measured(let digest)): start(resumption, without: digest)
        case (.running, .read(let batch)): admit(batch)
        case (.running, .delivered(let number, let outcome, let digest)),
            (.draining, .delivered(let number, let outcome, let digest)):
            settle(number, outcome, digest)
        case (.running, .saved(let answer)), (.draining, .saved(let answer)): confirmSave(answer)
        case (.running, .checkpointDue), (.draining, .checkpointDue): saveWhenDue()
        case (.running, .shutDown): drain()
        case (.draining, .drainExpired): end(.finished(undelivered: window.events))
        case (.fresh, .shutDown), (.inspecting, .shutDown), (.measuring, .shutDown): end(.finished(undelivered: 0))
        case (.running, .disturbed(let disturbance)), (.draining, .disturbed(let disturbance)):
            end(.disturbed(disturbance))
        case (.ended, _), (.draining, _), (.running, _), (.fresh, _), (.inspecting, _), (.measuring, _): []
        }
    }

    /// Ends the run; what comes later is ignored.
    mutating func end(_ reason: RunEnd) -> [Action] {
        phase = .ended
        return [.end(reason)]
    }
}

/// How a run ends.
public enum RunEnd: Sendable, Hashable {
    /// Shut down as asked. `undelivered` events were still under way when the drain time was over; the next run sends them again.
    case finished(undelivered: Int)
    /// Something went wrong between us and the broker: begin again.
    case disturbed(Disturbance)
    /// Another publisher leads, or has moved the checkpoint: acquire the lease again.
    case superseded(AdvanceAnswer)
    /// The topic must not be touched.
    case refused(PublishingRefusal)
}

/// Where the chain of one lane is.
struct ChainPoint: Sendable, Hashable {
    /// The position of the lane's last event that was read or that the partition holds: the next record's `ls_previous`.
    var end: GlobalPosition
    /// The partition holds the lane's events up to here.
    var heldThrough: GlobalPosition
    /// The offset that the next acknowledged record must have, or may not go below.
    var nextOffset: Int64
    /// The last record that the partition is known to hold. It may be ahead of the contiguous prefix, which matters to nobody: what is
    /// found there again after a restart is not sent again, and what is not is a truncation.
    var record: PartitionEnd?
}
