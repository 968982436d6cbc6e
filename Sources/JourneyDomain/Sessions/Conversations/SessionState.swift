import EventModel

/// What is known of a session: what was reported, and what has been concluded from it.
///
/// The reports are a set: events by id, deleted offsets, the latest answers about paths and mode. Conclusions are a function of that set, so
/// reports that come in another order, or again, lead to the same state. Nothing personal is remembered but the description.
public struct SessionState: Equatable, Sendable {
    /// Who and what the session is, as described last.
    public internal(set) var description: SessionDescription?
    /// Whether the engine answers by itself, as told last.
    public internal(set) var mode: SessionMode?
    /// The executions that the session walks for.
    public internal(set) var bindings: [SessionBinding] = []
    /// How the session ended, if it has.
    public internal(set) var closing: SessionClosing?
    /// Where the conversation stands, by journey; `""` for a state that no single journey owns.
    public internal(set) var positions: [ElementID: ElementID] = [:]
    /// The turns that have ended, by trace.
    public internal(set) var turns: [ElementID: TurnOutcome] = [:]

    var modeAt: Timestamp?
    var journal = SessionJournal()
    var paths = ToldPaths()
    var numberings: [ElementID: [JourneyNumbering]] = [:]
    /// Traces that ended with nothing matched and may still turn out to have failed.
    var undecided: Set<ElementID> = []

    /// Nothing is known.
    public init() {}
}

/// How a turn ended.
public enum TurnOutcome: Equatable, Sendable {
    /// It came to its end.
    case completed(TurnCompleted)
    /// It failed.
    case failed(TurnFailed)
    /// It was cancelled.
    case cancelled(TurnCancelled)

    /// The fact that says so.
    var fact: SessionFact {
        switch self {
        case .completed(let turn): .turnCompleted(turn)
        case .failed(let turn): .turnFailed(turn)
        case .cancelled(let turn): .turnCancelled(turn)
        }
    }

    /// Which way it is.
    public var ending: TurnEnding {
        switch self {
        case .completed: .completed
        case .failed: .failed
        case .cancelled: .cancelled
        }
    }

    /// This outcome as the correction of what was said before.
    func correcting(_ ending: TurnEnding?) -> TurnOutcome {
        switch self {
        case .completed(let turn):
            .completed(
                TurnCompleted(
                    turn: turn.turn, offset: turn.offset, event: turn.event, positions: turn.positions,
                    corrected: ending))
        case .failed(let turn):
            .failed(
                TurnFailed(
                    turn: turn.turn, offset: turn.offset, event: turn.event, error: turn.error, corrected: ending))
        case .cancelled(let turn):
            .cancelled(TurnCancelled(turn: turn.turn, offset: turn.offset, event: turn.event, corrected: ending))
        }
    }

    /// The event that ended the turn.
    var event: ElementID {
        switch self {
        case .completed(let turn): ElementID(turn.event)
        case .failed(let turn): ElementID(turn.event)
        case .cancelled(let turn): ElementID(turn.event)
        }
    }
}

extension SessionState {
    /// What a session is doing.
    public enum Activity: String, Sendable, CaseIterable {
        /// Nothing has happened, or the customer has no answer yet.
        case open
        /// The last turn has ended, or a person has answered: the customer is to speak.
        case waiting
        /// It is over.
        case closed
    }

    /// What the session is doing now.
    public var activity: Activity {
        if closing != nil { return .closed }
        guard let last = journal.lastExchange else { return .open }
        return turns[last.trace] != nil || last.isAnswer ? .waiting : .open
    }

    /// Messages reported so far, deleted ones included.
    public var messages: Int { journal.messages }

    /// The highest offset reported so far; `nil` before the first event.
    public var lastOffset: Int? { journal.highest?.offset }

    /// How many events were reported so far.
    public var eventCount: Int { journal.entries.count }

    /// Deleted offsets, as disjoint ranges in order.
    public var deletedOffsets: [Range<Int>] { journal.deleted.ranges }

    /// Whether a reported event still stands: neither it nor an earlier one of its turn was deleted. `false` for one that was never reported here.
    public func stands(_ event: String) -> Bool { journal.stands(ElementID(event)) }

    /// Turns that came to their end and still stand.
    public var turnsCompleted: Int { turns.values.count { if case .completed = $0 { true } else { false } } }

    /// Turns that failed and still stand.
    public var turnsFailed: Int { turns.values.count { if case .failed = $0 { true } else { false } } }

    /// Turns that were cancelled and still stand.
    public var turnsCancelled: Int { turns.values.count { if case .cancelled = $0 { true } else { false } } }

    /// The highest offset of a message of the customer that still stands; `nil` when there is none.
    public var askedOffset: Int? {
        journal.entries.values.lazy.filter { $0.isQuestion && journal.stands($0.id) }.map(\.offset).max()
    }

    /// The highest offset at which a turn that still stands came to its end or failed, or a person answered; `nil` when there is none. A
    /// cancelled turn is no answer.
    public var answeredOffset: Int? {
        let people = journal.entries.values.lazy.filter { $0.isAnswer && journal.stands($0.id) }.map(\.offset).max()
        let ends = turns.values.lazy.filter { $0.ending != .cancelled }.map(\.offset).max()
        return [people, ends].compactMap { $0 }.max()
    }

    /// Where the conversation stands in `journey`; `nil` outside it.
    public func state(in journey: String) -> ElementID? { positions[ElementID(journey)] }

    /// The binding that claims `journey`.
    public func binding(of journey: String) -> SessionBinding? { bindings.first { $0.covers(journey) } }

    /// Whose data a personal part of the conversation is: the customer's, or `fallback` where the customer is a guest or not known.
    public func subject(writer: String? = nil, else fallback: String) -> String {
        SessionSubject.of(customer: description?.customer ?? journal.customer?.id ?? writer) ?? fallback
    }
}
