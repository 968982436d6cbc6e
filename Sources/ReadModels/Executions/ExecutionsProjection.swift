import EventModel

/// One row per execution: where it stands, what it waits for, and how far its blocks have come.
///
/// Every event of an execution says where it stands afterwards, so a row takes most of its columns from the latest event. Nothing
/// personal is read.
public struct ExecutionsProjection: Projection {
    /// The newest schema version of the events that this fold knows.
    static let newestSchema: Int32 = 1
    static let started = EventType(trusting: "workflow_execution.started")
    static let erased = EventType(trusting: "subject.erased")
    static let category = "workflow_execution"
    /// Every type of an execution's own events.
    static let types = names.map { EventType(trusting: "\(category).\($0)") }
    private static let names = [
        "started", "block_started", "block_completed", "block_failed", "block_skipped", "child_workflow_started",
        "wait_started", "resumed", "paused", "completed", "failed", "cancelled", "noted",
    ]

    /// `executions`
    public let name = "executions"
    /// The generation of the fold and its table.
    public let version = 1
    /// Which events it folds.
    public let interest = EventInterest.types(Set(types + [erased]))
    /// Where its rows are kept.
    public let table = ExecutionColumn.table

    /// The projection `executions`.
    public init() {}

    /// The workspace and the execution's id, which is the sync key of its stream; none for erasures in other streams.
    public func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? {
        guard event.category.rawValue == Self.category else { return nil }
        return RowKey([.text(event.workspace.rawValue), .text(event.syncKey)])
    }

    /// The row as the event leaves the execution.
    public func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        do throws(ProjectionFault.Reason) {
            if event.type == Self.erased { return Self.erased(row, by: event) }
            guard event.schemaVersion <= Self.newestSchema else {
                throw .unknownSchema(version: event.schemaVersion, newest: Self.newestSchema)
            }
            return try Self.row(after: event, replacing: row)
        } catch {
            throw ProjectionFault(error, in: self, at: event)
        }
    }

    /// What was erased was never here; that it was is.
    private static func erased(_ row: Row?, by event: RecordedEvent) -> Row? {
        guard var row else { return nil }
        row[ExecutionColumn.erasedAt] = .timestamp(event.recordedAt)
        row[ExecutionColumn.lastPosition] = .int(event.position.rawValue)
        row[ExecutionColumn.updatedAt] = .timestamp(event.recordedAt)
        return row
    }

    private static let paths: [PayloadFields.Path] = [
        ["workflow"], ["definition", "digest"], ["definition", "revision"], ["mapping", "id"], ["mapping", "version"],
        ["trigger"], ["standing"], ["visit"], ["own"], ["change", "after"],
    ]

    private static func row(
        after event: RecordedEvent, replacing row: Row?
    ) throws(ProjectionFault.Reason) -> Row {
        let fields = try PayloadFields(paths, of: event)
        let standing = try StandingFields(fields["standing"])
        let known = KnownOnce(row)
        let recorded = ColumnValue.timestamp(event.recordedAt)
        return Row(
            [
                .text(event.workspace.rawValue), .text(event.syncKey),
                known.first(.workflowID, try fields.optionalText("workflow")),
                known.least(.definitionDigest, fields["definition", "digest"]?.string),
                known.least(.definitionRevision, fields["definition", "revision"]?.string),
                known.first(.mappingID, fields["mapping", "id"]?.string),
                known.first(.mappingVersion, fields["mapping", "version"]?.int),
                .text(try standing.text("status")), try standing.optionalText("word"),
                known.least(.trigger, try triggerOf(event, fields)),
                try standing.time("startedAt"), try standing.time("endedAt"), try standing.optionalText("code"),
                try standing.optionalText("wait", "kind"), try standing.optionalText("wait", "context"),
                try standing.time("wait", "resumeAt"), try standing.optionalText("wait", "blockedOn"),
            ] + (try visits(standing)) + [
                .json(try current(fields, of: row)),
                row?[ExecutionColumn.firstPosition] ?? .int(event.position.rawValue), .int(event.position.rawValue),
                row?[ExecutionColumn.erasedAt] ?? .null, recorded,
            ])
    }

    private static func triggerOf(
        _ event: RecordedEvent, _ fields: PayloadFields
    ) throws(ProjectionFault.Reason) -> String? {
        event.type == started ? try fields.optionalText("trigger") : nil
    }

    private static func visits(_ standing: StandingFields) throws(ProjectionFault.Reason) -> [ColumnValue] {
        let running = try standing.count("visits", "running")
        let completed = try standing.count("visits", "completed")
        let failed = try standing.count("visits", "failed")
        return [
            .int(running + completed + failed), .int(running), .int(completed), .int(failed),
            .int(try standing.count("visits", "skipped")), .int(try standing.count("visits", "contradictions")),
        ]
    }

    private static func current(_ fields: PayloadFields, of row: Row?) throws(ProjectionFault.Reason) -> [UInt8] {
        let before = CurrentVisits(row?[ExecutionColumn.currentVisits])
        guard let visit = try fields.optionalText("visit"), fields["own"]?.bool == true else { return before.bytes }
        guard let after = fields["change", "after"]?.string else { throw .missingField("change.after") }
        return before.changed(visit, isRunning: after == "started").bytes
    }
}
