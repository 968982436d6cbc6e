import EventModel

/// One thing that a conversation engine reported.
public enum SessionInput: Equatable, Sendable {
    /// An event, new or repeated, in whatever order. Its subject counts as long as no customer is known.
    case event(ReportedEvent, isDeleted: Bool, observedAt: Timestamp)
    /// A complete answer: of the offsets `from` … `through` only these have events, so the others are deleted.
    case listing(from: Int, through: Int, offsets: [Int], observedAt: Timestamp)
    /// What the session is.
    case description(SessionDescription)
    /// Whether the engine answers by itself.
    case mode(SessionMode, observedAt: Timestamp)
    /// Where the engine's agent stands in each journey, as a whole.
    case agentStates([AgentPaths], observedAt: Timestamp)
    /// The events from one offset on were deleted; `before` is the first offset that is not, or everything known where it is `nil`.
    case rewound(from: Int, before: Int?, observedAt: Timestamp)
    /// A structural edit gave the states of a journey other indexes.
    case renumbered(JourneyNumbering)
    /// Nothing came behind this offset for as long as a poll waits.
    case quiet(through: Int)
    /// The session is over: the engine says so, or does not have it any more.
    case ended(SessionClosing)
}
