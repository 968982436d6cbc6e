import EventModel
import FoundationEssentials
import JourneyDomain

/// What a conversation says of one execution: the facts of `journey_session-<execution>`, folded.
///
/// What it says in the words of the workflow depends on which block is which state: ``claims(by:)``.
///
/// **What a conversation knows.** Where it stands, and where it stood when its turns ended; states that one turn jumped over are not told. Where it stood when
/// it was bound, but nothing that was said before. A state whose entering was rewound was never entered; in one that a rewind leads back to the
/// conversation stands again. Whoever may post into it may say values, inputs and echoes; a rewind takes values and inputs back, but an echo has sounded.
///
/// The values follow from what was reported, in whatever order and however often, within ``SideLimits``; where a value was said last depends on the order
/// of the log.
public struct JourneySide: Equatable, Sendable {
    /// A session that says it walks for the execution.
    public struct Session: Equatable, Sendable {
        /// Its engine.
        public let engine: String
        /// The session, as the engine names it.
        public let id: String
        /// Where that was heard first.
        public let origin: Origin
    }

    /// What is known of the session.
    public private(set) var state = SessionState()
    /// The sessions that say they walk for the execution, the first one first: that one's stream it is.
    public private(set) var sessions: [Session] = []
    /// The highest offset that is known; `nil` before the first event. Progress is not copied to the stream of an execution, so the engine may be further.
    public private(set) var lastOffset: Int?
    /// Where the conversation was first heard of.
    public private(set) var heard: Origin?
    /// Where its end was told.
    public private(set) var closed: Origin?
    private(set) var stays = Stays()
    private(set) var sayings = Sayings()
    private var sounded = Echoes()

    /// Nothing was said.
    public init() {}

    /// The tie to the execution, where the engine needs one; an engine that names executions itself is not bound.
    public var binding: SessionBinding? { state.bindings.first }
    /// The mapping that the binding names.
    public var mapping: MappingReference? { binding?.mapping }
    /// Whether a session was heard of.
    public var hasSession: Bool { heard != nil }
    /// How the session ended, if it has.
    public var closing: SessionClosing? { state.closing }
    /// Whether the session has ended.
    public var isOver: Bool { closing != nil }
    /// Whether the engine answers by itself, if anybody said.
    public var mode: SessionMode? { state.mode ?? binding?.history?.mode }
    /// Where the conversation stands, by journey; `""` for a state that no single journey owns.
    public var positions: [ElementID: ElementID] { stays.positions }
    /// The session that talks for the execution, as its engine names it: the first that said so.
    public var session: String? { sessions.first?.id }
    /// Whose personal data its values are: the customer's where one is known. `nil` while no session was heard of.
    public var subject: String? {
        guard let session else { return nil }
        return state.subject(else: binding?.subject ?? "session:\(session)")
    }
    /// The ids of the effects whose echo was heard, in lower case: those that a custom event carries as `{"lockstep":{"effect":"<uuid>"}}`, and those
    /// that a forced path names as its turn. The latest ``SideLimits/echoes`` of them.
    public var echoes: Set<String> { sounded.heard }
    /// The turn that ended last among those that stand. Looks at all turns.
    public var lastTurn: String? {
        state.turns.max { ($0.value.offset, $0.key) < ($1.value.offset, $1.key) }?.key.text
    }
}

