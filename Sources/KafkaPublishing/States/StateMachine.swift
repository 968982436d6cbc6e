import EventModel
import EventSourcing
import FoundationEssentials
import ReadModels

/// One run of the state publisher as a value: every decision, no I/O.
///
/// A run begins with the checkpoint and with what the partitions hold, and lasts until the first disturbance; then another run begins the same
/// way. It rests on two facts. A state is a function of the log, of the fold and of its position alone: whoever writes it, and however often,
/// writes the same bytes. And a key that is folded anew is folded to the head of the log: what is written is never older than what anybody
/// wrote before the run began. So it is always safe to write again, and whoever keeps the highest position of each key never goes back.
public struct StateMachine: Sendable {
    /// What has happened. Times are of a steady clock.
    public enum Input: Sendable {
        /// The run begins: what was stored and what the partitions hold.
        case began(checkpoint: PublishingCheckpoint?, found: [StateFindings])
        /// The answer to ``Action/inspectLog(_:)``: the head, read after the partitions were; the events at the positions that exist; the events
        /// that the projection leaves out; and the keys that are known not to be foldable.
        case inspected(LogHead, [RecordedEvent], SkippedEvents, standing: [StateKey])
        /// The session of ``Action/open(behind:)`` is open.
        case opened
        /// The answer to ``Action/read(after:)``.
        case read(SubscriptionBatch, at: Duration)
        /// The other answer to it: there was nothing to read for a while.
        case idle(at: Duration)
        /// The answer to ``Action/load(_:through:)``.
        case loaded([StateKey: KeyState])
        /// The answer to ``Action/send(_:)``.
        case delivered(DeliveryOutcome, at: Duration)
        /// The answer to ``Action/save(_:from:)``.
        case saved(AdvanceAnswer, at: Duration)
        /// Stop. It comes in the place of an answer to ``Action/read(after:)``.
        case shutDown
    }

    /// What to do about it; one thing at a time.
    public enum Action: Sendable {
        /// Read the head, the events at these positions, and what is left out and set aside.
        case inspectLog([GlobalPosition])
        /// Open a session behind these offsets, one for each partition.
        case open(behind: [Int64])
        /// Read the next batch, or wait a while for one.
        case read(after: GlobalPosition)
        /// Fold these keys from their streams, as of this position.
        case load([StateKey], through: GlobalPosition)
        /// Submit the records and await the outcome.
        case send([StateRecord])
        /// Store the checkpoint.
        case save(PublishingCheckpoint, from: GlobalPosition)
        /// End the run; abandon the session if one is open.
        case end(RunEnd)
    }

    /// Limits, names and expectations of a run.
    public struct Configuration: Sendable {
        /// The topic's name.
        public var topic: String
        /// The number of partitions that the topic must have.
        public var lanes: Int
        /// The fencing token of the lease.
        public var writer: Int64
        /// Incarnations that the log continues by decision of an operator.
        public var earlierIncarnations: Set<UUID>
        /// Bounds of memory and of the checkpoint's age.
        public var limits: StateLimits

        /// A configuration by its parts.
        public init(
            topic: String, lanes: Int = Lane.defaultCount, writer: Int64, earlierIncarnations: Set<UUID> = [],
            limits: StateLimits = StateLimits()
        ) {
            self.topic = topic
            self.lanes = lanes
            self.writer = writer
            self.earlierIncarnations = earlierIncarnations
            self.limits = limits
        }
    }

    /// Where the run is: what it waits for.
    enum Phase: Sendable {
        case fresh
        case inspecting(PublishingCheckpoint?, [StateFindings])
        case opening(behind: [Int64])
        case reading
        case loading(SubscriptionBatch?)
        case sending(SubscriptionBatch?, [StateRecord])
        case saving(isLast: Bool)
        case ended
    }

