import EventModel

/// What the last look at one execution has come to: what was seen of its streams, and how far apart the sides are.
///
/// It is remembered, not recorded: whoever loses it looks again. An execution whose streams still end where a look has seen them end, and whose policy is the
/// same, need not be looked at to know what a look would say.
public struct ComparisonNote: Sendable, Hashable {
    /// Where the three streams of an execution ended; `nil` for one that is empty.
    public struct Ends: Sendable, Hashable {
        /// `workflow_execution-<execution>`.
        public var workflow: StreamEnd?
        /// `journey_session-<execution>`.
        public var journey: StreamEnd?
        /// `reconciliation-<execution>`, with what the look has recorded.
        public var ledger: StreamEnd?

        /// Ends; none unless told otherwise.
        public init(workflow: StreamEnd? = nil, journey: StreamEnd? = nil, ledger: StreamEnd? = nil) {
            self.workflow = workflow
            self.journey = journey
            self.ledger = ledger
        }
    }

    /// How many fields stand how.
    public struct Counts: Sendable, Hashable {
        /// Fields that differ, that nobody has accepted, and that do not only wait for somebody whom to tell, or for the run to come to where
        /// the conversation is.
        public var differing: Int
        /// Fields that differ, and only wait for that.
        public var notYet: Int
        /// Fields that wait for a person.
        public var queued: Int
        /// Effects whose end is not known.
        public var pending: Int

        /// Counts; none unless told otherwise.
        public init(differing: Int = 0, notYet: Int = 0, queued: Int = 0, pending: Int = 0) {
            self.differing = differing
            self.notYet = notYet
            self.queued = queued
            self.pending = pending
        }

        /// Whether the sides are apart.
        public var isApart: Bool { differing > 0 }

        /// Whether something differs that does not only wait, for a person or for somebody whom to tell: whoever looks again may find more to do.
        public var isToBeVisited: Bool { differing > queued }

        /// Whether a conflict waits or an effect is under way: such an execution is nobody's past, even when both sides are over.
        public var isUnfinished: Bool { queued > 0 || pending > 0 }

        /// Whether nothing differs, nothing waits and nothing is under way.
        public var isAtRest: Bool { self == Counts() }
    }

    /// Whether anything still moves in an execution.
    public enum Movement: Sendable, Hashable {
        /// No side can move any more and no conflict waits, or nobody has said when a side has moved.
        case none
        /// A side can still move, or a conflict waits, and this is when something was recorded on a side last, by the log's clock.
        case since(Timestamp)
        /// The same, and it is on record that neither side has moved since then; until one does, the execution is left alone.
        case stale(since: Timestamp)

        /// Whether the execution is left alone.
        public var isStale: Bool { if case .stale = self { true } else { false } }
    }

    /// The execution.
    public var key: ExecutionKey
    /// The workflow that it runs, if anybody has said: with the workspace, what the policy is chosen by.
    public var workflow: String?
    /// What was seen.
    public var ends: Ends
    /// The digest of the policy that was applied.
    public var policy: ContentDigest
    /// What was found.
    public var counts: Counts
    /// Whether anything still moves.
    public var movement: Movement
    /// When the look was taken.
    public var lookedAt: Timestamp

    /// A note by its parts.
    public init(
        _ key: ExecutionKey, workflow: String?, ends: Ends, policy: ContentDigest, counts: Counts,
        movement: Movement = .none, lookedAt: Timestamp
    ) {
        self.key = key
        self.workflow = workflow
        self.ends = ends
        self.policy = policy
        self.counts = counts
        self.movement = movement
        self.lookedAt = lookedAt
    }

    /// Whether the look has seen each stream at least as far as another one.
    public func hasSeenAll(of other: ComparisonNote) -> Bool {
        func position(_ end: StreamEnd?) -> GlobalPosition { end?.position ?? .start }
        return position(ends.workflow) >= position(other.ends.workflow)
            && position(ends.journey) >= position(other.ends.journey)
            && position(ends.ledger) >= position(other.ends.ledger)
    }

    /// Whether an event of one of the three streams was seen by the look.
    ///
    /// - Parameter category: of the event's stream; events of other categories are none of a look's business, and count as seen.
    public func hasSeen(_ position: GlobalPosition, of category: String) -> Bool {
        let end =
            switch category {
            case "workflow_execution": ends.workflow
            case "journey_session": ends.journey
            case "reconciliation": ends.ledger
            default: StreamEnd(version: StreamVersion(1), position: position)
            }
        return end.map { $0.position >= position } ?? false
    }
}

/// A note, and by which right it is written down.
public struct LeasedNote: Sendable, Hashable {
    /// What was found.
    public let note: ComparisonNote
    /// The lane of the execution.
    public let lane: Lane
    /// The lease of the lane, or of the job that has looked: the note counts only while its token is the newest.
    public let lease: Lease

    /// A note by its parts.
    public init(_ note: ComparisonNote, lane: Lane, under lease: Lease) {
        self.note = note
        self.lane = lane
        self.lease = lease
    }
}
