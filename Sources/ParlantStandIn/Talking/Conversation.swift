import EventModel
import JourneyDomain

/// A session of the stand-in.
struct Conversation: Sendable {
    /// What the engine wrote at the end of a turn, or somebody forced.
    struct AgentState: Sendable, Equatable {
        let trace: String
        /// By journey: the numbers of the states that it went through; `nil` in the last place is "has left".
        let paths: [String: [String?]]
    }

    /// A turn that is under way.
    struct Turn: Sendable, Equatable {
        let trace: String
        let due: Timestamp
        /// What comes of it.
        let outcome: Outcome
    }

    /// What comes of a turn: what a language model would find.
    struct Outcome: Sendable, Equatable {
        /// Where the conversation goes.
        struct Move: Sendable, Equatable {
            let journey: String
            /// The state that is entered; `nil` leaves the journey.
            let state: String?
        }

        var move: Move?
        /// What the agent's tools make known on the way, as `{values, inputs}`.
        var told = JSONObject()
        var fails = false
    }

    let id: String
    let agent: String
    let customer: String
    let title: String?
    let createdAt: Timestamp
    var metadata: JSONObject
    var mode = "auto"
    private(set) var events: [JSONValue] = []
    private(set) var states: [AgentState] = []
    private(set) var turn: Turn?

    init(id: String, agent: String, customer: String, title: String?, metadata: JSONObject, at now: Timestamp) {
        self.id = id
        self.agent = agent
        self.customer = customer
        self.title = title
        self.metadata = metadata
        createdAt = now
    }

    /// The offset of the next event: those of deleted ones are never given again.
    var nextOffset: Int { events.count }
    var isBusy: Bool { turn != nil }
    var paths: [String: [String?]] { states.last?.paths ?? [:] }
    var execution: String? { metadata["lockstep_execution_id"]?.string }

    /// The events from `offset` on that were not taken back.
    func told(from offset: Int) -> [JSONValue] {
        offset >= events.count ? [] : events[max(0, offset)...].filter { $0["deleted"] != true }
    }

    /// A text that is another one whenever something was said, moved or changed.
    var mark: String {
        Mark.of([
            "\(events.count) \(events.count { $0["deleted"] != true }) \(states.count) \(states.last?.trace ?? "") \(isBusy)",
            mode, JSONValue.object(metadata).compactText,
        ])
    }
}

// MARK: Saying

extension Conversation {
    /// Who says something.
    enum Voice: String {
        case customer
        case agent = "ai_agent"
        case person = "human_agent"
        case system
    }

    /// Adds an event.
    @discardableResult
    mutating func add(
        _ kind: String, _ voice: Voice, _ data: JSONValue, trace: String, metadata: JSONValue = [:], at now: Timestamp
    ) -> JSONValue {
        let event: JSONValue = [
            "id": .string(String(Mark.of([id, "\(nextOffset)"]).prefix(10))), "source": .string(voice.rawValue),
            "kind": .string(kind), "offset": .number(JSONNumber(nextOffset)), "creation_utc": .string("\(now)"),
            "trace_id": .string(trace), "correlation_id": .string(trace), "data": data, "metadata": metadata,
            "deleted": false,
        ]
        events.append(event)
        return event
    }

    /// Somebody writes something.
    @discardableResult
    mutating func say(_ text: String, _ voice: Voice, trace: String, at now: Timestamp) -> JSONValue {
        let participant: JSONValue =
            voice == .customer
            ? ["id": .string(customer), "display_name": .string(customer == "guest" ? "Guest" : customer)]
            : ["id": .string(agent), "display_name": .string(agent)]
        var data: JSONObject = ["message": .string(text), "participant": participant]
        if voice == .customer {
            data["flagged"] = false
            data["tags"] = []
        }
        return add("message", voice, .object(data), trace: trace, at: now)
    }

    private mutating func note(_ status: String, _ data: JSONValue, trace: String, at now: Timestamp) {
        add("status", .agent, ["status": .string(status), "data": data], trace: trace, at: now)
    }
}

// MARK: Turns

extension Conversation {
    /// The agent begins to work out an answer.
    mutating func begin(_ turn: Turn, at now: Timestamp) {
        self.turn = turn
        note("acknowledged", [:], trace: turn.trace, at: now)
    }

