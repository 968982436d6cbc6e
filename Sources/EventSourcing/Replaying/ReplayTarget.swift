import EventModel
import FoundationEssentials

/// Where a replay writes to. It is made for the replay alone: nothing that a running system reads or acts upon is one.
///
/// Calls do not overlap. A target may be killed between any two steps of its own; what it holds afterwards is a beginning of what was
/// written, and ``open(resuming:)`` of the next run says how long.
public protocol ReplayTarget: Sendable {
    /// Gets ready.
    ///
    /// - Parameter isResuming: whether what an earlier run has left is gone on with. Otherwise a target that holds anything is refused.
    /// - Throws: ``ReplayFault``.
    func open(resuming isResuming: Bool) async throws(ReplayFault) -> ReplayResumption

    /// Takes events in log order. They need not be durable when it returns; a slow target may let the caller wait.
    func write(_ batch: ReplayBatch) async throws(ReplayFault)

    /// Returns when everything that was written is held for good.
    func finish() async throws(ReplayFault)
}

/// Events for a target.
public struct ReplayBatch: Sendable {
    /// What was read from the log.
    public var events: EventBatch
    /// Places of the events that are replayed, ascending; none at the end of a range without such events.
    public var indices: ArraySlice<Int>
    /// No replayed event up to and including this position is missing in the batches so far.
    public var reached: GlobalPosition

    /// A batch by its parts.
    public init(events: EventBatch, indices: ArraySlice<Int>, reached: GlobalPosition) {
        self.events = events
        self.indices = indices
        self.reached = reached
    }

    /// The events that are replayed.
    public var replayed: some Sequence<RecordedEvent> { indices.lazy.map { events[$0] } }
}

/// What a target holds of an earlier run.
public struct ReplayResumption: Sendable, Hashable {
    /// Nothing: begin at the beginning.
    public static let nothing = ReplayResumption(after: .start, marks: [])

    /// The target holds every replayed event up to and including this position, and possibly some behind it, which it recognises.
    public var after: GlobalPosition
    /// Events that the target holds. They must be those of the log, or it was written from another one.
    public var marks: [ReplayMark]

    /// A resumption by its parts.
    public init(after: GlobalPosition, marks: [ReplayMark]) {
        self.after = after
        self.marks = marks
    }
}

/// An event that a target holds.
public struct ReplayMark: Sendable, Hashable {
    /// Its position.
    public var position: GlobalPosition
    /// Its id.
    public var eventID: UUID

    /// A mark by its parts.
    public init(position: GlobalPosition, eventID: UUID) {
        self.position = position
        self.eventID = eventID
    }
}
