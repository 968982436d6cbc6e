/// The columns of `journeys`, in the order of the table.
enum JourneyColumn: Int, CaseIterable {
    case workspace, journeyID, title, description, root
    case states, transitions, conditions
    case labels, priority, digest, revision
    case origin, workflowID, workflowVersion
    case archivedAt, firstPosition, lastPosition, createdAt, updatedAt

    static let table = TableDefinition(
        name: "journeys", version: 1, documentation: "One row per journey, as its latest revision says.", keyColumns: 2,
        columns: [
            .required("workspace", .text, "The tenant."),
            .required("journey_id", .text, "The journey: the sync key of its stream."),
            .required("title", .text, "What people call it."),
            .optional("description", .text, "What it is for; empty when nothing is said, null where it is sealed."),
            .required("root", .text, "The state in which every conversation begins."),
            .required("states", .int, "Number of states, the root included and the end not."),
            .required("transitions", .int, "Number of transitions."),
            .required("conditions", .int, "Number of conditions of activation."),
            .required("labels", .json, "The labels, as a JSON array of texts in order."),
            .required("priority", .int, "The higher, the sooner it is considered."),
            .required(
                "digest", .text, "SHA-256 of the canonical definition, hexadecimal: equal digests, equal journeys."),
            .required("revision", .int, "1 for the creation, one more for each change of the definition."),
            .required("origin", .text, "Where the latest definition came from: `parlant`, `file` or `converted`."),
            .optional("workflow_id", .text, "The workflow that it was converted from; null for other origins."),
            .optional(
                "workflow_version", .int, "The version of that workflow's stream; null for other origins."),
            .optional("archived_at", .timestamp, "When it was taken out of use; null while it is in use."),
            .required("first_position", .int, "Log position of the first event of the journey."),
            .required("last_position", .int, "Log position of the event that made the row what it is."),
            .required("created_at", .timestamp, "When the first event was recorded, by the database's clock."),
            .required("updated_at", .timestamp, "When the latest event was recorded, by the database's clock."),
        ])
}

extension Row {
    subscript(_ column: JourneyColumn) -> ColumnValue {
        get { values[column.rawValue] }
        set { values[column.rawValue] = newValue }
    }
}
