import EventModel

/// One row per workflow: what it is called, how large it is, and which revision is current.
public struct WorkflowsProjection: Projection {
    /// The newest schema versions that this fold knows: of events with a whole definition from a file, and of all others.
    static let newestSchemas: (file: Int32, edit: Int32) = (2, 1)
    static let imported = EventType(trusting: "workflow.imported")
    static let revised = EventType(trusting: "workflow.revised")
    static let replaced = EventType(trusting: "workflow.replaced")
    static let renamed = EventType(trusting: "workflow.renamed")
    static let category = "workflow"
    /// Edits, which say how large the workflow is after them.
    static let edits = [
        "block_added", "block_removed", "block_moved", "block_renamed", "block_enabled", "block_disabled",
        "block_locked", "block_unlocked", "block_reparented", "block_configured", "sub_block_changed", "edge_added",
        "edge_removed", "subflow_changed", "variable_set", "variable_removed",
    ].map { EventType(trusting: "workflow.\($0)") }

    /// `workflows`
    public let name = "workflows"
    /// The generation of the fold and its table: since 2 a row shows that the file's name was erased.
    public let version = 2
    /// Which events it folds.
    public let interest = EventInterest.types(
        Set([imported, revised, replaced, renamed, SubjectEvent.erasedType] + edits))
    /// What version 2 shows of workflows whose workspace was erased.
    public let declaredChanges = [
        DeclaredChange(
            since: 2, columns: ["source", "last_position", "updated_at"],
            reason: "the erasure of a workspace's data is shown; before, the name of a file stayed `sealed`")
    ]
    /// Where its rows are kept.
    public let table = WorkflowColumn.table

    /// The projection `workflows`.
    public init() {}

    /// The workspace and the workflow's id, which is the sync key of its stream; none for erasures in other streams.
    public func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? {
        guard event.type != SubjectEvent.erasedType || event.category.rawValue == Self.category else { return nil }
        return RowKey([.text(event.workspace.rawValue), .text(event.syncKey)])
    }

