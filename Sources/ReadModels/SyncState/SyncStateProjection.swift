import EventModel

/// One row per execution: how both sides of it stand now. Facts only; whether they have diverged is for a policy to say.
///
/// Both sides have the same sync key, so they come in one order and in one lane. Each side is folded by the fold of its own read model,
/// `executions` or `sessions`: where the columns are the same, the values are.
public struct SyncStateProjection: Projection {
    private static let erased = EventType(trusting: "subject.erased")

    /// `sync_state`
    public let name = "sync_state"
    /// The generation of the fold and its table.
    public let version = 1
    /// Which events it folds.
    public let interest = EventInterest.types(Set(SyncSide.allCases.flatMap(\.types) + [erased]))
    /// Where its rows are kept.
    public let table = SyncStateColumn.table

    /// The projection `sync_state`.
    public init() {}

    /// The workspace and the execution's id, which is the sync key of both streams; none for erasures in other streams.
    public func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? {
        guard SyncSide(event.category) != nil else { return nil }
        return RowKey([.text(event.workspace.rawValue), .text(event.syncKey)])
    }

    /// The row as the event leaves the two sides.
    public func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        guard let side = SyncSide(event.category) else { return row }
        do throws(ProjectionFault.Reason) {
            let known = row.flatMap { $0[side.columns.seen] == .bool(true) ? $0 : nil }
            guard let half = try Self.half(side, known, event) else { return row }
            var next = row ?? Self.first(event)
            side.shared.take(from: half, into: &next)
            if event.type == SessionsProjection.bound { try Self.bind(&next, event) }
            Self.settle(&next, side, event, before: known)
            return next
        } catch {
            throw ProjectionFault(error, in: self, at: event)
        }
    }

    private static func half(
        _ side: SyncSide, _ known: Row?, _ event: RecordedEvent
    ) throws(ProjectionFault.Reason) -> Row? {
        do throws(ProjectionFault) { return try side.fold(known, event) } catch { throw error.reason }
    }

    /// The row of an execution of which neither side was seen.
    private static func first(_ event: RecordedEvent) -> Row {
        var row = Row(Array(repeating: .null, count: SyncStateColumn.allCases.count))
        row[SyncStateColumn.workspace] = .text(event.workspace.rawValue)
        row[SyncStateColumn.executionID] = .text(event.syncKey)
        for column in [
            SyncStateColumn.workflowSeen, .journeySeen, .workflowOver, .journeyOver, .sessionBound,
        ] { row[column] = .bool(false) }
        row[SyncStateColumn.firstPosition] = .int(event.position.rawValue)
        return row
    }

    /// A binding may name the mapping by which the session walks.
    private static func bind(_ row: inout Row, _ event: RecordedEvent) throws(ProjectionFault.Reason) {
        let fields = try PayloadFields([["mapping", "id"], ["mapping", "version"]], of: event)
        row[SyncStateColumn.sessionBound] = .bool(true)
        guard let mapping = fields["mapping", "id"]?.string else { return }
        row[SyncStateColumn.journeyMappingID] = .text(mapping)
        row[SyncStateColumn.journeyMappingVersion] = ColumnValue(fields["mapping", "version"]?.int.map(Int64.init))
    }

    /// What follows from the columns of the side, and from the event being one of its own.
    private static func settle(_ row: inout Row, _ side: SyncSide, _ event: RecordedEvent, before: Row?) {
        let recorded = ColumnValue.timestamp(event.recordedAt)
        let stands = side.standing.allSatisfy { before?[$0] == row[$0] }
        if !stands { row[side.columns.since] = recorded }
        row[side.columns.seen] = .bool(true)
        row[side.columns.over] = .bool(side.isOver(row))
        if event.type == erased {
            row[SyncStateColumn.erasedAt] = recorded
        } else {
            row[SyncStateColumn.movedLast] = .text(side.rawValue)
        }
        row[SyncStateColumn.lastPosition] = .int(event.position.rawValue)
        row[SyncStateColumn.updatedAt] = recorded
    }
}
