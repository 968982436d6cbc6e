import EventModel

/// One row per workflow: what it is called, how large it is, and which revision is current.
public struct WorkflowsProjection: Projection {
    /// The newest schema version of both events that this fold knows.
    static let newestSchema: Int32 = 1
    static let imported = EventType(trusting: "workflow.imported")
    static let revised = EventType(trusting: "workflow.revised")

    /// `workflows`
    public let name = "workflows"
    /// The generation of the fold and its table.
    public let version = 1
    /// Which events it folds.
    public let interest = EventInterest.types([imported, revised])
    /// Where its rows are kept.
    public let table = WorkflowColumn.table

    /// The projection `workflows`.
    public init() {}

    /// The workspace and the workflow's id, which is the sync key of its stream.
    public func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? {
        RowKey([.text(event.workspace.rawValue), .text(event.syncKey)])
    }

    /// An import and a revision both carry the whole workflow; a revision keeps when and where it was imported.
    public func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        do throws(ProjectionFault.Reason) {
            guard event.schemaVersion <= Self.newestSchema else {
                throw .unknownSchema(version: event.schemaVersion, newest: Self.newestSchema)
            }
            return try Self.row(after: event, replacing: row)
        } catch {
            throw ProjectionFault(error, in: self, at: event)
        }
    }

    private static let paths: [PayloadFields.Path] = [
        ["name"], ["format"], ["digest"], ["source"], ["revision"], ["definition", "metadata", "description"],
        ["counts", "blocks"], ["counts", "edges"], ["counts", "loops"], ["counts", "parallels"],
        ["counts", "variables"],
    ]

    private static func row(
        after event: RecordedEvent, replacing row: Row?
    ) throws(ProjectionFault.Reason) -> Row {
        let fields = try PayloadFields(Self.paths, of: event)
        let recorded = ColumnValue.timestamp(event.recordedAt)
        func count(_ name: StaticString) throws(ProjectionFault.Reason) -> ColumnValue {
            .int(try fields.count(name, in: "counts"))
        }
        return Row([
            .text(event.workspace.rawValue),
            .text(event.syncKey),
            ColumnValue(try fields.optionalText("name")),
            ColumnValue(fields["definition", "metadata", "description"]?.string),
            .text(try fields.text("format")),
            .text(try fields.text("digest")),
            .int(event.type == Self.imported ? 1 : try fields.count("revision")),
            try count("blocks"),
            try count("edges"),
            try count("loops"),
            try count("parallels"),
            try count("variables"),
            .text(try fields.text("source")),
            row?[WorkflowColumn.firstPosition] ?? .int(event.position.rawValue),
            .int(event.position.rawValue),
            row?[WorkflowColumn.importedAt] ?? recorded,
            recorded,
        ])
    }
}

/// The columns of `workflows`, in the order of the table.
enum WorkflowColumn: Int, CaseIterable {
    case workspace, workflowID, name, description, format, digest, revision
    case blocks, edges, loops, parallels, variables
    case source, firstPosition, lastPosition, importedAt, updatedAt

    static let table = TableDefinition(
        name: "workflows", version: 1, documentation: "One row per workflow, as its latest revision says.",
        keyColumns: 2,
        columns: [
            .required("workspace", .text, "The tenant."),
            .required("workflow_id", .text, "The workflow: the sync key of its stream."),
            .optional("name", .text, "What people call it; null when the file does not say."),
            .optional("description", .text, "What it is for; null when the file does not say."),
            .required("format", .text, "The format of the file that the latest revision came from."),
            .required(
                "digest", .text, "SHA-256 of the canonical definition, hexadecimal: equal digests, equal workflows."),
            .required("revision", .int, "1 for the import, one more for each revision."),
            .required("blocks", .int, "Number of blocks."),
            .required("edges", .int, "Number of edges."),
            .required("loops", .int, "Number of loops."),
            .required("parallels", .int, "Number of parallels."),
            .required("variables", .int, "Number of variables."),
            .required("source", .text, "Base name of the file that the latest revision came from."),
            .required("first_position", .int, "Log position of the first event of the workflow."),
            .required("last_position", .int, "Log position of the event that made the row what it is."),
            .required("imported_at", .timestamp, "When the first event was recorded, by the database's clock."),
            .required("updated_at", .timestamp, "When the latest event was recorded, by the database's clock."),
        ])
}

extension Row {
    subscript(_ column: WorkflowColumn) -> ColumnValue { values[column.rawValue] }
}
