import EventModel

/// What a session remembers of a reported event: where it belongs and what it does, nothing that is personal.
struct SessionEntry: Equatable, Sendable {
    /// What an event does to the conversation.
    enum Role: Equatable, Sendable {
        /// Nothing: it is said and read.
        case note
        /// The engine is at work on the turn.
        case work
        /// The turn came to its end.
        case end(TurnMatches)
        /// The turn came to its end, and the engine says outright where the conversation stands.
        case arrival([StatePosition])
        /// The conversation moved without a turn.
        case move([StatePosition])
        /// The turn failed.
        case failure(String)
        /// The turn was cancelled.
        case cancellation
    }

    let id: ElementID
    let offset: Int
    let trace: ElementID?
    let moment: Timestamp?
    let kind: String
    let source: String
    let role: Role

    init(_ event: ReportedEvent) {
        id = ElementID(event.envelope.id)
        offset = event.envelope.offset
        trace = event.envelope.trace.map { ElementID($0) }
        moment = event.envelope.moment
        kind = event.envelope.kind
        source = event.envelope.source
        role = Role(event)
    }

    /// Whether this is Parlant's way of telling: nothing that clients cannot forge, so it counts inside a turn only.
    var isParlantStatus: Bool { kind == ParlantWords.status }

    /// Whether somebody wrote something.
    var isMessage: Bool { kind == ParlantWords.message }

    /// Whether the customer wrote.
    var isQuestion: Bool { isMessage && source == ParlantWords.customer }

    /// Whether a person answered the customer.
    var isAnswer: Bool { isMessage && source != ParlantWords.customer && source != ParlantWords.agent }

    /// Whether it is another event than `other` in spite of the same id.
    func contradicts(_ other: SessionEntry) -> Bool {
        offset != other.offset || trace != other.trace || kind != other.kind || source != other.source
    }
}

extension SessionEntry.Role {
    /// A Parlant status counts when it is the engine's: only `ai_agent` speaks for it, and only it names what a turn matched at its end.
    init(_ event: ReportedEvent) {
        guard case .status(let status) = event.content else {
            self = .note
            return
        }
        guard event.envelope.kind == ParlantWords.status else {
            self = Self.outright(status)
            return
        }
        guard event.envelope.source == ParlantWords.agent else {
            self = .note
            return
        }
        switch status.status {
        case ParlantWords.error: self = .failure(status.error ?? ParlantWords.error)
        case ParlantWords.cancelled: self = .cancellation
        case ParlantWords.ready where status.stage == ParlantWords.completed:
            self = status.matches.map(SessionEntry.Role.end) ?? .work
        default: self = .work
        }
    }

    private static func outright(_ status: StatusContent) -> Self {
        switch status.status {
        case ParlantWords.error: .failure(status.error ?? ParlantWords.error)
        case ParlantWords.cancelled: .cancellation
        case ParlantWords.ready: .arrival(status.positions)
        case ParlantWords.moved: .move(status.positions)
        default: .work
        }
    }
}

extension ReportedEvent {
    /// Where it says outright that the conversation moved without a turn; empty for everything else.
    public var moves: [StatePosition] {
        guard case .move(let positions) = SessionEntry.Role(self) else { return [] }
        return positions
    }
}

/// The words of Parlant's events that mean something to us.
enum ParlantWords {
    static let message = "message"
    static let tool = "tool"
    static let status = "status"
    static let custom = "custom"
    static let customer = "customer"
    static let agent = "ai_agent"
    static let ready = "ready"
    static let completed = "completed"
    static let error = "error"
    static let cancelled = "cancelled"
    /// Ours: an engine that moves without a turn.
    static let moved = "moved"
}
