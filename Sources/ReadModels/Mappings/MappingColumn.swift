/// The columns of `mappings`, in the order of the table.
enum MappingColumn: Int, CaseIterable {
    case workspace, workflowID, version, journeyID, digest, workflowDigest, journeyDigest, rules
    case nodes, edges, variables, status, problems, isActive, activatedAt, retiredAt
    case firstPosition, lastPosition, createdAt, updatedAt

    static let table = TableDefinition(
        name: "mappings", version: 1,
        documentation: "One row per version of a workflow's mapping: which element is which of the journey.",
        keyColumns: 3,
        columns: [
            .required("workspace", .text, "The tenant."),
            .required("workflow_id", .text, "The workflow: the sync key of the mapping's stream."),
            .required("version", .int, "1, 2, 3 … among the mappings of the workflow."),
            .required("journey_id", .text, "The journey that the workflow is mapped to."),
            .required("digest", .text, "SHA-256 of the mapping's canonical form, hexadecimal."),
            .required("workflow_digest", .text, "SHA-256 of the workflow's definition that it maps."),
            .required("journey_digest", .text, "SHA-256 of the journey's definition that it maps."),
            .required("rules", .int, "The version of the rules by which it was made."),
            .required("nodes", .int, "Number of blocks, with their states."),
            .required("edges", .int, "Number of edges, with their transitions."),
            .required("variables", .int, "Number of variables, with their keys of the context."),
            .required("status", .text, "`proposed`, `valid`, `invalid`, `active` or `retired`."),
            .optional("problems", .int, "How many problems the check found; null before it."),
            .required("is_active", .bool, "Whether executions and sessions go by it; one of a workflow at most."),
            .optional("activated_at", .timestamp, "When it became active; null before."),
            .optional("retired_at", .timestamp, "When it stopped being used; null before."),
            .required("first_position", .int, "Log position of the event that proposed it."),
            .required("last_position", .int, "Log position of the event that made the row what it is."),
            .required("created_at", .timestamp, "When it was proposed, by the database's clock."),
            .required("updated_at", .timestamp, "When the latest event was recorded, by the database's clock."),
        ],
        indexes: [
            IndexDefinition(
                "active", on: ["workspace", "workflow_id"], where: "is_active",
                "The active mapping of a workflow. Not unique: a batch may write the new one before the old.")
        ])
}

extension Row {
    subscript(_ column: MappingColumn) -> ColumnValue {
        get { values[column.rawValue] }
        set { values[column.rawValue] = newValue }
    }
}
