import EventModel
import FoundationEssentials

/// How far a consumer has come, on which history, and what it has seen.
public struct ConsumerProgress: Sendable, Hashable {
    /// Which consumer, version and lane a progress belongs to.
    public struct Key: Sendable, Hashable {
        /// The consumer's name, for instance `workflows` or `publisher`.
        public var consumer: String
        /// `projector`, `publisher`, `sealer` …
        public var kind: String
        /// The consumer's own version: another fold is another consumer.
        public var version: Int
        /// The lane, or −1 for all lanes together.
        public var lane: Int

        /// A key by its parts.
        public init(consumer: String, kind: String, version: Int = 1, lane: Int = -1) {
            self.consumer = consumer
            self.kind = kind
            self.version = version
            self.lane = lane
        }
    }

    /// Whose progress.
    public var key: Key
    /// `catching-up`, `live`, `stopped` …: what the consumer said last; health is judged from positions, not from this.
    public var state: String
    /// The last position handled, 0 for none.
    public var position: GlobalPosition
    /// The id of the event at `position`: when the log holds another one there, the consumer is on another history (L10).
    public var lastEventID: UUID?
    /// The incarnation of the log that was read.
    public var incarnation: UUID
    /// Events seen since the first one.
    public var eventsHandled: Int64
    /// Sum of SHA-256(position ‖ id ‖ data) of all of them.
    public var digest: CompletenessDigest
    /// The error that stopped it, if any.
    public var lastError: String?

    /// The progress of a consumer that has seen nothing.
    public init(of key: Key, incarnation: UUID) {
        self.key = key
        self.incarnation = incarnation
        state = "starting"
        position = .start
        eventsHandled = 0
        digest = CompletenessDigest()
    }

    /// Moves over one event.
    public mutating func handle(_ event: RecordedEvent) {
        position = event.position
        lastEventID = event.id
        eventsHandled += 1
        digest.add(event)
    }
}

/// The answer to moving a checkpoint.
public enum AdvanceAnswer: Sendable, Hashable {
    /// Moved.
    case advanced
    /// The lease was lost: a newer token is in force. Stop.
    case fenced(current: Int64)
    /// The checkpoint is not where this consumer left it: another one is running. Stop.
    case moved(actual: GlobalPosition)
}

/// Where consumers without tables of their own keep their progress.
public protocol ProgressStore: Sendable {
    /// The stored progress; `nil` before the first.
    func progress(of key: ConsumerProgress.Key) async throws(StoreError) -> ConsumerProgress?
    /// Everybody's progress.
    func allProgress() async throws(StoreError) -> [ConsumerProgress]
    /// Stores `progress` if the stored position is `previous` (0 also when nothing is stored) and the lease's token is the newest.
    func advance(
        _ progress: ConsumerProgress, from previous: GlobalPosition, under lease: Lease
    ) async throws(StoreError) -> AdvanceAnswer
}