    /// The agent has its answer: says so, and then writes where it is.
    mutating func end(_ turn: Turn, _ journeys: [String: KeptJourney], at now: Timestamp) {
        self.turn = nil
        let trace = turn.trace
        note("ready", [:], trace: trace, at: now)
        note("processing", ["stage": "Interpreting"], trace: trace, at: now)
        guard !turn.outcome.fails else {
            note("ready", Self.matches([], []), trace: trace, at: now)
            let flaw: JSONValue = ["exception": "Traceback (most recent call last):\n  File \"stand_in.py\"\nNoModel"]
            return note("error", flaw, trace: trace, at: now)
        }
        if !turn.outcome.told.isEmpty {
            add(
                "custom", .system, ["lockstep": .object(turn.outcome.told)],
                trace: Mark.of([trace, "tool"]) + Mark.of(["tool", trace]), at: now)
        }
        note("typing", [:], trace: trace, at: now)
        say("I see.", .agent, trace: trace, at: now)
        let before = paths
        var after = before
        if let move = turn.outcome.move, let journey = journeys[move.journey] {
            let way = (before[move.journey] ?? []).filter { $0 != nil }
            let index = move.state.flatMap { journey.index.index(of: ElementID($0)) }.map(String.init)
            after[move.journey] = way + [index]
        }
        let standing = Self.standing(after, journeys)
        let matched = Set(standing.map(\.journey)).union([turn.outcome.move?.journey].compactMap { $0 })
        note("ready", Self.matches(matched.sorted(), standing.map(\.state)), trace: trace, at: now)
        states.append(AgentState(trace: trace, paths: after))
    }

    private static func standing(
        _ paths: [String: [String?]], _ journeys: [String: KeptJourney]
    ) -> [(journey: String, state: String)] {
        paths.sorted { $0.key < $1.key }.compactMap { id, path in
            guard case let last?? = path.last, let index = Int(last), let state = journeys[id]?.index.state(at: index)
            else { return nil }
            return (id, state.text)
        }
    }

    private static func matches(_ journeys: [String], _ states: [String]) -> JSONValue {
        [
            "stage": "completed",
            "matched_guidelines": .array(states.map { ["id": .string("journey_node:\($0):\(Mark.of([$0]))")] }),
            "matched_journeys": .array(journeys.map { ["id": .string($0)] }),
            "matched_journey_states": .array(states.map { ["id": .string($0)] }),
        ]
    }

    /// Somebody sets the paths from outside.
    mutating func force(_ paths: [String: [String?]], trace: String) {
        states.append(AgentState(trace: trace, paths: paths))
    }

    /// Takes back what was said from `offset` on, and where that has led.
    ///
    /// - Returns: whether it is the first event of its trace.
    mutating func rewind(to offset: Int) -> Bool {
        guard let trace = offset < events.count && offset >= 0 ? events[offset]["trace_id"] : nil,
            !events[..<offset].contains(where: { $0["trace_id"] == trace })
        else { return false }
        var gone: Set<String> = []
        for at in offset..<events.count {
            guard var event = events[at].object else { continue }
            event["deleted"] = true
            events[at] = .object(event)
            event["trace_id"]?.string.map { _ = gone.insert($0) }
        }
        states.removeAll { gone.contains($0.trace) }
        return true
    }
}

// MARK: Telling of itself

extension Conversation {
    /// The session as Parlant describes it.
    var description: JSONValue {
        [
            "id": .string(id), "agent_id": .string(agent), "customer_id": .string(customer),
            "creation_utc": .string("\(createdAt)"), "title": title.map { .string($0) } ?? .null,
            "mode": .string(mode), "consumption_offsets": ["client": 0], "metadata": .object(metadata), "labels": [],
        ]
    }

    /// Where it stands, as our module tells it.
    func place(_ journeys: [String: KeptJourney], showing shown: Int) -> JSONValue {
        [
            "session_id": .string(id), "agent_id": .string(agent), "customer_id": .string(customer),
            "mode": .string(mode), "labels": [], "execution": execution.map { .string($0) } ?? .null,
            "busy": .bool(isBusy), "next_offset": .number(JSONNumber(nextOffset)),
            "last_trace_id": states.last.map { .string($0.trace) } ?? .null,
            "agent_states_total": .number(JSONNumber(states.count)),
            "agent_states": .array(states.suffix(shown).map { Self.told($0, journeys) }),
        ]
    }

    private static func told(_ state: AgentState, _ journeys: [String: KeptJourney]) -> JSONValue {
        let paths = state.paths.sorted { $0.key < $1.key }.map { id, path in
            let names = path.map { index -> JSONValue in
                index.flatMap { Int($0) }.flatMap { journeys[id]?.index.state(at: $0) }.map { .string($0.text) }
                    ?? .null
            }
            return JSONObject.Member(
                key: id,
                value: [
                    "indexes": .array(path.map { $0.map { .string($0) } ?? .null }), "node_ids": .array(names),
                ])
        }
        return [
            "trace_id": .string(state.trace), "forced": .bool(state.trace.hasPrefix("lockstep-")),
            "applied_guideline_ids": [], "journey_paths": .object(JSONObject(paths)),
        ]
    }
}
