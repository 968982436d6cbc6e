import EventModel
import EventSourcing
import FoundationEssentials
import WorkflowDomain

/// Makes the content of files facts of the log.
///
/// Importing is idempotent by content: a workflow that is in the log as it is in the file appends nothing. An import that is killed and
/// repeated cannot append twice either, because each append expects the version that it was decided against.
public struct WorkflowImporter<Store: EventStore>: Sendable {
    private let handler: CommandHandler<WorkflowDecider, Store>
    private let actor: String?
    private let time: any Timekeeper

    /// An importer into `workspace`.
    ///
    /// - Parameter actor: who imports, as it is recorded; 1 to 200 bytes.
    public init(
        into store: Store, workspace: Workspace = .default, actor: String? = nil, limits: ImportLimits = ImportLimits(),
        time: any Timekeeper = SystemTimekeeper(), random: any RandomSource = SystemRandomSource()
    ) {
        // Whole definitions are large, and an import rarely meets a stream twice: nothing is remembered.
        handler = CommandHandler(
            store, workspace: workspace,
            limits: CommandLimits(
                decisions: limits.attempts, storeAttempts: limits.attempts, cachedStreams: 0, cachedBytes: 0),
            time: time, random: random)
        self.actor = actor
        self.time = time
    }

    /// Imports a workflow that has been read from a file.
    ///
    /// - Throws: ``ImportError``; nothing was appended then, except after an unknown outcome that retrying did not clear up, when a
    ///   repetition of the import tells.
    public func run(_ reading: WorkflowReading) async throws(ImportError) -> WorkflowImport {
        let stream = try Self.stream(of: reading)
        let context = CommandContext(
            id: ImportCommandID.derived(of: reading, into: handler.workspace, stream), time: time.now(), actor: actor)
        do throws(CommandError<WorkflowDecider.Rejection>) {
            return WorkflowImport(
                try await handler.handle(StreamCommand(reading.command, to: stream, context)), of: reading, in: stream)
        } catch {
            throw ImportError(error)
        }
    }

    private static func stream(of reading: WorkflowReading) throws(ImportError) -> StreamName {
        do throws(NameFlaw) {
            return try StreamName(category: Category(WorkflowEvent.category), key: reading.id.text)
        } catch {
            throw .name(error)
        }
    }
}

extension ImportError {
    fileprivate init(_ error: CommandError<WorkflowDecider.Rejection>) {
        switch error {
        case .rejected(let rejection): self = .rejected(rejection)
        case .unreadable(let stream, let version, let flaw):
            self = .unreadableEvent(stream: stream, version: version, flaw)
        case .contended(let stream, let attempts): self = .contended(stream: stream, attempts: attempts)
        case .store(let fault): self = .store(fault)
        }
    }
}
