import EventModel
import EventSourcing

/// Who looks at the executions of jobs, and puts into words what that has come to.
public protocol JobDesk: Sendable {
    /// Looks at an execution and records what follows, in the name of whoever asked for the job. Looking again decides nothing twice.
    func look(at key: ExecutionKey, for job: ReconcilingJob) async throws(DeskFault) -> JobLook

    /// What there is to say of an execution that could not be looked at: one JSON value.
    func line(about fault: DeskFault, at key: ExecutionKey) -> [UInt8]
}

/// What a look has come to.
public struct JobLook: Sendable, Hashable {
    /// In one word.
    public let outcome: LookOutcome
    /// Decisions that were recorded.
    public let resolutions: Int
    /// Effects that were requested.
    public let effects: Int
    /// What there is to say, one JSON value; `nil` for nothing.
    public let line: [UInt8]?
    /// What is to be remembered of it; `nil` for nothing.
    public let note: ComparisonNote?

    /// A look by its parts.
    public init(
        _ outcome: LookOutcome, resolutions: Int = 0, effects: Int = 0, line: [UInt8]? = nil,
        note: ComparisonNote? = nil
    ) {
        self.outcome = outcome
        self.resolutions = resolutions
        self.effects = effects
        self.line = line
        self.note = note
    }
}
