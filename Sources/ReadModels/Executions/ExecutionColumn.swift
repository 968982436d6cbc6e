/// The columns of `executions`, in the order of the table.
enum ExecutionColumn: Int, CaseIterable {
    case workspace, executionID, workflowID, definitionDigest, definitionRevision, mappingID, mappingVersion
    case status, originalStatus, trigger, startedAt, endedAt, errorCode
    case waitingKind, waitingContext, resumeAt, blockedOn
    case visitsStarted, visitsRunning, visitsCompleted, visitsFailed, visitsSkipped, contradictions, currentVisits
    case firstPosition, lastPosition, erasedAt, updatedAt

    static let table = TableDefinition(
        name: "executions", version: 1, documentation: "One row per execution of a workflow, as it stands now.",
        keyColumns: 2, columns: identity + standing + waiting + visits + provenance,
        indexes: [
            IndexDefinition(
                "by_workflow", on: ["workspace", "workflow_id", "last_position"], "The executions of one workflow."),
            IndexDefinition(
                "open", on: ["workspace", "status", "updated_at"],
                where: "status in ('queued', 'running', 'waiting', 'paused')", "Those that are not over."),
        ])

    private static let identity: [ColumnDefinition] = [
        .required("workspace", .text, "The tenant."),
        .required("execution_id", .text, "The execution: the sync key of its stream."),
        .optional("workflow_id", .text, "The workflow that it runs; null when nobody has said."),
        .optional("definition_digest", .text, "The digest of the definition that it runs, when the engine says it."),
        .optional("definition_revision", .text, "The engine's own name of that definition's version."),
        .optional("mapping_id", .text, "The mapping that holds for it; null when none was active at its start."),
        .optional("mapping_version", .int, "That mapping's version."),
    ]

    private static let standing: [ColumnDefinition] = [
        .required(
            "status", .text, "`queued`, `running`, `waiting`, `paused`, `completed`, `failed` or `cancelled`."),
        .optional("original_status", .text, "The engine's word behind the status; null when it used none."),
        .optional("trigger", .text, "What set it off: `manual`, `api`, `schedule`, `chat`, `webhook` and others."),
        .optional("started_at", .timestamp, "When it began, by the engine's clock; null when nobody has said."),
        .optional("ended_at", .timestamp, "When it ended, by the engine's clock; null before."),
        .optional("error_code", .text, "The code of the error that ended it, if the engine has codes."),
    ]

    private static let waiting: [ColumnDefinition] = [
        .optional("waiting_kind", .text, "What it waits for now: `human` or `time`."),
        .optional("waiting_context", .text, "The engine's name of that wait, by which it is resumed."),
        .optional("resume_at", .timestamp, "When it goes on by itself."),
        .optional("blocked_on", .text, "The block that waits."),
    ]

    private static let visits: [ColumnDefinition] = [
        .required("visits_started", .int, "Visits to its workflow's blocks that have begun; one for each iteration."),
        .required("visits_running", .int, "Of these, visits that have not ended."),
        .required("visits_completed", .int, "Of these, visits that ended well."),
        .required("visits_failed", .int, "Of these, visits that ended with an error, handled or not."),
        .required("visits_skipped", .int, "Visits that did not take place."),
        .required("contradictions", .int, "How often two ends of one thing were reported; the later one counts."),
        .required(
            "current_visits", .json,
            "The visits that have not ended, as a sorted JSON array of texts like `block@loop[2]#7`; at most 64 of them."
        ),
    ]

    private static let provenance: [ColumnDefinition] = [
        .required("first_position", .int, "Log position of the first event of the execution."),
        .required("last_position", .int, "Log position of the event that made the row what it is."),
        .optional("erased_at", .timestamp, "When personal data of it was last erased; null when none was."),
        .required("updated_at", .timestamp, "When the latest event was recorded, by the database's clock."),
    ]
}

extension Row {
    subscript(_ column: ExecutionColumn) -> ColumnValue {
        get { values[column.rawValue] }
        set { values[column.rawValue] = newValue }
    }
}
