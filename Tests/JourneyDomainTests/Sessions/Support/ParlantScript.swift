import EventModel

/// An event as Parlant answers it.
func event(
    _ offset: Int, _ kind: String, _ source: String, trace: String, _ data: JSONValue, id: String? = nil,
    metadata: JSONValue = [:], deleted: Bool = false
) -> JSONValue {
    [
        "id": .string(id ?? "event-\(offset)"), "source": .string(source), "kind": .string(kind),
        "offset": .number(JSONNumber(offset)), "creation_utc": .string(moment(offset).description),
        "trace_id": .string(trace), "correlation_id": .string(trace), "data": data, "metadata": metadata,
        "deleted": .bool(deleted),
    ]
}

/// When the event at an offset happened: one second after the other.
func moment(_ offset: Int) -> Timestamp { noon.advanced(by: .seconds(offset)) }

/// A customer's message.
func customerSays(_ offset: Int, _ text: String, trace: String, customer: String = "guest") -> JSONValue {
    event(
        offset, "message", "customer", trace: trace,
        [
            "message": .string(text), "participant": ["id": .string(customer), "display_name": "Ada"],
            "flagged": false, "tags": [],
        ])
}

/// A status of the engine.
func status(
    _ offset: Int, _ status: String, trace: String, _ data: JSONValue = [:], source: String = "ai_agent"
) -> JSONValue {
    event(offset, "status", source, trace: trace, ["status": .string(status), "data": data])
}

/// What the end of a turn names.
func matches(_ states: [String] = [], journeys: [String] = []) -> JSONValue {
    func list(_ ids: [String]) -> JSONValue { .array(ids.map { ["id": .string($0)] }) }
    return [
        "stage": "completed", "matched_guidelines": list(states.map { "journey_node:\($0):edge" }),
        "matched_journeys": list(journeys), "matched_journey_states": list(states),
    ]
}

/// The end of a turn.
func ends(_ offset: Int, trace: String, _ states: [String] = [], journeys: [String] = []) -> JSONValue {
    status(offset, "ready", trace: trace, matches(states, journeys: journeys))
}

/// A whole turn of seven events from `offset` on.
func turn(_ offset: Int, trace: String, _ states: [String] = [], journeys: [String] = ["refund"]) -> [JSONValue] {
    [
        customerSays(offset, "hello", trace: trace), status(offset + 1, "acknowledged", trace: trace),
        status(offset + 2, "ready", trace: trace),
        status(offset + 3, "processing", trace: trace, ["stage": "Interpreting"]),
        status(offset + 4, "typing", trace: trace),
        event(
            offset + 5, "message", "ai_agent", trace: trace,
            ["message": "reply", "participant": ["id": "agent", "display_name": "Agent"]]),
        ends(offset + 6, trace: trace, states, journeys: journeys),
    ]
}

/// A turn that fails at `offset` + 3.
func failure(_ offset: Int, trace: String, _ exception: String = "KeyError: 'journey_id'\n") -> [JSONValue] {
    [
        customerSays(offset, "hello", trace: trace), status(offset + 1, "acknowledged", trace: trace),
        ends(offset + 2, trace: trace),
        status(offset + 3, "error", trace: trace, ["exception": .string(traceback + exception)]),
    ]
}

/// What a server says of its insides.
let traceback = "Traceback (most recent call last):\\n  File \"/srv/secret/engine.py\", line 197, in process\\n"

/// Events as a page of one session.
func page(_ events: [JSONValue], of session: String = "s1") -> JSONValue {
    ["session_id": .string(session), "observed_at": .string(noon.description), "events": .array(events)]
}

/// An agent state; a path is indexes and what they mean, `nil` for left.
func agentState(_ turn: String, _ paths: [String: [(String, String)?]]) -> JSONValue {
    let journeys = paths.sorted { $0.key < $1.key }.map { journey, steps in
        JSONObject.Member(
            key: journey,
            value: [
                "indexes": .array(steps.map { step in step.map { .string($0.0) } ?? .null }),
                "node_ids": .array(steps.map { step in step.map { .string($0.1) } ?? .null }),
            ])
    }
    return ["trace_id": .string(turn), "applied_guideline_ids": [], "journey_paths": .object(JSONObject(journeys))]
}

/// The engine's answer about where its agent stands, asked `seconds` after noon.
func told(_ states: [JSONValue], at seconds: Int, of session: String = "s1") -> JSONValue {
    [
        "session_id": .string(session), "observed_at": .string(moment(seconds).description), "mode": "auto",
        "labels": [], "agent_states": .array(states),
    ]
}
