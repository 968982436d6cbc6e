import EventModel
import EventSourcing
import FoundationEssentials
import JourneyDomain

/// Makes journeys from files facts of the log. Importing is idempotent by content, as it is for workflows.
public struct JourneyImporter<Store: EventStore>: Sendable {
    private let handler: CommandHandler<JourneyDecider, Store>
    private let actor: String?
    private let time: any Timekeeper

    /// An importer into `workspace`.
    ///
    /// - Parameter actor: who imports, as it is recorded; 1 to 200 bytes.
    public init(
        into store: Store, workspace: Workspace = .default, actor: String? = nil,
        limits: CommandLimits = CommandLimits(),
        time: any Timekeeper = SystemTimekeeper(), random: any RandomSource = SystemRandomSource()
    ) {
        handler = CommandHandler(store, workspace: workspace, limits: limits, time: time, random: random)
        self.actor = actor
        self.time = time
    }

    /// Imports a journey that has been read from a file.
    ///
    /// - Throws: ``JourneyImportError``; nothing was appended then, except after an unknown outcome that trying again did not clear up,
    ///   when a repetition of the import tells.
    public func run(_ reading: JourneyReading) async throws(JourneyImportError) -> JourneyImport {
        let stream: StreamName
        do throws(NameFlaw) {
            stream = try StreamName(category: Category(JourneyEvent.category), key: reading.id.text)
        } catch {
            throw .name(error)
        }
        let id = TimeOrderedID.derived(
            from: Self.namespace,
            name: [
                handler.workspace.rawValue, stream.rawValue, reading.digest.hexadecimal, reading.format.rawValue,
                ContentDigest(of: reading.original ?? []).hexadecimal, reading.sourceName,
            ].joined(separator: "\u{0}"),
            index: 0, at: Timestamp(microseconds: 0))
        let context = CommandContext(id: id, time: time.now(), actor: actor)
        do throws(CommandError<JourneyDecider.Rejection>) {
            let handled = try await handler.handle(StreamCommand(reading.command, to: stream, context))
            return JourneyImport(handled, of: reading, in: stream)
        } catch {
            throw .command(error)
        }
    }

    /// Tells ids of imports from all others that are derived from names.
    private static var namespace: UUID {
        UUID(uuid: (0x6c, 0x6f, 0x63, 0x6b, 0x73, 0x74, 0x65, 0x70, 0x80, 0, 0, 0, 0, 0, 0, 2))
    }
}

/// What became of importing one journey.
public struct JourneyImport: Sendable {
    /// What was done.
    public enum Outcome: String, Sendable {
        /// The log did not know the journey.
        case imported
        /// The log knew another definition.
        case revised
        /// The log holds this definition already; nothing was appended.
        case unchanged
    }

    /// What was done.
    public let outcome: Outcome
    /// What was read from the file.
    public let reading: JourneyReading
    /// The journey's stream.
    public let stream: StreamName
    /// The stream's version now.
    public let version: StreamVersion
    /// The position of the stream's last event now.
    public let position: GlobalPosition
    /// What became of the file's own bytes.
    public let original: OriginalOutcome

    init(_ handled: HandledCommand<JourneyDecider>, of reading: JourneyReading, in stream: StreamName) {
        outcome =
            switch handled.outcome.events.first {
            case nil: .unchanged
            case .created: .imported
            case .revised, .originalKept, .renamed, .archived, .restored: .revised
            }
        self.reading = reading
        self.stream = stream
        version = handled.version ?? StreamVersion(1)
        position = handled.position ?? .start
        original = OriginalOutcome(handled.outcome.events)
    }
}

/// Why a journey was not imported.
public enum JourneyImportError: Error, Sendable {
    /// The file cannot be read.
    case file(FileFlaw)
    /// The file is not a journey.
    case format(JourneyFormatError)
    /// Another file of the same import has the same id.
    case sameID(JourneyID, as: String)
    /// The journey's id makes no stream name.
    case name(NameFlaw)
    /// The domain refuses it, or the log failed.
    case command(CommandError<JourneyDecider.Rejection>)
}

extension JourneyImportError: CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .file(let flaw): flaw.description
        case .format(let error): error.description
        case .sameID(let id, let first):
            "it would be \(id.text), as \(first) is; import it alone and choose another id with --id"
        case .name(let flaw): "\(flaw.description); choose another id with --id"
        case .command(let error): error.description
        }
    }
}
