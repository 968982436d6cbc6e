import Converting
import EventModel
import EventSourcing
import Ingest
import KafkaDriver
import KafkaPublishing
import Operations
import ParlantConnector
import PostgresDriver
import PostgresEventStore
import Projector
import ReadModels
import Reconciler

/// With which status the program ends.
enum ExitStatus: Int32, Sendable {
    /// Done.
    case done = 0
    /// The answer is no: a conflict, a failed verification, a refused file.
    case no = 1
    /// The command line or the configuration is not understood.
    case usage = 2
    /// The database or the broker is missing or not ready.
    case environment = 3
    /// A mistake in this program, or a log that contradicts itself.
    case `internal` = 4
}

/// Why a verb ends early: one sentence, and what to do next.
struct Failure: Error, Sendable, Equatable {
    var status: ExitStatus
    var error: String
    var hint: String

    init(_ status: ExitStatus, _ error: String, hint: String) {
        self.status = status
        self.error = error
        self.hint = hint
    }

    /// A description of ours: what is wrong, a semicolon, what to do.
    init(_ status: ExitStatus, describing description: String, otherwise hint: String) {
        let parts = Self.split(Self.oneLine(description))
        self.init(status, parts.error, hint: parts.hint ?? hint)
    }

    private static func split(_ description: String) -> (error: String, hint: String?) {
        guard let end = description.firstRange(of: "; ", options: .last) else { return (description, nil) }
        return (String(description[..<end.lowerBound]), String(description[end.upperBound...]))
    }
}

/// The answer has been given on standard output, and it was no.
struct AnsweredNo: Error {}

extension Failure {
    private static let databaseHint = "check --database or LOCKSTEP_DATABASE_URL, then run `lockstep doctor`"
    private static let kafkaHint = "check --kafka or LOCKSTEP_KAFKA, then run `lockstep doctor`"

    /// What any error of the layers below means for the person at the terminal.
    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as StoreError: self.init(store: error)
        case let error as PostgresError: self.init(postgres: error)
        case let error as MigrationError:
            self.init(.environment, describing: error.description, otherwise: "run `lockstep migrate status`")
        case let error as TopicError: self.init(.environment, describing: error.description, otherwise: Self.kafkaHint)
        case let error as PublishingRefusal:
            self.init(
                .environment, "\(error)", hint: "run `lockstep doctor`, which compares the log's tail with the topic")
        case let error as KafkaError:
            let status: ExitStatus = error.code == .invalidArgument ? .usage : .environment
            self.init(status, error.description, hint: Self.kafkaHint)
        case let error as ParlantError: self.init(parlant: error)
        case let fault as ListenFault:
            self.init(.environment, describing: fault.description, otherwise: "see LOCKSTEP_OPERATIONS_LISTEN")
        case is CancellationError: self = .interrupted
        case let error as any CommandRefusal: self = error.failure
        case let fault as RebuildFault: self.init(.no, describing: fault.description, otherwise: Self.databaseHint)
        case let flaw as GenerationFlaw: self.init(.no, describing: flaw.description, otherwise: Self.databaseHint)
        case let fault as ProjectorFault: self.init(.no, describing: fault.description, otherwise: Self.databaseHint)
        case let fault as ProjectionFault: self.init(.no, describing: fault.description, otherwise: Self.databaseHint)
        case let fault as ReplayFault: self.init(replay: fault)
        case let fault as ConversionFault: self.init(conversion: fault)
        case let contention as JointContention: self.init(contention: contention)
        case let fault as DeskFault: self.init(desk: fault)
        default:
            self.init(.internal, "\(error)", hint: "this is a mistake in lockstep: report it with the command line")
        }
    }

    private static let parlantHint = "check --parlant or LOCKSTEP_PARLANT_URL, then run `lockstep parlant status`"

    /// Ctrl-C before the work was done.
    static let interrupted = Failure(
        .no, "interrupted before everything was done", hint: "run the same command again; nothing is done twice")

    private init(store error: StoreError) {
        let status: ExitStatus
        var hint = Self.databaseHint
        switch error {
        case .unavailable(let reason):
            self.init(.environment, "the log is not available: \(Self.oneLine(reason))", hint: hint)
            return
        case .schemaMismatch, .historyChanged, .failed, .overloaded, .keys: status = .environment
        case .unknownOutcome:
            status = .environment
            hint = "run the same command again with the same event ids"
        case .refused:
            status = .usage
            hint = "see `lockstep append --help`"
        case .corrupt: status = .internal
        case .cancelled:
            self = .interrupted
            return
        }
        self.init(status, describing: error.description, otherwise: hint)
    }

    private init(desk fault: DeskFault) {
        let hint = "look at it with `lockstep reconcile run --dry-run --execution …`"
        switch fault {
        case .store(let error): self.init(store: error)
        case .rejected(let rejection): self = rejection.failure
        case .contended, .unreadable: self.init(.no, describing: fault.description, otherwise: hint)
        }
    }

    private init(replay fault: ReplayFault) {
        let hint = "see `lockstep replay --help`"
        switch fault {
        case .log(let error): self.init(store: error)
        case .unavailable: self.init(.environment, describing: fault.description, otherwise: hint)
        case .refused, .otherHistory, .ahead, .otherSelection, .notFolded, .readerGone:
            self.init(.no, describing: fault.description, otherwise: hint)
        }
    }

    private init(parlant error: ParlantError) {
        switch error {
        case .cancelled: self = .interrupted
        case .unavailable, .timedOut, .unknownOutcome, .moduleMissing, .malformed, .tooLarge, .refused:
            self.init(.environment, describing: error.description, otherwise: Self.parlantHint)
        case .notFound, .conflict, .exists, .needsRecreation, .movedOn, .turnInProgress, .bound, .manualMode, .invalid:
            self.init(.no, describing: error.description, otherwise: "see `lockstep parlant status`")
        }
    }

    private init(postgres error: PostgresError) {
        switch error.kind {
        case .invalidConfiguration:
            self.init(.usage, error.message, hint: "write it as postgres://user:password@host:5432/database")
        case .cancelled: self = .interrupted
        case .server(let state) where state == .undefinedTable || state.rawValue == "3F000":
            self.init(
                .environment, "the database has no Lockstep schema, or an older one", hint: "run `lockstep migrate up`")
        default: self.init(.environment, Self.oneLine(error.description), hint: Self.databaseHint)
        }
    }

    /// libpq indents what it adds.
    private static func oneLine(_ text: String) -> String {
        text.split { $0.isWhitespace }.joined(separator: " ")
    }
}

extension String {
    fileprivate enum Search { case last }

    /// Where `needle` stands last.
    fileprivate func firstRange(of needle: String, options: Search) -> Range<String.Index>? {
        ranges(of: needle).last
    }
}
