import EventModel

/// Something new about an execution, and where that leaves it.
///
/// An event is a report that added something, with what the decision made of it: ``standing`` after it and the ``change`` of the
/// visit. So read models need no more than the event, and the report can be read again as it was.
public struct ExecutionEvent: Equatable, Sendable {
    /// What was reported.
    public let report: ExecutionReport
    /// The mapping that holds for the execution from here on: only in its first `started`, and only when a mapping was active.
    public let pin: MappingPin?
    /// Whether nobody said it: a `started` that another report implies. Its report is then that one's frame without contents.
    public let isImplied: Bool
    /// Where the execution stands after the event.
    public let standing: ExecutionStanding
    /// What became of the visit; `nil` when the event is about no block.
    public let change: VisitChange?

    init(
        report: ExecutionReport, pin: MappingPin?, isImplied: Bool, standing: ExecutionStanding, change: VisitChange?
    ) {
        self.report = report
        self.pin = pin
        self.isImplied = isImplied
        self.standing = standing
        self.change = change
    }
}

/// The stored names of an execution's events.
public enum ExecutionEventType: String, Sendable, CaseIterable {
    /// ``ExecutionFact/started(_:)``
    case started
    /// ``ExecutionFact/blockStarted(_:)``
    case blockStarted = "block_started"
    /// ``ExecutionFact/blockCompleted(_:)``
    case blockCompleted = "block_completed"
    /// ``ExecutionFact/blockFailed(_:handled:)``
    case blockFailed = "block_failed"
    /// ``ExecutionFact/blockSkipped(_:)``
    case blockSkipped = "block_skipped"
    /// ``ExecutionFact/childWorkflowStarted(_:)``
    case childWorkflowStarted = "child_workflow_started"
    /// ``ExecutionFact/waitStarted(_:)``
    case waitStarted = "wait_started"
    /// ``ExecutionFact/resumed(context:)``
    case resumed
    /// ``ExecutionFact/paused``
    case paused
    /// ``ExecutionFact/completed``
    case completed
    /// ``ExecutionFact/failed(code:)``
    case failed
    /// ``ExecutionFact/cancelled``
    case cancelled
    /// ``ExecutionFact/noted(_:)``
    case noted

    /// The version of the schema of what is written.
    public static let schemaVersion: Int32 = 1

    /// `workflow_execution.<name>`
    public var type: EventType { EventType(trusting: "\(ExecutionID.category).\(rawValue)") }

    /// The name of a stored type; `nil` when it is not an event of an execution.
    public init?(_ type: EventType) {
        let prefix = ExecutionID.category + "."
        guard type.rawValue.hasPrefix(prefix) else { return nil }
        self.init(rawValue: String(type.rawValue.dropFirst(prefix.count)))
    }

    init(of fact: ExecutionFact) {
        switch fact {
        case .started: self = .started
        case .blockStarted: self = .blockStarted
        case .blockCompleted: self = .blockCompleted
        case .blockFailed: self = .blockFailed
        case .blockSkipped: self = .blockSkipped
        case .childWorkflowStarted: self = .childWorkflowStarted
        case .waitStarted: self = .waitStarted
        case .resumed: self = .resumed
        case .paused: self = .paused
        case .completed: self = .completed
        case .failed: self = .failed
        case .cancelled: self = .cancelled
        case .noted: self = .noted
        }
    }
}

extension ExecutionEvent: DomainEvent {
    /// `workflow_execution`
    public static let category = ExecutionID.category

    /// The members that hold what people and programs said, in every event.
    public static let personalMembers = ["input", "output", "error", "rest"]

    /// ``personalMembers`` of every type.
    public static let personalMarks = ExecutionEventType.allCases.flatMap { type in
        personalMembers.map { member in
            PersonalMark(
                type.type, version: ExecutionEventType.schemaVersion, at: [.key(member)], of: .member("subject"))
        }
    }

    /// The stored type.
    public var type: EventType { ExecutionEventType(of: report.fact).type }

    /// 1
    public var schemaVersion: Int32 { ExecutionEventType.schemaVersion }
}
