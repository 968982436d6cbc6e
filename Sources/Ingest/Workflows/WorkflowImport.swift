import EventModel
import EventSourcing
import JourneyDomain
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
    /// What became of the file's own bytes.
    public let original: OriginalOutcome

    init(_ handled: HandledCommand<WorkflowDecider>, of reading: WorkflowReading, in stream: StreamName) {
        let events = handled.outcome.events
        if events.isEmpty {
            outcome = .unchanged
        } else if case .imported = events[0] {
            outcome = .imported
        } else {
            outcome = .revised
        }
        self.reading = reading
        self.stream = stream
        version = handled.version ?? StreamVersion(1)
        position = handled.position ?? .start
        original = OriginalOutcome(events)
    }
}

/// What became of the bytes of an imported file.
public enum OriginalOutcome: Sendable, Equatable {
    /// They are in the log, sealed where values are: with the import, or in so many events behind it.
    case kept(parts: Int)
    /// They are more than one append takes, so only their digest is kept.
    case digestOnly(bytes: Int, limit: Int)
    /// The content was there already, so there was nothing to keep.
    case notAgain

    init(_ events: [WorkflowEvent]) {
        var original: OriginalFile?
        for event in events {
            switch event {
            case .imported(let event): original = event.content.original
            case .revised(let event): original = event.content.original
            case .originalKept, .edited, .replaced, .published, .unpublished, .archived, .restored: break
            }
        }
        switch original?.place {
        case .here: self = .kept(parts: 0)
        case .parts(let count): self = .kept(parts: count)
        case .nowhere: self = .digestOnly(bytes: original?.bytes ?? 0, limit: OriginalLimits.fileBytes)
        case nil: self = .notAgain
        }
    }

    init(_ events: [JourneyEvent]) {
        var outcome = OriginalOutcome.notAgain
        for event in events {
            switch event {
            case .originalKept(let original):
                outcome =
                    original.part.map { .kept(parts: $0.count) }
                    ?? .digestOnly(bytes: original.bytes, limit: OriginalLimits.fileBytes)
            case .created, .revised, .renamed, .archived, .restored: break
            }
        }
        self = outcome
    }

    /// What a person should know of it; `nil` when the bytes are kept, or were before.
    public var remark: String? {
        guard case .digestOnly(let bytes, let limit) = self else { return nil }
        return "its \(bytes) bytes are more than the \(limit) that are kept; their digest is"
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
    /// Another file of the same import has the same id.
    case sameID(WorkflowID, as: String)
    /// One id was chosen for several workflows.
    case idForSeveral(count: Int)
    /// The domain refuses it.
    case rejected(WorkflowDecider.Rejection)
    /// The workflow's id makes no stream name.
    case name(NameFlaw)
    /// The stream holds an event that this version of Lockstep cannot read.
    case unreadableEvent(stream: StreamName, version: StreamVersion, EventFlaw)
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
        case .sameID(let id, let first):
            "it would be \(id), as \(first) is; import it alone and choose another id with --id"
        case .idForSeveral(let count): "the archive has \(count) workflows, and --id names one; import the file alone"
        case .rejected(let rejection): rejection.description
        case .name(let flaw): "\(flaw.description); choose another id with --id"
        case .unreadableEvent(let stream, let version, _):
            "version \(version) of \(stream) was not written by this version of Lockstep; install the version that wrote it"
        case .contended(let stream, let attempts):
            "others wrote to \(stream) during all \(attempts) attempts; import it again"
        case .store(let error): error.description
        }
    }
}