    /// An import and a revision carry the whole workflow; a revision keeps when and where it was imported. An edit carries what a row
    /// needs of the workflow after it; without a row it concerns nothing that was imported.
    public func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        if event.type == SubjectEvent.erasedType { return Self.erased(row, by: event) }
        do throws(ProjectionFault.Reason) {
            let isFile = event.type == Self.imported || event.type == Self.revised
            let newest = isFile ? Self.newestSchemas.file : Self.newestSchemas.edit
            guard event.schemaVersion <= newest else {
                throw .unknownSchema(version: event.schemaVersion, newest: newest)
            }
            let fields = try PayloadFields(Self.shape, of: event)
            if isFile { return try Self.row(after: event, fields, replacing: row) }
            return try row.map { row throws(ProjectionFault.Reason) in try Self.edited(row, by: event, fields) }
        } catch {
            throw ProjectionFault(error, in: self, at: event)
        }
    }

    private static let shape: PayloadShape = [
        ["name"], ["format"], ["digest"], ["source"], ["revision"], ["definition", "metadata", "description"],
        ["counts", "blocks"], ["counts", "edges"], ["counts", "loops"], ["counts", "parallels"],
        ["counts", "variables"],
    ]

    private static func row(
        after event: RecordedEvent, _ fields: PayloadFields, replacing row: Row?
    ) throws(ProjectionFault.Reason) -> Row {
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
            .int(event.type == imported ? 1 : try fields.count("revision")),
            try count("blocks"),
            try count("edges"),
            try count("loops"),
            try count("parallels"),
            try count("variables"),
            .text(try source(fields)),
            row?[WorkflowColumn.firstPosition] ?? .int(event.position.rawValue),
            .int(event.position.rawValue),
            row?[WorkflowColumn.importedAt] ?? recorded,
            recorded,
        ])
    }

    private static let sealed = "sealed"
    private static let gone = "erased"

    /// The file's name is personal: a view that may not know it says so.
    private static func source(_ fields: PayloadFields) throws(ProjectionFault.Reason) -> String {
        if let value = fields["source"], value.isHidden { return value.erasedSubject == nil ? sealed : gone }
        return try fields.text("source")
    }

    /// An erasure destroys keys and changes no event: what the name was sealed with is gone when the stream says so. Whoever imports the workflow
    /// anew brings a name that is sealed with another key. A record that cannot be read was not written by an erasure.
    private static func erased(_ row: Row?, by event: RecordedEvent) -> Row? {
        guard let row, row[.source] == .text(sealed), case .erased(let erasure)? = try? SubjectEvent(event),
            erasure.subject == .workspace(event.workspace)
        else { return row }
        var values = row.values
        func set(_ column: WorkflowColumn, _ value: ColumnValue) { values[column.rawValue] = value }
        set(.source, .text(gone))
        set(.lastPosition, .int(event.position.rawValue))
        set(.updatedAt, .timestamp(event.recordedAt))
        return Row(values)
    }

    private static func edited(
        _ row: Row, by event: RecordedEvent, _ fields: PayloadFields
    ) throws(ProjectionFault.Reason) -> Row {
        var values = row.values
        func set(_ column: WorkflowColumn, _ value: ColumnValue) { values[column.rawValue] = value }
        if event.type == renamed || event.type == replaced { set(.name, ColumnValue(try fields.optionalText("name"))) }
        if event.type == replaced {
            set(.description, ColumnValue(fields["definition", "metadata", "description"]?.string))
        }
        set(.digest, .text(try fields.text("digest")))
        set(.revision, .int(try fields.count("revision")))
        set(.blocks, .int(try fields.count("blocks", in: "counts")))
        set(.edges, .int(try fields.count("edges", in: "counts")))
        set(.loops, .int(try fields.count("loops", in: "counts")))
        set(.parallels, .int(try fields.count("parallels", in: "counts")))
        set(.variables, .int(try fields.count("variables", in: "counts")))
        set(.lastPosition, .int(event.position.rawValue))
        set(.updatedAt, .timestamp(event.recordedAt))
        return Row(values)
    }
}

/// The columns of `workflows`, in the order of the table.
enum WorkflowColumn: Int, CaseIterable {
    case workspace, workflowID, name, description, format, digest, revision
    case blocks, edges, loops, parallels, variables
    case source, firstPosition, lastPosition, importedAt, updatedAt

    static let table = TableDefinition(
        name: "workflows", version: 2, documentation: "One row per workflow, as its latest revision says.",
        keyColumns: 2,
        columns: [
            .required("workspace", .text, "The tenant."),
            .required("workflow_id", .text, "The workflow: the sync key of its stream."),
            .optional("name", .text, "What people call it; null when the file does not say."),
            .optional("description", .text, "What it is for; null when the file does not say."),
            .required("format", .text, "The format of the file that the latest import came from."),
            .required(
                "digest", .text, "SHA-256 of the canonical definition, hexadecimal: equal digests, equal workflows."),
            .required("revision", .int, "1 for the import, one more for each change."),
            .required("blocks", .int, "Number of blocks."),
            .required("edges", .int, "Number of edges."),
            .required("loops", .int, "Number of loops."),
            .required("parallels", .int, "Number of parallels."),
            .required("variables", .int, "Number of variables."),
            .required(
                "source", .text,
                "Base name of the file that the latest import came from; `sealed` where it is personal data, which this view may not know, and "
                    + "`erased` from the `subject.erased` of the workspace on until the workflow is imported anew."
            ),
            .required("first_position", .int, "Log position of the first event of the workflow."),
            .required("last_position", .int, "Log position of the event that made the row what it is."),
            .required("imported_at", .timestamp, "When the first event was recorded, by the database's clock."),
            .required("updated_at", .timestamp, "When the latest event was recorded, by the database's clock."),
        ])
}

extension Row {
    subscript(_ column: WorkflowColumn) -> ColumnValue { values[column.rawValue] }
}
