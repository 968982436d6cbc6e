import EventModel

/// The rule of a session: what is reported becomes events only as far as it is new, and an execution is claimed once.
///
/// One rule serves both homes of a session. In `parlant_session-<id>` reports are read and executions are bound; what matters to a bound
/// execution is copied into its `journey_session-<execution>` (``SessionCopies``), where it is accepted. An engine that names the
/// execution itself reports into `journey_session-<execution>` at once.
public enum SessionDecider<Home: SessionHome>: Decider {
    /// What is known of a session.
    public typealias State = SessionState
    /// What may be asked.
    public typealias Command = SessionCommand
    /// What happens.
    public typealias Event = SessionEvent<Home>
    /// Why something is refused.
    public typealias Rejection = SessionRejection

    /// Nothing is known.
    public static var initialState: SessionState { SessionState() }

    /// The state after one more event.
    public static func evolve(_ state: SessionState, _ event: Event) -> SessionState {
        var state = state
        state.apply(event.fact)
        return state
    }

    /// In place.
    public static func evolve(_ state: inout SessionState, by event: Event) { state.apply(event.fact) }

    /// The events of a command; none when it has taken effect already.
    public static func decide(_ command: Command, _ state: State) throws(Rejection) -> [Event] {
        var state = state
        return try decide(command, on: &state)
    }

    /// In place: what is concluded from a report is what is remembered of it.
    public static func decide(_ command: Command, on state: inout State) throws(Rejection) -> [Event] {
        switch command {
        case .report(let inputs): return try report(inputs, on: &state).map(Event.init)
        case .bind(let binding): return try bind(binding, on: &state).map(Event.init)
        case .accept(let facts): return try accept(facts, on: &state).map(Event.init)
        case .close(let closing):
            guard state.closing == nil else { return [] }
            state.apply(.closed(closing))
            return [Event(.closed(closing))]
        }
    }

    private static func report(_ inputs: [SessionInput], on state: inout State) throws(Rejection) -> [SessionFact] {
        // Of several inputs a later one may be refused, and then all of them are.
        let before = inputs.count > 1 ? state : nil
        var reader = SessionReader(taking: &state)
        var facts: [SessionFact] = []
        for input in inputs {
            do throws(Rejection) { try check(input, reader.state) } catch {
                state = before ?? reader.state
                throw error
            }
            facts += reader.receive(input)
        }
        state = reader.state
        return facts
    }

    private static func check(_ input: SessionInput, _ state: State) throws(Rejection) {
        switch input {
        case .event(let event, _, _):
            guard let known = state.journal.entries[ElementID(event.envelope.id)] else { return }
            guard SessionEntry(event).contradicts(known) else { return }
            throw .contradiction(event: event.envelope.id, known: known.offset, reported: event.envelope.offset)
        case .description(let description):
            guard let known = state.description, known.session != description.session else { return }
            throw .anotherSession(known: known.session, reported: description.session)
        case .listing, .mode, .agentStates, .rewound, .renumbered, .quiet, .ended: return
        }
    }

    /// Binding again is no news; another binding must not claim what is claimed.
    private static func bind(_ binding: SessionBinding, on state: inout State) throws(Rejection) -> [SessionFact] {
        if let closing = state.closing { throw .closed(closing.reason) }
        if let known = state.bindings.first(where: { $0.execution == binding.execution }) {
            guard known.journeys == binding.journeys, known.session == binding.session else {
                throw .boundDifferently(execution: binding.execution, journeys: known.journeys)
            }
            return []
        }
        for known in state.bindings {
            let shared =
                known.journeys.isEmpty || binding.journeys.isEmpty
                ? binding.journeys.first ?? known.journeys.first
                : binding.journeys.first(where: known.covers)
            let collides = known.journeys.isEmpty || binding.journeys.isEmpty || shared != nil
            if collides { throw .alreadyBound(journey: shared, execution: known.execution) }
        }
        let bound = SessionFact.bound(binding.with(history: nil, subject: state.subject(else: binding.subject)))
        state.apply(bound)
        return [bound]
    }

    /// Takes facts over that are new here. A stream of an execution belongs to one session.
    private static func accept(_ facts: [SessionFact], on state: inout State) throws(Rejection) -> [SessionFact] {
        var owner = state.bindings.first
        for case .bound(let binding) in facts {
            if let owner, owner.session != binding.session || owner.engine != binding.engine {
                throw .anotherSession(known: owner.session, reported: binding.session)
            }
            owner = owner ?? binding
        }
        var news: [SessionFact] = []
        for fact in facts {
            if case .bound = fact, !state.bindings.isEmpty { continue }
            guard state.isNews(fact) else { continue }
            state.apply(fact)
            news.append(fact)
        }
        return news
    }
}

/// The rule of `parlant_session-<session id>`.
public typealias ParlantSessionDecider = SessionDecider<ParlantSessions>
/// The rule of `journey_session-<execution id>`.
public typealias JourneySessionDecider = SessionDecider<JourneySessions>

/// What may be asked of a session.
public enum SessionCommand: Equatable, Sendable {
    /// Take up what the engine reported, new or repeated, in whatever order.
    case report([SessionInput])
    /// Let the session walk for an execution.
    case bind(SessionBinding)
    /// Take over what was concluded in the conversation; ``SessionCopies`` makes these.
    case accept([SessionFact])
    /// End the session.
    case close(SessionClosing)
}

/// Why a session refuses something.
public enum SessionRejection: Error, Equatable, Sendable {
    /// A reported event has the id of another one that lies elsewhere, or is of another kind, source or trace.
    case contradiction(event: String, known: Int, reported: Int)
    /// What is reported belongs to another session.
    case anotherSession(known: String, reported: String)
    /// The execution is bound already, for other journeys.
    case boundDifferently(execution: String, journeys: [String])
    /// The journey, or the whole session where there is none, is claimed by another execution.
    case alreadyBound(journey: String?, execution: String)
    /// The session is over.
    case closed(SessionClosing.Reason)
}

extension SessionRejection: CustomStringConvertible {
    /// One sentence for people.
    public var description: String {
        switch self {
        case .contradiction(let event, let known, let reported):
            "event \(event) at offset \(reported) has the id of a different event at offset \(known)"
        case .anotherSession(let known, let reported):
            "session \(reported) reports where session \(known) belongs; nothing was changed"
        case .boundDifferently(let execution, let journeys):
            "the session is bound to execution \(execution) for "
                + (journeys.isEmpty ? "all its journeys" : "the journeys \(journeys.joined(separator: ", "))")
        case .alreadyBound(let journey?, let execution):
            "journey \(journey) of the session is bound to execution \(execution)"
        case .alreadyBound(nil, let execution): "the session is bound to execution \(execution)"
        case .closed(let reason): "the session is over (\(reason.rawValue)); start another one"
        }
    }
}
