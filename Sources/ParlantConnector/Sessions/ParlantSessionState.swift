import EventModel

/// A moment of a session: what a decision about its place was based on.
public struct SessionPlace: Sendable, Hashable {
    /// The offset that the session's next event will have. Offsets are never reused; a rewind leaves a gap.
    public let nextOffset: Int
    /// The trace of the turn that wrote the last agent state, or the mark of whoever forced one; `nil` before the first.
    public let trace: String?

    /// A place.
    public init(nextOffset: Int, trace: String?) {
        self.nextOffset = nextOffset
        self.trace = trace
    }

    init?(_ value: JSONValue) {
        guard let offset = value["next_offset"]?.int else { return nil }
        self.init(nextOffset: offset, trace: value["last_trace_id"]?.string)
    }
}

extension SessionPlace: CustomStringConvertible {
    /// Both parts.
    public var description: String { "next offset \(nextOffset), trace \(trace ?? "none")" }
}

/// Where a session stands in its journeys.
public struct ParlantSessionState: Sendable, Equatable {
    /// Who answers the customer.
    public enum Mode: String, Sendable {
        /// The agent.
        case auto
        /// A person; the engine rests.
        case manual
    }

    /// The way a session has taken through a journey.
    public struct Path: Sendable, Equatable {
        /// One step of it.
        public struct Step: Sendable, Equatable {
            /// The number by which the engine remembers the state; `nil` is "has left the journey".
            public let index: String?
            /// The state that has this number now; `nil` when it has left, or when the journey as it is now has no such number.
            public let state: ElementID?
        }

        /// The steps, first to last.
        public let steps: [Step]
        /// The state in which the session is; `nil` when it is in none.
        public var current: ElementID? { steps.last?.state }
        /// Whether the session has left the journey.
        public var hasLeft: Bool { steps.last.map { $0.index == nil } ?? false }
    }

    /// What one turn wrote, or somebody forced.
    public struct AgentState: Sendable, Equatable {
        /// The turn's trace.
        public let trace: String
        /// Whether it was forced from outside.
        public let isForced: Bool
        /// The paths by journey.
        public let paths: [String: Path]
    }

    /// The session.
    public let session: String
    /// Its agent.
    public let agent: String
    /// Its customer.
    public let customer: String
    /// Who answers.
    public let mode: Mode
    /// Its labels.
    public let labels: [String]
    /// The execution it belongs to.
    public let execution: String?
    /// Whether a turn is under way: then the states are those before it.
    public let isBusy: Bool
    /// What to name as expectation when its place is to be set.
    public let place: SessionPlace
    /// How many states there are.
    public let stateCount: Int
    /// The latest states, oldest first; at most ``ParlantLimits/statesShown``.
    public let states: [AgentState]
    /// The answer as it came, for those who keep it.
    public let original: JSONValue
    /// The paths now.
    public var paths: [String: Path] { states.last?.paths ?? [:] }
}

extension ParlantSessionState {
    init(_ value: JSONValue) throws(ParlantError) {
        guard let session = value["session_id"]?.string, let agent = value["agent_id"]?.string,
            let customer = value["customer_id"]?.string, let mode = value["mode"]?.string.flatMap(Mode.init(rawValue:)),
            let place = SessionPlace(value), let states = value["agent_states"]?.array
        else { throw .malformed(what: "a session's state without its parts") }
        self.session = session
        self.agent = agent
        self.customer = customer
        self.mode = mode
        self.place = place
        labels = (value["labels"]?.array ?? []).compactMap(\.string)
        execution = value["execution"]?.string
        isBusy = value["busy"]?.bool ?? false
        stateCount = value["agent_states_total"]?.int ?? states.count
        self.states = try states.map { (state) throws(ParlantError) in try AgentState(state) }
        original = value
    }
}

extension ParlantSessionState.AgentState {
    fileprivate init(_ value: JSONValue) throws(ParlantError) {
        guard let trace = value["trace_id"]?.string, let paths = value["journey_paths"]?.object else {
            throw .malformed(what: "an agent state without paths")
        }
        self.trace = trace
        isForced = value["forced"]?.bool ?? false
        self.paths = Dictionary(
            paths.members.map { ($0.key, ParlantSessionState.Path($0.value)) }, uniquingKeysWith: { first, _ in first })
    }
}

extension ParlantSessionState.Path {
    fileprivate init(_ value: JSONValue) {
        let states = value["node_ids"]?.array ?? []
        steps = (value["indexes"]?.array ?? []).enumerated().map { at, index in
            Step(index: index.string, state: at < states.count ? states[at].string.map { ElementID($0) } : nil)
        }
    }
}
