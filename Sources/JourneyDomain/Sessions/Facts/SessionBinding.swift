import EventModel

/// The tie between a session and an execution.
public struct SessionBinding: Equatable, Sendable {
    /// The execution.
    public let execution: String
    /// The engine.
    public let engine: String
    /// The session, as the engine names it.
    public let session: String
    /// The journeys that the session walks for this execution; empty means all of them.
    public let journeys: [String]
    /// The mapping that the execution pinned, if known.
    public let mapping: MappingReference?
    /// What had happened before; in the execution's own stream only.
    public let history: SessionHistory?
    /// Whose data the conversation holds.
    public let subject: String

    /// A binding; the journeys are put in order.
    public init(
        execution: String, engine: String = "parlant", session: String, journeys: [String] = [],
        mapping: MappingReference? = nil, history: SessionHistory? = nil, subject: String? = nil
    ) {
        self.execution = execution
        self.engine = engine
        self.session = session
        self.journeys = JourneyDefinition.ordered(journeys)
        self.mapping = mapping
        self.history = history
        self.subject = subject ?? SessionSubject.of(customer: nil, session: session)
    }

    /// Whether what happens in `journey` concerns the execution; a journey that nobody names concerns every execution.
    public func covers(_ journey: String) -> Bool { journeys.isEmpty || journey.isEmpty || journeys.contains(journey) }

    func with(history: SessionHistory?, subject: String) -> SessionBinding {
        SessionBinding(
            execution: execution, engine: engine, session: session, journeys: journeys, mapping: mapping,
            history: history, subject: subject)
    }
}

/// One version of a mapping between a workflow and a journey.
public struct MappingReference: Equatable, Hashable, Sendable {
    /// The mapping: the key of its stream.
    public let id: String
    /// Its version, counted from 1.
    public let version: Int

    /// A reference.
    public init(id: String, version: Int) {
        self.id = id
        self.version = version
    }
}

/// What had happened in a conversation when it was bound. The messages stay where they are, in `parlant_session-<session>`.
public struct SessionHistory: Equatable, Sendable {
    /// Where the conversation stood in the journeys of the execution.
    public let positions: [StatePosition]
    /// The mode, if known.
    public let mode: SessionMode?
    /// Messages so far, deleted ones included.
    public let messages: Int
    /// Turns that came to their end and still stand.
    public let turnsCompleted: Int
    /// Turns that failed and still stand.
    public let turnsFailed: Int
    /// Turns that were cancelled and still stand; `nil` in bindings of before this was told.
    public let turnsCancelled: Int?
    /// The highest offset seen; `nil` before the first event.
    public let lastOffset: Int?
    /// The highest offset of a message of the customer that still stands; `nil` when there is none, or nobody told.
    public let askedOffset: Int?
    /// The highest offset at which a turn that still stands ended, or a person answered; `nil` likewise.
    public let answeredOffset: Int?

    /// A history.
    public init(
        positions: [StatePosition], mode: SessionMode?, messages: Int, turnsCompleted: Int, turnsFailed: Int,
        turnsCancelled: Int? = nil, lastOffset: Int?, askedOffset: Int? = nil, answeredOffset: Int? = nil
    ) {
        self.positions = positions
        self.mode = mode
        self.messages = messages
        self.turnsCompleted = turnsCompleted
        self.turnsFailed = turnsFailed
        self.turnsCancelled = turnsCancelled
        self.lastOffset = lastOffset
        self.askedOffset = askedOffset
        self.answeredOffset = answeredOffset
    }
}
