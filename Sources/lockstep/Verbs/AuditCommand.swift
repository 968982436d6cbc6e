import ArgumentParser
import Audit
import EventModel
import EventSourcing

/// `lockstep audit verify`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Prove that the log is what was written.",
        discussion: """
            Examples:
              lockstep audit verify
              lockstep audit verify --json || page-somebody
            """,
        subcommands: [AuditVerifyCommand.self])
}

/// `lockstep audit verify`.
struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Say whether anything in the log was altered, removed or reordered.",
        discussion: """
            Checks that positions and the versions of every stream have no holes, that times do not go back, that the head is where the \
            events end, and that the events have the digests that were recorded: by earlier runs, and every second by \
            `lockstep serve --roles sealer`. Appending may go on meanwhile. Each part of the log that differs from its digest is named.

            Somebody who may change everything in the database may change the digests too. Against that, keep the digest that is printed \
            where nobody of them can reach it, and give it with --against later.

            Status: 0 the log is sound, 1 it is not, 3 it cannot be read.

            Examples:
              lockstep audit verify
              lockstep audit verify --json
              lockstep audit verify --against "$(cat kept-digest)"
              lockstep audit verify --no-record         # writes nothing at all
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Option(
        name: .long,
        help: ArgumentHelp(
            "A digest that an earlier run printed and you kept elsewhere.", valueName: "position:digest"))
    var against: String?
    @Flag(name: .long, help: "Do not record the digest of what was verified.")
    var noRecord = false

    func run() async throws {
        let kept = try against.map { (text) throws(Failure) in try KeptDigest.parse(text) }
        let settings = try await database.settings()
        let progress = ProgressDisplay("verifying", isShown: !answer.json)
        let report = try await Interruption.cancels {
            try await Self.verify(settings, against: kept, isRecording: !noRecord, progress)
        }
        if answer.json { VerificationAnswer.line(report) } else { VerificationAnswer.show(report) }
        guard report.isSound else { throw AnsweredNo() }
    }

    private static func verify(
        _ settings: DatabaseSettings, against kept: LogDigest?, isRecording: Bool, _ progress: ProgressDisplay
    ) async throws -> VerificationReport {
        defer { progress.clear() }
        return try await OpenLog.forReading(settings) { store in
            do {
                return try await LogVerifier(store, against: kept, isRecording: isRecording).verify { position, head in
                    progress.show(position.rawValue, of: head.rawValue)
                }
            } catch StoreError.corrupt(_, let reason) {
                // The events have not even been looked at; nothing less than a person helps.
                throw Failure(
                    .no, "the log cannot be verified: \(reason)", hint: "stop writing, and restore it from a backup")
            }
        }
    }
}
