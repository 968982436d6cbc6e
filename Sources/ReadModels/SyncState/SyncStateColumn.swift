/// The columns of `sync_state`, in the order of the table.
enum SyncStateColumn: Int, CaseIterable {
    case workspace, executionID
    case workflowSeen, journeySeen, workflowOver, journeyOver, movedLast, mappingID, mappingVersion
    case workflowID, workflowStatus, workflowOriginalStatus, workflowVisits, workflowVisitsRunning
    case workflowWaitingKind, workflowBlockedOn, workflowResumeAt, workflowErrorCode
    case workflowSince, workflowLastPosition, workflowUpdatedAt
    case sessionBound, engine, sessionID, journeyStatus, journeyClosedReason, journeyStates, journeyMode
    case journeyAskedOffset, journeyAnsweredOffset, journeyMappingID, journeyMappingVersion
    case journeySince, journeyLastPosition, journeyUpdatedAt
    case firstPosition, lastPosition, updatedAt, erasedAt

    static let table = TableDefinition(
        name: "sync_state", version: 1,
        documentation:
            "One row per execution: how the workflow's side and the journey's side of it stand now, side by side.",
        keyColumns: 2, columns: identity + both + workflow + journey + provenance,
        indexes: [
            IndexDefinition(
                "open", on: ["workspace", "execution_id"], where: "not (workflow_over and journey_over)",
                "Executions that can still move, which is what a pass over all of them has to look at."),
            IndexDefinition(
                "one_sided", on: ["workspace", "execution_id"], where: "not (workflow_seen and journey_seen)",
                "Executions of which one side was never heard."),
            IndexDefinition(
                "by_session", on: ["workspace", "session_id"], where: "session_id is not null",
                "The executions that a conversation walks for."),
            IndexDefinition(
                "by_workflow", on: ["workspace", "workflow_id"], where: "workflow_id is not null",
                "The executions of one workflow."),
        ])

    private static let identity: [ColumnDefinition] = [
        .required("workspace", .text, "The tenant."),
        .required("execution_id", .text, "The execution: the sync key that the streams of both sides share."),
    ]

    private static let both: [ColumnDefinition] = [
        .required("workflow_seen", .bool, "Whether anything was told of the workflow's side."),
        .required("journey_seen", .bool, "Whether anything was told of the journey's side."),
        .required("workflow_over", .bool, "Whether the workflow's side has ended; false while it was not seen."),
        .required("journey_over", .bool, "Whether the journey's side has ended; false while it was not seen."),
        .required(
            "moved_last", .text, "The side whose event came last: `workflow` or `journey`. Erasures do not count."),
        .optional(
            "mapping_id", .text,
            "The mapping that the execution pinned; null when none was active at its start, or it was not seen."),
        .optional("mapping_version", .int, "That mapping's version."),
    ]

    private static let workflow: [ColumnDefinition] = [
        .optional("workflow_id", .text, "The workflow that the execution runs; null when nobody has said."),
        .optional(
            "workflow_status", .text,
            "`queued`, `running`, `waiting`, `paused`, `completed`, `failed` or `cancelled`; null while it was not seen."
        ),
        .optional(
            "workflow_original_status", .text, "The engine's word behind the status; null when it used none."),
        .optional(
            "workflow_visits", .json,
            "The visits to blocks that have not ended, as a sorted JSON array of texts like `block@loop[2]#7`; at most 64 of them."
        ),
        .optional("workflow_visits_running", .int, "How many visits to blocks have not ended."),
        .optional("workflow_waiting_kind", .text, "What the workflow waits for now: `human` or `time`."),
        .optional("workflow_blocked_on", .text, "The block that waits."),
        .optional("workflow_resume_at", .timestamp, "When it goes on by itself."),
        .optional("workflow_error_code", .text, "The code of the error that ended it, if the engine has codes."),
        .optional(
            "workflow_since", .timestamp,
            "Since when the workflow's side stands as it does, visits and waits included, by the database's clock."),
        .optional("workflow_last_position", .int, "Log position of the latest event of the workflow's side."),
        .optional(
            "workflow_updated_at", .timestamp,
            "When the latest event of the workflow's side was recorded, by the database's clock."),
    ]

    private static let journey: [ColumnDefinition] = [
        .required("session_bound", .bool, "Whether a session was bound to the execution."),
        .optional("engine", .text, "`parlant`, or the name of another conversation engine; null while none is bound."),
        .optional("session_id", .text, "The session, as its engine names it; null while none is bound."),
        .optional(
            "journey_status", .text,
            "`open`: the customer has no answer yet. `waiting`: the customer is to speak. `closed`. Null while it was not seen."
        ),
        .optional(
            "journey_closed_reason", .text,
            "`deleted`, `ended`, `execution_ended` or `requested`; null before the end."),
        .optional(
            "journey_states", .json,
            "Where the session stands, as `{\"<journey>\":\"<state>\"}`; a state that no single journey owns is under the empty name."
        ),
        .optional("journey_mode", .text, "`auto` or `manual`, or the engine's own word; null when nobody has said."),
        .optional(
            "journey_asked_offset", .int,
            "The highest offset of a message of the customer; null when there is none."),
        .optional(
            "journey_answered_offset", .int,
            "The highest offset at which a turn ended or a person answered; null before."),
        .optional(
            "journey_mapping_id", .text,
            "The mapping that the binding names; null when it names none, or none is bound."),
        .optional("journey_mapping_version", .int, "That mapping's version."),
        .optional(
            "journey_since", .timestamp,
            "Since when the journey's side stands as it does, states and mode included, by the database's clock."),
        .optional("journey_last_position", .int, "Log position of the latest event of the journey's side."),
        .optional(
            "journey_updated_at", .timestamp,
            "When the latest event of the journey's side was recorded, by the database's clock."),
    ]

    private static let provenance: [ColumnDefinition] = [
        .required("first_position", .int, "Log position of the first event of either side."),
        .required("last_position", .int, "Log position of the event that made the row what it is."),
        .required("updated_at", .timestamp, "When the latest event was recorded, by the database's clock."),
        .optional(
            "erased_at", .timestamp, "When personal data of either side was last erased; null when none was."),
    ]
}

extension Row {
    subscript(_ column: SyncStateColumn) -> ColumnValue {
        get { values[column.rawValue] }
        set { values[column.rawValue] = newValue }
    }
}
