import EventModel

/// What the engine told about where its agent stands, as a change to what it had told before.
public struct PathReport: Equatable, Sendable {
    /// When the engine was asked.
    public let observedAt: Timestamp
    /// How many of the agent states told before still stand, from the first.
    public let kept: Int
    /// The agent states behind them.
    public let added: [AgentPaths]

    /// A report.
    public init(observedAt: Timestamp, kept: Int, added: [AgentPaths]) {
        self.observedAt = observedAt
        self.kept = kept
        self.added = added
    }
}

/// One agent state: the engine writes one when a turn ends, and one can be forced from outside.
public struct AgentPaths: Equatable, Sendable {
    /// The turn that it was written by; of a forced one, whatever the one who forced it says.
    public let turn: String
    /// The path of each journey that the agent state knows, by journey.
    public let paths: [JourneyPath]

    /// An agent state; the paths are put in order.
    public init(turn: String, paths: [JourneyPath]) {
        self.turn = turn
        self.paths = paths.sorted { JSONKeyOrder.precedes($0.journey, $1.journey) }
    }
}

/// The way through one journey, from its first turn on, in breadth-first indexes.
///
/// An index means the state that had it when the path was written: a structural edit gives states other indexes and leaves the stored
/// paths as they are.
public struct JourneyPath: Equatable, Sendable {
    /// The journey.
    public let journey: String
    /// The indexes; `nil` for "left the journey". `[nil]` is a journey that is not active.
    public let indexes: [String?]
    /// What the indexes meant when they were told, where known; as many as there are indexes.
    public let states: [ElementID?]

    /// A path; missing states are filled with `nil`.
    public init(journey: String, indexes: [String?], states: [ElementID?] = []) {
        self.journey = journey
        self.indexes = indexes
        self.states = indexes.indices.map { states.indices.contains($0) ? states[$0] : nil }
    }

    /// The index of the root of every journey.
    static let rootIndex = "1"
}

/// Which state has which index, from a moment on.
public struct JourneyNumbering: Equatable, Sendable {
    /// The journey.
    public let journey: String
    /// Since when.
    public let since: Timestamp
    /// The states by index.
    public let states: [String: ElementID]

    /// A numbering.
    public init(journey: String, since: Timestamp, states: [String: ElementID]) {
        self.journey = journey
        self.since = since
        self.states = states
    }
}

/// The metadata of an event became different from what was reported.
public struct EventAmendment: Equatable, Sendable {
    /// The id of the event.
    public let event: String
    /// The metadata; personal.
    public let metadata: JSONValue
    /// Whose data it is.
    public let subject: String

    /// An amendment.
    public init(event: String, metadata: JSONValue, subject: String) {
        self.event = event
        self.metadata = metadata
        self.subject = subject
    }
}
