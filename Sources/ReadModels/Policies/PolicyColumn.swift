/// The columns of `policies`, in the order of the table.
enum PolicyColumn: Int, CaseIterable {
    case workspace, name, version, digest, forWorkspace, forWorkflow, text, isCurrent, successor
    case publishedBy, publishedAt, supersededAt, firstPosition, lastPosition

    static let table = TableDefinition(
        name: "policies", version: 1,
        documentation: "One row per version of a policy: what decisions that name it went by.",
        keyColumns: 3,
        columns: [
            .required("workspace", .text, "The workspace of the stream: `default`."),
            .required("name", .text, "What the policy is called: the sync key of its stream."),
            .required("version", .int, "Its version."),
            .required(
                "digest", .text,
                "SHA-256 of the document as canonical JSON, hexadecimal: equal digests, equal policies."),
            .optional("for_workspace", .text, "The workspace whose executions it is for; null for those of any."),
            .optional("for_workflow", .text, "The workflow whose executions it is for; null for those of any."),
            .required("text", .text, "The text of its file, YAML or JSON."),
            .required("is_current", .bool, "Whether no higher version was published; one of a policy at most."),
            .optional("successor", .int, "The version that has taken its place; null while it is current."),
            .optional("published_by", .text, "Who has published it: a process, or a person behind a verb."),
            .required("published_at", .timestamp, "When it was published, by the database's clock."),
            .optional(
                "superseded_at", .timestamp, "When another took its place, by the database's clock; null before."),
            .required("first_position", .int, "Log position of its publication."),
            .required("last_position", .int, "Log position of the event that made the row what it is."),
        ],
        indexes: [
            IndexDefinition(
                "current", on: ["workspace", "name"], where: "is_current",
                "The current version of a policy. Not unique: a batch may write the new one before the old.")
        ])
}

extension Row {
    subscript(_ column: PolicyColumn) -> ColumnValue {
        get { values[column.rawValue] }
        set { values[column.rawValue] = newValue }
    }
}
