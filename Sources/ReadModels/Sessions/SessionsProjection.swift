import EventModel

/// One row per stream of a session: a conversation, or the journey's side of an execution; where it stands and how it went.
///
/// What people and tools said is not read. A conversation that walks for an execution has a row of its own, and the execution has one.
public struct SessionsProjection: Projection {
    /// The newest schema version of the events that this fold knows.
    static let newestSchema: Int32 = 1
    static let erased = EventType(trusting: "subject.erased")
    static let conversation = "parlant_session"
    static let execution = "journey_session"
    static let bound = EventType(trusting: "\(execution).bound")

    /// `sessions`
    public let name = "sessions"
    /// The generation of the fold and its table: since 2 an execution's session knows what was asked and answered before it was bound.
    public let version = 2
    /// Which events it folds.
    public let interest = EventInterest.types(Set(types(of: conversation) + types(of: execution) + [erased]))
    /// Where its rows are kept.
    public let table = SessionColumn.table

    /// The projection `sessions`.
    public init() {}

    /// Every type of the own events of a session's stream.
    static func types(of category: String) -> [EventType] {
        SessionEventName.allCases.map { EventType(trusting: "\(category).\($0.rawValue)") }
    }

    /// The workspace, the category and the sync key of the stream; none for erasures in other streams.
    public func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? {
        let category = event.category.rawValue
        guard category == Self.conversation || category == Self.execution else { return nil }
        return RowKey([.text(event.workspace.rawValue), .text(category), .text(event.syncKey)])
    }

    /// The row as the event leaves the session.
    public func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        do throws(ProjectionFault.Reason) {
            if event.type == Self.erased { return Self.erased(row, by: event) }
            guard event.schemaVersion <= Self.newestSchema else {
                throw .unknownSchema(version: event.schemaVersion, newest: Self.newestSchema)
            }
            var session = SessionRow(row, event)
            try session.take(event)
            return session.row
        } catch {
            throw ProjectionFault(error, in: self, at: event)
        }
    }

    /// What was erased was never here; that it was is.
    private static func erased(_ row: Row?, by event: RecordedEvent) -> Row? {
        guard var row else { return nil }
        row[SessionColumn.erasedAt] = .timestamp(event.recordedAt)
        row[SessionColumn.lastPosition] = .int(event.position.rawValue)
        row[SessionColumn.updatedAt] = .timestamp(event.recordedAt)
        return row
    }
}

/// The second half of the types of a session's events.
enum SessionEventName: String, CaseIterable {
    case described, bound
    case messagePosted = "message_posted"
    case toolCalled = "tool_called"
    case inputCollected = "input_collected"
    case customPosted = "custom_posted"
    case statusReported = "status_reported"
    case eventReported = "event_reported"
    case eventAmended = "event_amended"
    case pathsReported = "paths_reported"
    case journeyRenumbered = "journey_renumbered"
    case turnCompleted = "turn_completed"
    case turnFailed = "turn_failed"
    case turnCancelled = "turn_cancelled"
    case stateEntered = "state_entered"
    case stateLeft = "state_left"
    case rewound
    case modeChanged = "mode_changed"
    case closed

    /// The name in a type that the projection is interested in.
    init?(_ type: EventType) {
        guard let dot = type.rawValue.firstIndex(of: ".") else { return nil }
        self.init(rawValue: String(type.rawValue[type.rawValue.index(after: dot)...]))
    }
}
