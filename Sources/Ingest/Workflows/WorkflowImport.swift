import EventModel
import EventSourcing
import WorkflowDomain

/// What became of importing one workflow.
public struct WorkflowImport: Sendable, Equatable {
    /// What was done.
    public enum Outcome: String, Sendable {
        /// The log did not know the workflow.
        case imported
        /// The log knew another definition.
        case revised
        /// The log holds this definition already; nothing was appended.
        case unchanged
    }

    /// What was done.
    public let outcome: Outcome
    /// What was read from the file.
    public let reading: WorkflowReading
    /// The workflow's stream.
    public let stream: StreamName
    /// The stream's version now.
    public let version: StreamVersion
    /// The position of the stream's last event now.
    public let position: GlobalPosition

    init(
        _ reading: WorkflowReading, _ outcome: Outcome, stream: StreamName, version: StreamVersion?,
        position: GlobalPosition?
    ) {
        self.reading = reading
        self.outcome = outcome
        self.stream = stream
        self.version = version ?? StreamVersion(1)
        self.position = position ?? .start
    }
}

/// How often an import tries.
public struct ImportLimits: Sendable, Hashable {
    /// Tries of one call of the store, and decisions of one import when others keep writing to the same stream.
    public var attempts: Int

    /// Limits; 8 attempts by default.
    public init(attempts: Int = 8) {
        precondition(attempts > 0, "an import needs at least one attempt")
        self.attempts = attempts
    }
}

/// Why a workflow was not imported.
public enum ImportError: Error, Sendable, Equatable {
    /// The file cannot be read.
    case file(FileFlaw)
    /// The file is not a workflow.
    case format(WorkflowFormatError)
    /// The domain refuses it.
    case rejected(WorkflowDecider.Rejection)
    /// The workflow's id makes no stream name.
    case name(NameFlaw)
    /// The stream holds an event that this version of Lockstep cannot read.
    case unreadableEvent(stream: StreamName, version: StreamVersion, WorkflowEventFlaw)
    /// Others kept writing to the stream; nothing was appended.
    case contended(stream: StreamName, attempts: Int)
    /// The log failed.
    case store(StoreError)
}

extension ImportError: CustomStringConvertible {
    /// What is wrong and what to do; one line for each problem of a file.
    public var description: String {
        switch self {
        case .file(let flaw): flaw.description
        case .format(let error): error.description
        case .rejected(.digestMismatch(let claimed, let actual)):
            "the content has digest \(actual), not \(claimed); import the file again"
        case .rejected(.definitionTooLarge(let bytes, let limit)):
            "the workflow has \(bytes) bytes, and an event holds at most \(limit); split it with a workflow block"
        case .name(let flaw): "\(flaw.description); choose another id with --id"
        case .unreadableEvent(let stream, let version, _):
            "version \(version) of \(stream) was not written by this version of Lockstep; install the version that wrote it"
        case .contended(let stream, let attempts):
            "others wrote to \(stream) during all \(attempts) attempts; import it again"
        case .store(let error): error.description
        }
    }
}
