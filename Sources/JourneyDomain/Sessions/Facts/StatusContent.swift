import EventModel

/// A status of the engine, with what it says about the journeys.
public struct StatusContent: Equatable, Sendable {
    /// `acknowledged`, `processing`, `typing`, `ready`, `cancelled`, `error`, or whatever the engine says.
    public let status: String
    /// The stage it names.
    public let stage: String?
    /// What the turn matched; Parlant says it at the end of a turn and nowhere else.
    public let matches: TurnMatches?
    /// Where the conversation stands now, from an engine that says it outright.
    public let positions: [StatePosition]
    /// The name of the error, of a failure. Its text is the engine's internals and is not kept.
    public let error: String?
    /// The other members of the event's data; personal.
    public let detail: JSONValue?

    /// A status.
    public init(
        status: String, stage: String? = nil, matches: TurnMatches? = nil, positions: [StatePosition] = [],
        error: String? = nil, detail: JSONValue? = nil
    ) {
        self.status = status
        self.stage = stage
        self.matches = matches
        self.positions = positions
        self.error = error
        self.detail = detail
    }
}

/// What Parlant's end of a turn names, in the order in which it came, which means nothing.
public struct TurnMatches: Equatable, Sendable {
    /// Ids of guidelines; `journey_node:<state>:<edge>` for a state.
    public let guidelines: [String]
    /// Ids of journeys.
    public let journeys: [String]
    /// Ids of states, of whichever journey.
    public let states: [ElementID]

    /// Matches as named.
    public init(guidelines: [String], journeys: [String], states: [ElementID]) {
        self.guidelines = guidelines
        self.journeys = journeys
        self.states = states
    }

    /// Whether nothing matched: so ends a turn without a journey, and so begins the report of a failure.
    public var isEmpty: Bool { guidelines.isEmpty && journeys.isEmpty && states.isEmpty }

    /// The states, those included that only a guideline names, in one stable order.
    public var allStates: [ElementID] {
        let named = guidelines.compactMap(Self.state(ofGuideline:))
        return Set(states + named).sorted()
    }

    /// The state in `journey_node:<state>:<edge>`; the state may contain colons, the edge does not.
    static func state(ofGuideline id: String) -> ElementID? {
        let prefix = "journey_node:"
        guard id.hasPrefix(prefix) else { return nil }
        let rest = id.dropFirst(prefix.count)
        guard let colon = rest.lastIndex(of: ":") else { return rest.isEmpty ? nil : ElementID(String(rest)) }
        let state = rest[..<colon]
        return state.isEmpty ? nil : ElementID(String(state))
    }
}

/// Where a conversation stands in one journey.
public struct StatePosition: Equatable, Hashable, Sendable {
    /// The journey.
    public let journey: String
    /// The state; `nil` outside the journey.
    public let state: ElementID?

    /// A position.
    public init(journey: String, state: ElementID?) {
        self.journey = journey
        self.state = state
    }
}
