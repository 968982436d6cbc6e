import EventModel
import EventSourcing
import FoundationEssentials

/// The topic that a log is published to, as the publisher sees it. Kafka implements it, and so does a simulated broker.
public protocol RecordTopic: Sendable {
    /// A connection for publishing.
    associatedtype Session: RecordSession

    /// The topic's name.
    var name: String { get }

    /// Whether offsets may jump between acknowledged records, as they do over the control records of transactions.
    var expectsGaps: Bool { get }

    /// Creates the topic if it is absent, and refuses one that cannot hold every legal event of the log.
    ///
    /// From here on a lost connection disturbs the next session, before it is opened as well: a broker that comes back with fewer
    /// records after the ends were read must not go unnoticed, not even when there is nothing to send.
    func prepare(lanes: Int) async throws(TopicError)

    /// Reads every partition from the checkpointed record to its end. Control records and records of aborted transactions do not
    /// count. See ``PartitionScan``.
    func ends(from checkpoint: PublishingCheckpoint?, lanes: Int) async throws(TopicError) -> TopicEnds

    /// Opens a session that publishes the history `incarnation`. Where the broker has transactions, sessions opened earlier under the
    /// same name can write nothing from here on.
    func open(incarnation: UUID) async throws(TopicError) -> Session
}

/// One producer's life. It ends at the first thing that goes wrong: nothing is repaired inside a session.
public protocol RecordSession: Sendable {
    /// Hands the batch over. Batches reach each partition in the order of the calls, which must not overlap.
    func submit(_ batch: OutgoingBatch) async throws(TopicError) -> any RecordDelivery

    /// Returns when the connection to a broker was lost or the session failed for another reason; also when the task is cancelled.
    func untilDisturbed() async -> Disturbance

    /// Gives up: drops what has not been sent. What is under way may still arrive; the consumer rule makes it harmless.
    func abandon() async
}

/// A batch on its way.
public protocol RecordDelivery: Sendable {
    /// Waits until every record of the batch is acknowledged or one has failed. There is no time-out: a broker may be away for as
    /// long as it likes.
    func outcome() async -> DeliveryOutcome
}

/// How a batch fared.
public enum DeliveryOutcome: Sendable, Hashable {
    /// Every record is acknowledged; the offsets are in the order of ``OutgoingBatch/records``.
    case acknowledged(offsets: [Int64])
    /// At least one record was not acknowledged and never will be by this session.
    case failed(reason: String)
}

/// Why a session cannot go on.
public enum Disturbance: Sendable, Hashable {
    /// A connection to a broker was lost: it may come back with fewer records.
    case disconnected(reason: String)
    /// A record could not be delivered.
    case deliveryFailed(reason: String)
    /// A record was acknowledged at an offset at or below that of an earlier one: the broker has lost records.
    case offsetWentBack(lane: Lane, expected: Int64, acknowledged: Int64)
    /// Offsets were skipped: somebody else writes to the partition.
    case offsetJumped(lane: Lane, expected: Int64, acknowledged: Int64)
    /// Somebody else has written to the partition.
    case foreignRecord(lane: Lane, offset: Int64)
    /// The session was abandoned by us.
    case abandoned
}

/// Events of the log on their way to the topic, in log order.
public struct OutgoingBatch: Sendable {
    /// One event that is to become a record.
    public struct Record: Sendable, Hashable {
        /// Index of the event in ``OutgoingBatch/events``.
        public var index: Int
        /// The partition.
        public var lane: Lane
        /// The position of the record before it in the partition, 0 for none.
        public var previous: GlobalPosition

        /// A record by its parts.
        public init(index: Int, lane: Lane, previous: GlobalPosition) {
            self.index = index
            self.lane = lane
            self.previous = previous
        }
    }

    /// Counts the batches of a run, from 0.
    public var number: Int
    /// What was read from the log, including events that the topic holds already.
    public var events: EventBatch
    /// What is to be sent, in log order.
    public var records: [Record]

    /// A batch by its parts.
    public init(number: Int, events: EventBatch, records: [Record]) {
        self.number = number
        self.events = events
        self.records = records
    }
}
