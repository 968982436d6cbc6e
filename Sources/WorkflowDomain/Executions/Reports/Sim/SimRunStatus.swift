/// Every status that Sim has for a run, on its run resources and in its logs.
///
/// The same run can read differently in both: an ordinary pause, for a person or a time, is stored as `pending`, and the run resource
/// shows it as `paused` with a pause beside it. `paused` without one, or with a reason why it does not go on, means that an attempt to
/// resume failed.
public enum SimRunStatus: String, Sendable, CaseIterable {
    /// Accepted; or, with a pause, waiting.
    case pending
    /// At work.
    case running
    /// An attempt to resume failed; or, on a run resource with a pause, waiting.
    case paused
    /// Done, while its output is being scrubbed of personal data. How it ended is not said yet.
    case redacting
    /// Ended well.
    case completed
    /// Ended with an error. The answer of a synchronous call that took too long says this, too, with HTTP 200.
    case failed
    /// Ended by somebody.
    case cancelled
    /// In the queue, to begin or to be resumed.
    case queued

    /// Our word for it, when no pause is shown beside it.
    public var status: ExecutionStatus {
        switch self {
        case .pending, .queued: .queued
        case .running, .redacting: .running
        case .paused: .paused
        case .completed: .completed
        case .failed: .failed
        case .cancelled: .cancelled
        }
    }

    /// Our word for it, when a pause is shown beside it.
    ///
    /// - Parameter isStuck: whether the pause says why it does not go on by itself.
    public func status(pausedStuck isStuck: Bool) -> ExecutionStatus {
        switch self {
        case .pending, .paused: isStuck ? .paused : .waiting
        case .queued: .queued
        case .running, .redacting: .running
        case .completed: .completed
        case .failed: .failed
        case .cancelled: .cancelled
        }
    }
}

/// Every status that Sim has for the resumption of one pause.
public enum SimResumeStatus: String, Sendable, CaseIterable {
    /// Not resumed yet.
    case paused
    /// Resumed.
    case resumed
    /// An attempt to resume failed.
    case failed
    /// The resumption is in the queue.
    case queued
    /// The resumption is under way.
    case resuming

    /// Our word for an execution of which this is the only pause.
    public var status: ExecutionStatus {
        switch self {
        case .paused: .waiting
        case .failed: .paused
        case .queued: .waiting
        case .resumed, .resuming: .running
        }
    }
}

/// Every status that Sim has for a block, in logs and spans.
public enum SimBlockStatus: String, Sendable, CaseIterable {
    /// Ended well.
    case success
    /// Ended with an error, handled or not.
    case error

    /// Our word for it.
    public var status: VisitStatus {
        switch self {
        case .success: .completed
        case .error: .failed
        }
    }
}