    let configuration: Configuration
    let projection: any StateProjection
    var phase = Phase.fresh
    /// The events that the projection leaves out, as far as the log was followed.
    public internal(set) var skips = SkippedEvents.none
    /// What the next checkpoint will say.
    var progress: ConsumerProgress
    /// The position of the stored checkpoint.
    var stored = GlobalPosition.start
    /// The latest time that an input told.
    var now = Duration.zero
    var savedAt = Duration.zero
    var lanes: [StateLane] = []
    var cache: StateCache
    /// Keys that stand still, with the event that they stand at.
    var standing: [StateKey: Standing] = [:]
    var triedAt = Duration.zero
    /// The states of the keys that the batch in hand moves.
    var working: [StateKey: KeyState] = [:]
    /// Keys to be written before anything is read: their newest state may not be the last one that the topic holds.
    var suspects: [StateKey] = []
    var head = GlobalPosition.start
    /// What was found and gone on after, for people.
    public private(set) var notices: [StateNotice] = []

    /// A run that has not begun.
    public init(_ projection: any StateProjection, _ configuration: Configuration) {
        self.projection = projection
        self.configuration = configuration
        cache = StateCache(limit: configuration.limits.cachedKeys)
        progress = ConsumerProgress(
            of: .states(of: configuration.topic, fold: projection.version),
            incarnation: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
    }

    /// Every event up to here is reflected in the topic, except for the keys that stand still.
    public var position: GlobalPosition { progress.position }

    /// The keys that stand still.
    public var standingKeys: Set<StateKey> { Set(standing.keys) }

    /// Decides what follows from an input.
    public mutating func receive(_ input: Input) -> Action {
        if let time = input.time { now = max(now, time) }
        return switch (phase, input) {
        case (.fresh, .began(let checkpoint, let found)): begin(checkpoint, found)
        case (.inspecting(let checkpoint, let found), .inspected(let head, let events, let skips, let standing)):
            resume(checkpoint, found, head: head, events: events, skips: skips, standing: standing)
        case (.opening, .opened): start()
        case (.reading, .read(let batch, _)): admit(batch)
        case (.reading, .idle): rest()
        case (.reading, .shutDown): stop()
        case (.loading(let batch), .loaded(let states)): write(batch, states)
        case (.sending(let batch, let records), .delivered(let outcome, _)): settle(batch, records, outcome)
        case (.saving(let isLast), .saved(let answer, _)): confirm(answer, isLast: isLast)
        case (.fresh, _), (.inspecting, _), (.opening, _), (.reading, _), (.loading, _), (.sending, _), (.saving, _),
            (.ended, _):
            end(.finished(undelivered: 0))
        }
    }

    /// Ends the run.
    mutating func end(_ reason: RunEnd) -> Action {
        phase = .ended
        return .end(reason)
    }

    mutating func notice(_ notice: StateNotice) { notices.append(notice) }

    /// Hands out what was found since the last time.
    public mutating func takeNotices() -> [StateNotice] {
        defer { notices = [] }
        return notices
    }

    /// A key that stands still.
    struct Standing: Sendable {
        /// The event at which it stands; `nil` when only the read model has said that it does.
        var fault: ProjectionFault?
        /// The position of the state that was written last; `nil` when none was.
        var written: GlobalPosition?
    }
}

extension StateMachine.Input {
    /// When it happened, if it tells.
    var time: Duration? {
        switch self {
        case .read(_, let time), .idle(let time), .delivered(_, let time), .saved(_, let time): time
        case .began, .inspected, .opened, .loaded, .shutDown: nil
        }
    }
}

/// What is known of one partition while a run lasts.
struct StateLane: Sendable, Hashable {
    /// Every state up to here is in the partition since before the run.
    var held: GlobalPosition
    /// The number of its last record.
    var sequence: Int64
    /// The offset that the next acknowledged record must have.
    var nextOffset: Int64
    /// What the checkpoint says of it.
    var record: PartitionEnd?

    /// Up to where the partition is whole, when the run has come to `position`.
    func whole(_ position: GlobalPosition) -> GlobalPosition { max(held, position) }
}

extension ConsumerProgress.Key {
    /// The publisher of states to a topic. Another version of the fold is another consumer: it writes every state anew.
    public static func states(of topic: String, fold: Int) -> ConsumerProgress.Key {
        ConsumerProgress.Key(consumer: topic, kind: "state", version: fold)
    }
}
