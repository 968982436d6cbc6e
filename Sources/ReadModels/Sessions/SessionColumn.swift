/// The columns of `sessions`, in the order of the table.
enum SessionColumn: Int, CaseIterable {
    case workspace, category, key, engine, sessionID, executionID, bindings, subject, agent
    case mode, status, closedReason, positions, journeys
    case messages, toolCalls, inputs, turnsCompleted, turnsFailed, turnsCancelled, rewinds
    case lastOffset, askedOffset, answeredOffset
    case firstPosition, lastPosition, startedAt, updatedAt, erasedAt

    static let table = TableDefinition(
        name: "sessions", version: 2,
        documentation: "One row per stream of a session: a conversation, or the journey's side of an execution.",
        keyColumns: 3, columns: identity + standing + counts + offsets + provenance,
        indexes: [
            IndexDefinition("by_execution", on: ["workspace", "execution_id"], "The conversations of one execution."),
            IndexDefinition(
                "open", on: ["workspace", "status", "updated_at"], where: "status <> 'closed'",
                "Those that are not over."),
        ])

    private static let identity: [ColumnDefinition] = [
        .required("workspace", .text, "The tenant."),
        .required(
            "category", .text,
            "`parlant_session` for a conversation, `journey_session` for the journey's side of an execution."),
        .required("key", .text, "The sync key of the stream: the session's id, or the execution's."),
        .optional("engine", .text, "`parlant`, or the name of another conversation engine; null when nobody has said."),
        .optional("session_id", .text, "The session, as its engine names it; null when nobody has said."),
        .optional(
            "execution_id", .text,
            "The execution that it walks for; null while it is not bound. Of a conversation that walks for several, the first."
        ),
        .required(
            "bindings", .json,
            "The executions that it walks for, as `{\"<execution>\":[\"<journey>\",…]}`; an empty list is all journeys."
        ),
        .optional(
            "subject", .text,
            "Whose data it holds, by the identifier that an erasure takes: `customer:<id>`, or `session:<id>` for guests."
        ),
        .optional("agent", .text, "The engine's agent; null when nobody has said."),
    ]

    private static let standing: [ColumnDefinition] = [
        .optional("mode", .text, "`auto` or `manual`, or the engine's own word; null when nobody has said."),
        .required(
            "status", .text, "`open`: the customer has no answer yet. `waiting`: the customer is to speak. `closed`."),
        .optional(
            "closed_reason", .text, "`deleted`, `ended`, `execution_ended` or `requested`; null before the end."),
        .required(
            "positions", .json,
            "Where it stands, as `{\"<journey>\":\"<state>\"}`; a state that no single journey owns is under the empty name."
        ),
        .required("journeys", .json, "The journeys that it has been in, in order."),
    ]

    private static let counts: [ColumnDefinition] = [
        .required("messages", .int, "Messages, deleted ones included."),
        .required("tool_calls", .int, "Reports of tool calls."),
        .required("inputs", .int, "Inputs collected."),
        .required("turns_completed", .int, "Turns that came to their end and still stand."),
        .required("turns_failed", .int, "Turns that failed and still stand."),
        .required("turns_cancelled", .int, "Turns that were cancelled and still stand."),
        .required("rewinds", .int, "Times that events were found deleted."),
    ]

    private static let offsets: [ColumnDefinition] = [
        .optional("last_offset", .int, "The highest offset reported; null before the first event."),
        .optional("asked_offset", .int, "The highest offset of a message of the customer; null when there is none."),
        .optional(
            "answered_offset", .int, "The highest offset at which a turn ended or a person answered; null before."),
    ]

    private static let provenance: [ColumnDefinition] = [
        .required("first_position", .int, "Log position of the first event of the stream."),
        .required("last_position", .int, "Log position of the latest event of the stream."),
        .required("started_at", .timestamp, "When the first event was recorded, by the database's clock."),
        .required("updated_at", .timestamp, "When the latest event was recorded, by the database's clock."),
        .optional("erased_at", .timestamp, "When personal data in the stream was last erased; null when none was."),
    ]
}

extension Row {
    subscript(_ column: SessionColumn) -> ColumnValue {
        get { values[column.rawValue] }
        set { values[column.rawValue] = newValue }
    }
}
