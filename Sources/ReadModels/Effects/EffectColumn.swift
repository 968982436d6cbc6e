/// The columns of `effects`, in the order of the table.
enum EffectColumn: Int, CaseIterable {
    case workspace, executionID, id, side, action, kind, journey, target, fields, resolutions, attempt
    case state, times, witness, reason, because, deadline, requestedAt, sentAt, endedAt, firstPosition, lastPosition

    static let table = TableDefinition(
        name: "effects", version: 1,
        documentation: "One row per effect: what a side was to be brought to do, and how far that has come.",
        keyColumns: 3, columns: identity + what + progress,
        indexes: [
            IndexDefinition(
                "pending", on: ["workspace", "execution_id"], where: "ended_at is null",
                "The effects whose end is not known.")
        ])

    private static let identity: [ColumnDefinition] = [
        .required("workspace", .text, "The tenant."),
        .required("execution_id", .text, "The execution: the sync key of the stream."),
        .required("id", .uuid, "The effect: what its echo carries, where the side can carry it."),
    ]

    private static let what: [ColumnDefinition] = [
        .required("side", .text, "The side that does it: `workflow` or `journey`."),
        .required("action", .text, "What it does: `resume`, `cancel`, `enter`, `leave`, `close` or `tell`."),
        .required(
            "kind", .text, "How it may be repeated: `set_state`, `keyed`, `probe_then_act` or `once_or_manual`."),
        .optional("journey", .text, "The journey that is entered or left; null for other actions."),
        .optional("target", .text, "The block that goes on, or the state that is entered; null for other actions."),
        .required("fields", .json, "The fields that it is to settle, as an array, without names inside of their data."),
        .required(
            "resolutions", .json, "The decisions that it carries out: an array, `decision` in `divergences`."),
        .required("attempt", .int, "Which try this is for these fields, from 1."),
    ]

    private static let progress: [ColumnDefinition] = [
        .required(
            "state", .text,
            "`requested`: nobody has tried. `sent`: somebody has tried. `unknown`: nobody knows what came of it. `confirmed`: it was carried out. `stale`: it was not, and will not be."
        ),
        .required("times", .int, "How often it was tried."),
        .optional("witness", .text, "How it is known to be carried out: `echo` or `probe`; null unless it was."),
        .optional(
            "reason", .text,
            "Why it came to nothing: `moved_on`, `refused`, `expired` or `unknowable`; null unless it did."),
        .optional("because", .text, "Why nobody knows, or why it came to nothing, in a sentence."),
        .required("deadline", .timestamp, "Until when its echo is waited for, by the clock of who has requested it."),
        .required("requested_at", .timestamp, "When it was requested, by the database's clock."),
        .optional("sent_at", .timestamp, "When it was tried last, by the database's clock; null before."),
        .optional("ended_at", .timestamp, "When its end was known, by the database's clock; null before."),
        .required("first_position", .int, "Log position of the event that requested it."),
        .required("last_position", .int, "Log position of the event that made the row what it is."),
    ]
}

extension Row {
    subscript(_ column: EffectColumn) -> ColumnValue {
        get { values[column.rawValue] }
        set { values[column.rawValue] = newValue }
    }
}