extension JourneySide {
    /// Takes one more fact up. One that says nothing new changes nothing.
    public mutating func receive(_ fact: SessionFact, at origin: Origin) {
        heard = heard ?? origin
        let isFirstBinding = state.bindings.isEmpty
        let (known, isOpen) = (state.eventCount, state.closing == nil)
        let turns: [ElementID: TurnOutcome] = if case .rewound = fact { state.turns } else { [:] }
        state.apply(fact)
        switch fact {
        case .described(let description): hear(description.engine, description.session, origin)
        case .bound(let binding):
            hear(binding.engine, binding.session, origin)
            if isFirstBinding { begin(binding.history, origin) }
        case .reported(let event): if state.eventCount > known { take(event, origin) }
        case .turnCompleted(let turn):
            raise(to: turn.offset)
            stays.end(ElementID(turn.turn), at: Self.places(turn.positions), origin)
        case .turnFailed(let turn):
            raise(to: turn.offset)
            stays.forget(ElementID(turn.turn), origin)
        case .turnCancelled(let turn):
            raise(to: turn.offset)
            stays.forget(ElementID(turn.turn), origin)
        case .stateEntered(let move):
            if move.cause == .path { hearForced(move.turn) }
            stays.enter(move, origin)
        case .stateLeft(let move):
            if move.cause == .path { hearForced(move.turn) }
            stays.leave(move, isTurn: { state.turns[$0] != nil }, origin)
        case .rewound(let rewind): take(rewind, turns, origin)
        case .closed: if isOpen { closed = origin }
        case .amended, .pathsReported, .renumbered, .modeChanged: break
        }
    }

    private mutating func hear(_ engine: String, _ session: String, _ origin: Origin) {
        let isKnown = sessions.contains { $0.engine == engine && $0.id == session }
        guard !isKnown, sessions.count < SideLimits.sessions else { return }
        sessions.append(Session(engine: engine, id: session, origin: origin))
    }

    private mutating func begin(_ history: SessionHistory?, _ origin: Origin) {
        guard let history else { return }
        if let offset = history.lastOffset { raise(to: offset) }
        for place in Self.places(history.positions) { stays.begin(at: place, origin) }
    }

    private mutating func raise(to offset: Int) { lastOffset = max(lastOffset ?? offset, offset) }

    private static func places(_ positions: [StatePosition]) -> [Place] {
        positions.compactMap { position in position.state.map { Place(position.journey, $0) } }
    }

    /// A path that somebody forced is named by whoever forced it.
    private mutating func hearForced(_ turn: String?) {
        if let effect = turn.flatMap(UUID.init(uuidString:)) { sounded.insert(effect.uuidString.lowercased()) }
    }
}

// MARK: What was said

extension JourneySide {
    private mutating func take(_ event: ReportedEvent, _ origin: Origin) {
        raise(to: event.envelope.offset)
        let id = ElementID(event.envelope.id)
        // One that comes after its deletion says nothing, and may show that others of its turn say nothing either.
        let stands = state.stands(event.envelope.id)
        if !stands { takeBack(turns: [], origin) }
        if case .custom(let data) = event.content {
            let effect = data["lockstep"]?["effect"]?.string.flatMap(UUID.init(uuidString:))
            if let effect { sounded.insert(effect.uuidString.lowercased()) }
        }
        guard stands else { return }
        stays.move(id, to: Self.places(event.moves), origin)
        switch event.content {
        case .custom(let data): sayings.tell(data, by: id, at: event.envelope.offset, origin)
        case .input(let input): sayings.tell(input, at: Tellings.Place(event.envelope.offset, id), origin)
        case .message, .toolCalls, .status, .other: break
        }
    }

    private mutating func take(_ rewind: SessionRewind, _ before: [ElementID: TurnOutcome], _ origin: Origin) {
        let gone = before.keys.filter { state.turns[$0] == nil }
        let reaches = binding?.history?.lastOffset.map { rewind.from <= $0 } ?? false
        takeBack(turns: Set(gone).union(rewind.turns.map { ElementID($0) }), reachesHistory: reaches, origin)
    }

    private mutating func takeBack(turns: Set<ElementID>, reachesHistory: Bool = false, _ origin: Origin) {
        let state = state
        let stands = { (event: ElementID) in state.stands(event.text) }
        stays.rewind(turns, reachesHistory: reachesHistory, stands: stands, origin)
        sayings.keep(where: stands, origin)
    }
}
