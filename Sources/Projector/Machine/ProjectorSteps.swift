import EventModel
import EventSourcing
import FoundationEssentials
import ReadModels

extension ProjectorMachine {
    /// What has happened.
    public enum Input: Sendable {
        /// The process runs.
        case started
        /// These lanes are held, and no others any more.
        case granted(LaneShare)
        /// The lanes were lost before the work was done.
        case leaseLost
        /// A pause is over.
        case rested
        /// Where to start was read.
        case loaded(StartingPoint)
        /// The next events were read, and the end of the log at that time; none only after ``Action/poll(after:limit:atMost:)``.
        case read(EventBatch, head: GlobalPosition)
        /// What the topic holds of the lanes; only after ``Action/pull(after:limit:atMost:)``.
        case pulled(LaneBatch)
        /// The topic does not hold what is needed, or cannot be used.
        case misled(TopicFault)
        /// The oldest request for a retry, if there is one.
        case requested(RequestedRetry?)
        /// The first events that wait behind a key, and the events that are left out, as the log says now.
        case queued(QueuedEvents, SkippedEvents)
        /// The event that was to be left out is not, and why.
        case skipRefused(String)
        /// The stored rows that were asked for.
        case fetched([RowKey: Row])
        /// The answer to an apply, and how long it took.
        case applied(ApplyAnswer, Duration)
        /// The answer to recording the state.
        case recorded(AdvanceAnswer)
        /// The action failed.
        case failed(StoreError)
        /// The process shall end; no batch is in hand.
        case shutdown
    }

    /// What to do next.
    public enum Action: Sendable {
        /// Wait for lanes; then ``Input/granted(_:)``.
        case lead
        /// Read the stored progress of these lanes, the head, and the events at the stored positions; then ``Input/loaded(_:)``.
        case load(LaneShare)
        /// Wait for events; then ``Input/read(_:head:)``.
        case read(after: GlobalPosition, limit: Int)
        /// Read events if there are any, else wait for them, but not longer than that; then ``Input/read(_:head:)``.
        case poll(after: GlobalPosition, limit: Int, atMost: Duration)
        /// Read events of the lanes from the topic, each behind its own position, waiting for them, but not longer than that, or until the lanes
        /// may have changed; then ``Input/pulled(_:)`` or ``Input/misled(_:)``.
        case pull(after: [Int: GlobalPosition], limit: Int, atMost: Duration?)
        /// Look for a request for a retry; then ``Input/requested(_:)``.
        case lookForRequest
        /// Put on the record that the event is left out, if that was asked for, and read the first events that wait behind a key; then
        /// ``Input/queued(_:_:)`` or ``Input/skipRefused(_:)``.
        case loadQueue(RequestedRetry, limit: Int)
        /// Load rows; then ``Input/fetched(_:)``.
        case fetch([RowKey])
        /// Apply; then ``Input/applied(_:_:)``.
        case apply(Apply)
        /// Store the states; then ``Input/recorded(_:)``.
        case record([CheckpointMove])
        /// Sleep without giving up the lanes; then ``Input/rested``.
        case rest(Duration)
        /// Give up the lanes, then sleep; then ``Input/rested``. The fault is why, if somebody has to look.
        case stepDown(Duration, because: ProjectorFault?)
        /// End.
        case finish
    }

    /// One transaction.
    public struct Apply: Sendable {
        /// What changes in the table.
        public var changes: RowChanges
        /// The checkpoints that move, with what is parked.
        public var moves: [CheckpointMove]
        /// What will be read next if all goes well, when it is there already: it may be read meanwhile.
        public var readAhead: (after: GlobalPosition, limit: Int)?
    }

    /// Where a projector starts, and what it compares to know that it is on the right history.
    public struct StartingPoint: Sendable {
        /// The stored progress of its lanes; a lane without any has seen nothing.
        public var progress: [ConsumerProgress]
        /// The end of the log.
        public var head: LogHead
        /// The ids of the events that the log holds at these positions.
        public var eventIDs: [GlobalPosition: UUID]
        /// What is parked.
        public var parked: ParkedKeys
        /// The events that are left out.
        public var skips: SkippedEvents

        /// A starting point by its parts.
        public init(
            progress: [ConsumerProgress], head: LogHead, eventIDs: [GlobalPosition: UUID] = [:],
            parked: ParkedKeys = ParkedKeys(), skips: SkippedEvents = .none
        ) {
            self.progress = progress
            self.head = head
            self.eventIDs = eventIDs
            self.parked = parked
            self.skips = skips
        }
    }

    /// The first events that wait behind a key, in order.
    public struct QueuedEvents: Sendable {
        /// The events; at least one, unless somebody else has been at work.
        public var events: [RecordedEvent]
        /// Whether more wait behind them.
        public var hasMore: Bool

        /// Events by their parts.
        public init(_ events: [RecordedEvent], hasMore: Bool) {
            self.events = events
            self.hasMore = hasMore
        }
    }
}
