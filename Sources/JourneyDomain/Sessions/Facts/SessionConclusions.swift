import EventModel

/// The ways in which a turn ends.
public enum TurnEnding: String, Sendable, CaseIterable {
    /// It came to its end.
    case completed
    /// It failed.
    case failed
    /// It was cancelled.
    case cancelled
}

/// How a turn that came to its end left the conversation.
public struct TurnCompleted: Equatable, Sendable {
    /// The turn: its trace id.
    public let turn: String
    /// The offset of the event that ended it.
    public let offset: Int
    /// The id of that event.
    public let event: String
    /// Where the turn left each journey that it said something about, by journey.
    public let positions: [StatePosition]
    /// How the turn was said to have ended before; this corrects it.
    public let corrected: TurnEnding?

    /// The end of a turn.
    public init(
        turn: String, offset: Int, event: String, positions: [StatePosition], corrected: TurnEnding? = nil
    ) {
        self.turn = turn
        self.offset = offset
        self.event = event
        self.positions = positions
        self.corrected = corrected
    }
}

/// A turn that failed.
public struct TurnFailed: Equatable, Sendable {
    /// The turn: its trace id.
    public let turn: String
    /// The offset of the event that reported the failure.
    public let offset: Int
    /// The id of that event.
    public let event: String
    /// The name of the error, `ValidationError` for example, never its text.
    public let error: String
    /// How the turn was said to have ended before; this corrects it.
    public let corrected: TurnEnding?

    /// The failure of a turn.
    public init(turn: String, offset: Int, event: String, error: String, corrected: TurnEnding? = nil) {
        self.turn = turn
        self.offset = offset
        self.event = event
        self.error = error
        self.corrected = corrected
    }
}

/// A turn that was cancelled.
public struct TurnCancelled: Equatable, Sendable {
    /// The turn: its trace id.
    public let turn: String
    /// The offset of the event that reported it.
    public let offset: Int
    /// The id of that event.
    public let event: String
    /// How the turn was said to have ended before; this corrects it.
    public let corrected: TurnEnding?

    /// The cancellation of a turn.
    public init(turn: String, offset: Int, event: String, corrected: TurnEnding? = nil) {
        self.turn = turn
        self.offset = offset
        self.event = event
        self.corrected = corrected
    }
}

/// Why a conversation stands, or ceased to stand, in a state.
public enum MoveCause: String, Sendable, CaseIterable {
    /// A turn led there.
    case turn
    /// The engine's own path says so: a root that no turn names, a path forced from outside.
    case path
    /// The turn that had led elsewhere was deleted.
    case rewind
}

/// A state was entered.
public struct StateEntered: Equatable, Sendable {
    /// The journey; `""` where the engine does not say to which of several journeys the state belongs.
    public let journey: String
    /// The state.
    public let state: ElementID
    /// The turn that led there.
    public let turn: String?
    /// How it is known.
    public let cause: MoveCause

    /// A state was entered.
    public init(journey: String, state: ElementID, turn: String?, cause: MoveCause) {
        self.journey = journey
        self.state = state
        self.turn = turn
        self.cause = cause
    }
}

/// A state was left.
public struct StateLeft: Equatable, Sendable {
    /// The journey, as it was named when the state was entered.
    public let journey: String
    /// The state.
    public let state: ElementID
    /// The state that the conversation stands in instead; `nil` outside the journey.
    public let next: ElementID?
    /// The turn that led away.
    public let turn: String?
    /// How it is known.
    public let cause: MoveCause

    /// A state was left.
    public init(journey: String, state: ElementID, next: ElementID?, turn: String?, cause: MoveCause) {
        self.journey = journey
        self.state = state
        self.next = next
        self.turn = turn
        self.cause = cause
    }
}

/// Events of the conversation were deleted.
public struct SessionRewind: Equatable, Sendable {
    /// The first deleted offset.
    public let from: Int
    /// The first offset behind the deleted ones.
    public let before: Int
    /// When it was noticed.
    public let at: Timestamp
    /// The turns that are gone, at most ``SessionLimits/listedTurns`` of them, in the order of their ends.
    public let turns: [String]
    /// How many turns are gone, by how they had ended.
    public let gone: [TurnEnding: Int]

    /// A rewind.
    public init(
        from: Int, before: Int, at: Timestamp, turns: [String] = [], gone: [TurnEnding: Int] = [:]
    ) {
        self.from = from
        self.before = before
        self.at = at
        self.turns = turns
        self.gone = gone.filter { $0.value != 0 }
    }
}
