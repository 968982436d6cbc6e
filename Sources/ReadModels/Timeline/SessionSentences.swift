/// What is told of conversations, bound to an execution or not.
enum SessionSentences {
    static let all: [String: SentenceTemplate] = Dictionary(
        uniqueKeysWithValues: ["journey_session", "parlant_session"].flatMap { category in
            kinds.map { ("\(category).\($0)", $1) }
        })

    private static let kinds = said.merging(walked) { first, _ in first }

    /// Who says something.
    private static let sources = [
        "customer": "Customer", "customer_ui": "Customer's page", "human_agent": "Human agent",
        "human_agent_on_behalf_of_ai_agent": "Human agent in the AI agent's name", "ai_agent": "AI agent",
        "system": "System",
    ]

    private static let said: [String: SentenceTemplate] = [
        "message_posted": "\("event", "source", told: sources) wrote \(personal: "text", as: "a message")",
        "tool_called": "\("event", "source", told: sources) called \(count: "calls", of: "tool")",
        "input_collected":
            "Input \("name") collected: \(personal: "value", as: "a value")\(when: ", in state \("state")")",
        "custom_posted":
            "\("event", "source", told: sources) posted a custom event\(when: " with \(personal: "data", as: "data")")",
        "status_reported":
            "\("event", "source", told: sources) reported status \("status")\(when: ", stage \("stage")")",
        "event_reported":
            "\("event", "source", told: sources) reported an event of the unknown kind \("event", "kind")",
        "event_amended": "Notes on event \("event") amended\(when: " with \(personal: "metadata", as: "metadata")")",
        "described":
            "Session\(when: " \("session")") described\(when: ", titled with \(personal: "title", as: "a text")")\(when: ", in \(plain: "mode") mode")",
    ]

    private static let walked: [String: SentenceTemplate] = [
        "bound":
            "Session \("session") bound to execution \("execution")\(when: ", walking \(some: "journeys", of: "journey")")",
        "state_entered": "State \("state") of journey \("journey") entered",
        "state_left": "State \("state") of journey \("journey") left\(when: " for \("next")")",
        "turn_completed": "Turn completed\(when: " in \(some: "positions", of: "state")")",
        "turn_failed": "Turn failed\(when: " (\(plain: "error"))")",
        "turn_cancelled": "Turn cancelled",
        "paths_reported": "Paths through \(count: "added", of: "turn") reported",
        "journey_renumbered": "States of journey \("journey") renumbered: \(count: "states", of: "state")",
        "rewound": "Session rewound to offset \(plain: "from")\(when: ": \(some: "turns", of: "turn") undone")",
        "mode_changed": "Session switched to \(plain: "mode") mode",
        "closed": "Session closed\(when: ": \(plain: "reason")")",
    ]
}
