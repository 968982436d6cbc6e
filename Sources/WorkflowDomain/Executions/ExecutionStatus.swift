/// Where an execution is, in words that fit every engine.
public enum ExecutionStatus: String, Sendable, CaseIterable {
    /// Accepted, nothing has run yet.
    case queued
    /// At work.
    case running
    /// Waits for a person or for a time, as its workflow says.
    case waiting
    /// Stands still against its workflow's will until somebody acts: an attempt to resume it failed.
    case paused
    /// Ended as it should.
    case completed
    /// Ended by an error that nothing handled.
    case failed
    /// Ended because somebody said so.
    case cancelled

    /// Whether it has ended.
    public var isTerminal: Bool {
        switch self {
        case .completed, .failed, .cancelled: true
        case .queued, .running, .waiting, .paused: false
        }
    }
}

/// What an execution waits for.
public enum WaitKind: String, Sendable, CaseIterable {
    /// A person's answer.
    case human
    /// A moment.
    case time
}
