import EventModel

/// One of the two sides of an execution, and where its columns are.
enum SyncSide: String, CaseIterable {
    /// `workflow_execution-<id>`: folded as `executions` folds it.
    case workflow
    /// `journey_session-<id>`: folded as `sessions` folds it.
    case journey

    private static let executions = ExecutionsProjection()
    private static let sessions = SessionsProjection()
    /// The status in which a session has ended.
    private static let closed = ColumnValue.text("closed")
    /// The statuses in which an execution has ended.
    private static let ended: Set<ColumnValue> = [.text("completed"), .text("failed"), .text("cancelled")]

    /// The side that a stream of this category tells of.
    init?(_ category: Category) {
        switch category.rawValue {
        case ExecutionsProjection.category: self = .workflow
        case SessionsProjection.execution: self = .journey
        default: return nil
        }
    }

    /// Every type of its own events.
    var types: [EventType] {
        switch self {
        case .workflow: ExecutionsProjection.types
        case .journey: SessionsProjection.types(of: SessionsProjection.execution)
        }
    }

    /// The columns in which it says that it was seen, that it is over, and since when it stands as it does.
    var columns: (seen: SyncStateColumn, over: SyncStateColumn, since: SyncStateColumn) {
        switch self {
        case .workflow: (.workflowSeen, .workflowOver, .workflowSince)
        case .journey: (.journeySeen, .journeyOver, .journeySince)
        }
    }

    /// The columns that say how it stands.
    var standing: [SyncStateColumn] {
        switch self {
        case .workflow:
            [
                .workflowStatus, .workflowOriginalStatus, .workflowVisits, .workflowVisitsRunning, .workflowWaitingKind,
                .workflowBlockedOn, .workflowResumeAt, .workflowErrorCode,
            ]
        case .journey: [.sessionBound, .sessionID, .journeyStatus, .journeyClosedReason, .journeyStates, .journeyMode]
        }
    }

    func isOver(_ row: Row) -> Bool {
        switch self {
        case .workflow: Self.ended.contains(row[SyncStateColumn.workflowStatus])
        case .journey: row[SyncStateColumn.journeyStatus] == Self.closed
        }
    }

    /// What is shared with the read model of this side alone.
    var shared: SharedColumns {
        switch self {
        case .workflow: Self.sharedWithExecutions
        case .journey: Self.sharedWithSessions
        }
    }

    private static let sharedWithExecutions = SharedColumns([
        .mappingID: ExecutionColumn.mappingID, .mappingVersion: .mappingVersion, .workflowID: .workflowID,
        .workflowStatus: .status, .workflowOriginalStatus: .originalStatus, .workflowVisits: .currentVisits,
        .workflowVisitsRunning: .visitsRunning, .workflowWaitingKind: .waitingKind, .workflowBlockedOn: .blockedOn,
        .workflowResumeAt: .resumeAt, .workflowErrorCode: .errorCode, .workflowLastPosition: .lastPosition,
        .workflowUpdatedAt: .updatedAt,
    ])

    private static let sharedWithSessions = SharedColumns([
        .engine: SessionColumn.engine, .sessionID: .sessionID, .journeyStatus: .status,
        .journeyClosedReason: .closedReason, .journeyStates: .positions, .journeyMode: .mode,
        .journeyAskedOffset: .askedOffset, .journeyAnsweredOffset: .answeredOffset,
        .journeyLastPosition: .lastPosition, .journeyUpdatedAt: .updatedAt,
    ])

    /// The row of the read model of this side alone, after the event.
    ///
    /// - Parameter row: the row of both sides before it; `nil` while this side was not seen.
    func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        switch self {
        case .workflow:
            let empty = Row(Array(repeating: .null, count: ExecutionColumn.allCases.count))
            return try Self.executions.fold(row.map { shared.other(of: $0, onto: empty) }, event)
        case .journey:
            return try Self.sessions.fold(row.map { shared.other(of: $0, onto: SessionRow.first(event)) }, event)
        }
    }
}
