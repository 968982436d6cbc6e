/// The columns of `divergences`, in the order of the table.
enum DivergenceColumn: Int, CaseIterable {
    case workspace, executionID, id, workflowID, field, members, kind, side, state, reason, attempts
    case base, workflow, workflowPosition, workflowActor, journey, journeyPosition, journeyActor
    case workflowSubject, journeySubject, workflowVersion, journeyVersion, mappingVersion
    case outcome, winner, loser, owner, rule, rulePlace, policy, policyVersion, cause, decision, reverses
    case effects, history, openedBy, settledBy, openedAt, settledAt, firstPosition, lastPosition

    static let table = TableDefinition(
        name: "divergences", version: 1,
        documentation:
            "One row per decision, conflict or accepted difference between the two sides of an execution.",
        keyColumns: 3, columns: identity + said + decided + provenance,
        indexes: [
            IndexDefinition(
                "open", on: ["workspace", "execution_id"], where: "state = 'open'",
                "The conflicts that wait for a person."),
            IndexDefinition(
                "by_workflow", on: ["workspace", "workflow_id"], where: "workflow_id is not null",
                "What the executions of one workflow have differed in."),
            IndexDefinition("by_field", on: ["workspace", "field"], "What became of one field."),
            IndexDefinition(
                "by_decision", on: ["workspace", "decision"], where: "decision is not null",
                "The execution in which something was decided, by the decision's id alone."),
        ])

    private static let identity: [ColumnDefinition] = [
        .required("workspace", .text, "The tenant."),
        .required("execution_id", .text, "The execution: the sync key of the stream."),
        .required(
            "id", .uuid,
            "The conflict; of what never waited for a person the decision, or the accepted difference."),
        .optional(
            "workflow_id", .text,
            "The workflow that the execution runs, by the mapping that it has pinned; null when it has none."),
        .required(
            "field", .text, "The field: `status`, `steps/<block>`, `variables/<name>`, … without names inside of data."),
        .optional(
            "members", .json,
            "The way to a member of the field's data, as an array of names, as it is stored: it may be sealed; null for the field itself."
        ),
        .required(
            "kind", .text, "What the comparison has found: `conflict`, `changed`, `wait_passed` or `unreadable`."),
        .optional("side", .text, "The side that has moved, `workflow` or `journey`; null where both have."),
        .required(
            "state", .text,
            "`open`: it waits for a person. `resolved`: somebody's word stands. `accepted`: the difference stays. `lapsed`: nothing differs there any more, or something else does."
        ),
        .optional(
            "reason", .text,
            "Why it waits, or has waited: `manual`, `no_rule`, `undecided`, `unreadable`, `unsettable`, `flapping` or `unreachable`; null when it never did."
        ),
        .optional("attempts", .int, "Of `unreachable`, how often the side was told in vain."),
    ]

    private static let said: [ColumnDefinition] = [
        .optional("base", .json, "What both sides agreed on last, as it is stored; null for nothing."),
        .optional(
            "workflow", .json,
            "What the workflow said: a word as a text, data as they are stored, sealed ones for `workflow_subject`; null for nothing."
        ),
        .optional("workflow_position", .int, "Log position of the event by which the workflow said so."),
        .optional("workflow_actor", .text, "Who said so on the workflow's side, if the event names somebody."),
        .optional(
            "journey", .json,
            "What the journey said: a word as a text, data as they are stored, sealed ones for `journey_subject`; null for nothing."
        ),
        .optional("journey_position", .int, "Log position of the event by which the journey said so."),
        .optional("journey_actor", .text, "Who said so on the journey's side, if the event names somebody."),
        .required(
            "workflow_subject", .text,
            "Whose data the workflow's values are. Once that subject is erased, what is sealed here cannot be opened by anybody."
        ),
        .required(
            "journey_subject", .text,
            "Whose data are the journey's values, those that both agreed on, and what stands."),
        .optional(
            "workflow_version", .int, "Version of the workflow's stream that was compared; null while it had none."),
        .optional(
            "journey_version", .int, "Version of the journey's stream that was compared; null while it had none."),
        .optional("mapping_version", .int, "Version of the mapping by which the sides were compared; null for none."),
    ]

    private static let decided: [ColumnDefinition] = [
        .optional(
            "outcome", .json,
            "What stands, in the form of `workflow` and `journey`; null when nothing does, and unless it is resolved."),
        .optional("winner", .text, "The side whose word stands; null when neither's does."),
        .optional("loser", .text, "The side whose word does not stand; null when neither has won."),
        .optional("owner", .text, "The side that owned the field by a hand-over, and so has decided; null for none."),
        .optional("rule", .text, "The rule that decided, or sent it to a person; null where none was asked."),
        .optional("rule_place", .int, "The rule's place in its policy, from 0."),
        .optional("policy", .text, "The policy of the rule."),
        .optional("policy_version", .int, "Which version of the policy."),
        .optional(
            "cause", .text,
            "What settled it: `comparison` of the sides, the word of a `person`, or a `flip` of an earlier decision; null while it is open, and of what has lapsed."
        ),
        .optional(
            "decision", .uuid, "The decision, or the accepted difference, that settled it; null while none has."),
        .optional("reverses", .uuid, "Of a flip, the decision that it takes back."),
        .required("effects", .json, "What carries it out: an array of ids of `effects`."),
        .required("history", .json, "Of a field that flaps, the decisions before: an array of ids."),
    ]

    private static let provenance: [ColumnDefinition] = [
        .optional("opened_by", .text, "Who recorded it first: a process, or a person behind a verb."),
        .optional("settled_by", .text, "Who recorded what settled it; null while it is open."),
        .required("opened_at", .timestamp, "When it was recorded first, by the database's clock."),
        .optional("settled_at", .timestamp, "When it was settled, by the database's clock; null while it is open."),
        .required("first_position", .int, "Log position of the event that recorded it first."),
        .required("last_position", .int, "Log position of the event that made the row what it is."),
    ]
}

extension Row {
    subscript(_ column: DivergenceColumn) -> ColumnValue {
        get { values[column.rawValue] }
        set { values[column.rawValue] = newValue }
    }
}
