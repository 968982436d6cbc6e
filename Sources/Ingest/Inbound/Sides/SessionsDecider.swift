import EventModel
import JourneyDomain

/// The rules of both homes of a session as one, because what happens in a conversation has consequences in the streams of the executions
/// that it walks for.
public enum SessionsDecider: Decider {
    /// What is known of a session, wherever it is.
    public typealias State = SessionState
    /// Why something is refused.
    public typealias Rejection = SessionRejection

    /// What may be asked, and where.
    public enum Command: Equatable, Sendable {
        /// Of `parlant_session-<session>`.
        case conversation(SessionCommand)
        /// Of `journey_session-<execution>`.
        case execution(SessionCommand)
    }

    /// What happens, and where.
    public enum Event: DomainEvent {
        /// In `parlant_session-<session>`.
        case conversation(ParlantSessionEvent)
        /// In `journey_session-<execution>`.
        case execution(JourneySessionEvent)
    }

    /// Nothing is known.
    public static var initialState: SessionState { SessionState() }

    /// The state after one more event.
    public static func evolve(_ state: SessionState, _ event: Event) -> SessionState {
        switch event {
        case .conversation(let event): ParlantSessionDecider.evolve(state, event)
        case .execution(let event): JourneySessionDecider.evolve(state, event)
        }
    }

    /// In place.
    public static func evolve(_ state: inout SessionState, by event: Event) { state.apply(event.fact) }

    /// In place.
    public static func decide(_ command: Command, on state: inout State) throws(Rejection) -> [Event] {
        switch command {
        case .conversation(let command): try ParlantSessionDecider.decide(command, on: &state).map(Event.conversation)
        case .execution(let command): try JourneySessionDecider.decide(command, on: &state).map(Event.execution)
        }
    }

    /// The events of a command; none when it has taken effect already.
    public static func decide(_ command: Command, _ state: State) throws(Rejection) -> [Event] {
        switch command {
        case .conversation(let command): try ParlantSessionDecider.decide(command, state).map(Event.conversation)
        case .execution(let command): try JourneySessionDecider.decide(command, state).map(Event.execution)
        }
    }
}

extension SessionsDecider.Event {
    /// The category of conversations; those of executions are in `journey_session`.
    public static var category: String { ParlantSessions.category }

    /// The places of both categories.
    public static var personalMarks: [PersonalMark] {
        ParlantSessionEvent.personalMarks + JourneySessionEvent.personalMarks
    }

    /// What happened.
    public var fact: SessionFact {
        switch self {
        case .conversation(let event): event.fact
        case .execution(let event): event.fact
        }
    }

    /// Those of both categories.
    public static let upcasters = JourneySessionEvent.upcasters.merging(ParlantSessionEvent.upcasters)

    /// `<category>.<kind of fact>`
    public var type: EventType {
        switch self {
        case .conversation(let event): event.type
        case .execution(let event): event.type
        }
    }

    /// The version of the schema that is written.
    public var schemaVersion: Int32 { SessionFact.schemaVersion }

    /// The event's data.
    public var payload: JSONValue {
        switch self {
        case .conversation(let event): event.payload
        case .execution(let event): event.payload
        }
    }

    /// Reads an event of either category back.
    public init(payload: PayloadReader, type: EventType, schemaVersion: Int32) throws(EventFlaw) {
        if type.rawValue.hasPrefix(JourneySessions.category + ".") {
            self = .execution(try JourneySessionEvent(payload: payload, type: type, schemaVersion: schemaVersion))
        } else {
            self = .conversation(try ParlantSessionEvent(payload: payload, type: type, schemaVersion: schemaVersion))
        }
    }
}
