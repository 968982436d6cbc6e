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

    private static func row(
        after event: RecordedEvent, replacing row: Row?
    ) throws(ProjectionFault.Reason) -> Row {
        let fields = try ExecutionFields(of: event)
        let known = KnownOnce(row)
        var values: [ColumnValue] = []
        values.reserveCapacity(ExecutionColumn.allCases.count)
        values += [
            .text(event.workspace.rawValue), .text(event.syncKey),
            known.first(.workflowID, try fields.optionalText(.workflow)),
            known.least(.definitionDigest, fields[.definitionDigest]?.string),
            known.least(.definitionRevision, fields[.definitionRevision]?.string),
            known.first(.mappingID, fields[.mappingID]?.string),
            known.first(.mappingVersion, fields[.mappingVersion]?.int),
            .text(try fields.text(.status)), ColumnValue(try fields.optionalText(.word)),
            known.least(.trigger, event.type == started ? try fields.optionalText(.trigger) : nil),
            try fields.time(.startedAt), try fields.time(.endedAt), ColumnValue(try fields.optionalText(.code)),
            ColumnValue(try fields.optionalText(.waitKind)), ColumnValue(try fields.optionalText(.waitContext)),
            try fields.time(.resumeAt), ColumnValue(try fields.optionalText(.blockedOn)),
        ]
        try appendVisits(of: fields, to: &values)
        values += [
            .json(try current(fields, of: row)),
            row?[ExecutionColumn.firstPosition] ?? .int(event.position.rawValue), .int(event.position.rawValue),
            row?[ExecutionColumn.erasedAt] ?? .null, .timestamp(event.recordedAt),
        ]
        return Row(values)
    }

    private static func appendVisits(
        of fields: ExecutionFields, to values: inout [ColumnValue]
    ) throws(ProjectionFault.Reason) {
        let running = try fields.count(.running)
        let completed = try fields.count(.completed)
        let failed = try fields.count(.failed)
        values += [
            .int(running + completed + failed), .int(running), .int(completed), .int(failed),
            .int(try fields.count(.skipped)), .int(try fields.count(.contradictions)),
        ]
    }

    private static func current(_ fields: ExecutionFields, of row: Row?) throws(ProjectionFault.Reason) -> [UInt8] {
        let before = CurrentVisits(row?[ExecutionColumn.currentVisits])
        guard let visit = try fields.optionalText(.visit), fields[.isOwn]?.bool == true else { return before.bytes }
        guard let after = fields[.after]?.string else { throw .missingField(ExecutionField.after.name) }
        return before.changed(visit, isRunning: after == "started").bytes
    }
}
