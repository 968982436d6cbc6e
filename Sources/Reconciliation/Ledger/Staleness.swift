import EventModel
import WorkflowDomain

/// Neither side of an execution has moved for long, although one still could, or a conflict waits there.
public struct WentStale: Equatable, Sendable {
    /// When something was recorded on a side last, by the log's clock.
    public let since: Timestamp
    /// The version of the workflow's stream that was seen; `nil` while it has none.
    public let workflow: StreamVersion?
    /// The version of the journey's stream that was seen; `nil` while it has none.
    public let journey: StreamVersion?
    /// How long was waited at least, in whole seconds.
    public let patience: Int
    /// When that was found.
    public let at: Timestamp

    /// The event.
    public init(since: Timestamp, workflow: StreamVersion?, journey: StreamVersion?, patience: Int, at: Timestamp) {
        self.since = since
        self.workflow = workflow
        self.journey = journey
        self.patience = patience
        self.at = at
    }
}

/// Since when nothing was recorded on either side of an execution, and how long that may last.
public struct Silence: Hashable, Sendable {
    /// When something was recorded on a side last, by the log's clock; `nil` while nothing was.
    public var since: Timestamp?
    /// Whether a side can still move.
    public var canMove: Bool
    /// How long it may last; zero for ever.
    public var patience: Duration

    /// A silence by its parts.
    public init(since: Timestamp?, canMove: Bool, patience: Duration) {
        self.since = since
        self.canMove = canMove
        self.patience = patience
    }

    /// Since when it has lasted for too long; `nil` while it has not, or may.
    ///
    /// A clock that goes backwards makes silences shorter, never longer.
    func overdue(at now: Timestamp) -> Timestamp? {
        guard patience > .zero, let since, since.duration(to: now) >= patience else { return nil }
        return since
    }
}

extension Silence {
    /// Whether one of two sides can still move. Of a workflow that has ended and that no conversation was heard for, none will.
    public static func canMove(_ workflow: WorkflowSide, _ journey: JourneySide) -> Bool {
        !(workflow.isOver && (journey.isOver || !journey.hasSession))
    }
}

extension Ledger {
    /// Whether an execution is left alone: its sides are as they were when neither had moved for long, and nothing was decided about them since.
    public func isStale(at versions: Receipt.Compared) -> Bool {
        guard let stale else { return false }
        return stale.workflow == versions.workflow && stale.journey == versions.journey
    }

    /// Whether anything keeps an execution from being nobody's matter any more: a side that can still move, or a conflict that waits for a person, who may
    /// speak when both sides are over.
    ///
    /// - Parameter canMove: see ``Silence/canMove``.
    public func isOpen(canMove: Bool) -> Bool { canMove || !queue.isEmpty }

    /// What is to be recorded of an execution in which nothing moves. `nil` where something moves, or will by itself: an effect is under way, a pause ends, or
    /// a look would record something. It is not recorded twice.
    func staleness(_ look: Examination, _ silence: Silence) -> WentStale? {
        let versions = look.parties.compared
        guard isOpen(canMove: silence.canMove), let since = silence.overdue(at: look.at), pending.isEmpty,
            !isStale(at: versions)
        else { return nil }
        let examined = examine(look)
        guard examined.events.isEmpty, examined.again == nil else { return nil }
        return WentStale(
            since: since, workflow: versions.workflow, journey: versions.journey,
            patience: Int(silence.patience.components.seconds), at: look.at)
    }
}
