import EventModel

/// Something known to have happened in a session.
///
/// A fact is either a **report** (what the conversation engine said, kept so that nothing of it is lost) or a **conclusion** that follows
/// from the reports so far: where the conversation stands in each journey, how each turn ended. Conclusions are corrected by later
/// ones; the reports decide which conclusions hold, in whatever order they come.
public enum SessionFact: Equatable, Sendable {
    /// Who and what the session is, as the engine describes it.
    case described(SessionDescription)
    /// The session walks for an execution.
    case bound(SessionBinding)
    /// The engine reported an event of the conversation.
    case reported(ReportedEvent)
    /// The metadata of a reported event became different.
    case amended(EventAmendment)
    /// The engine told where its agent stands in each journey.
    case pathsReported(PathReport)
    /// A structural edit gave the states of a journey other indexes.
    case renumbered(JourneyNumbering)
    /// A turn came to its end.
    case turnCompleted(TurnCompleted)
    /// A turn failed; nothing moved.
    case turnFailed(TurnFailed)
    /// A turn was cancelled, usually because the customer wrote again; nothing moved.
    case turnCancelled(TurnCancelled)
    /// The conversation now stands in a state of a journey.
    case stateEntered(StateEntered)
    /// The conversation does not stand in this state any more.
    case stateLeft(StateLeft)
    /// Events were deleted: what they said is no longer so.
    case rewound(SessionRewind)
    /// The engine began, or ceased, to answer by itself.
    case modeChanged(SessionModeChange)
    /// The session came to its end.
    case closed(SessionClosing)
}

extension SessionFact {
    /// The stable names of the facts: the second half of the stored type.
    public enum Kind: String, Sendable, CaseIterable {
        /// ``SessionFact/described(_:)``
        case described
        /// ``SessionFact/bound(_:)``
        case bound
        /// A reported message.
        case messagePosted = "message_posted"
        /// A reported tool event.
        case toolCalled = "tool_called"
        /// A reported input.
        case inputCollected = "input_collected"
        /// A reported custom event.
        case customPosted = "custom_posted"
        /// A reported status.
        case statusReported = "status_reported"
        /// A reported event of a kind or shape that is not known.
        case eventReported = "event_reported"
        /// ``SessionFact/amended(_:)``
        case eventAmended = "event_amended"
        /// ``SessionFact/pathsReported(_:)``
        case pathsReported = "paths_reported"
        /// ``SessionFact/renumbered(_:)``
        case journeyRenumbered = "journey_renumbered"
        /// ``SessionFact/turnCompleted(_:)``
        case turnCompleted = "turn_completed"
        /// ``SessionFact/turnFailed(_:)``
        case turnFailed = "turn_failed"
        /// ``SessionFact/turnCancelled(_:)``
        case turnCancelled = "turn_cancelled"
        /// ``SessionFact/stateEntered(_:)``
        case stateEntered = "state_entered"
        /// ``SessionFact/stateLeft(_:)``
        case stateLeft = "state_left"
        /// ``SessionFact/rewound(_:)``
        case rewound
        /// ``SessionFact/modeChanged(_:)``
        case modeChanged = "mode_changed"
        /// ``SessionFact/closed(_:)``
        case closed
    }

    /// Which of the facts this is.
    public var kind: Kind {
        switch self {
        case .described: .described
        case .bound: .bound
        case .reported(let event): event.content.kind
        case .amended: .eventAmended
        case .pathsReported: .pathsReported
        case .renumbered: .journeyRenumbered
        case .turnCompleted: .turnCompleted
        case .turnFailed: .turnFailed
        case .turnCancelled: .turnCancelled
        case .stateEntered: .stateEntered
        case .stateLeft: .stateLeft
        case .rewound: .rewound
        case .modeChanged: .modeChanged
        case .closed: .closed
        }
    }
}
