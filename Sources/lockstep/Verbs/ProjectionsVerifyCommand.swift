import ArgumentParser
import Audit
import EventModel

/// `lockstep projections verify`.
struct ProjectionsVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Say whether consumers have seen every event, each once.",
        discussion: """
            Every consumer keeps a certificate with its checkpoint: up to where, how many events, and their digest, whether it has handled \
            them, left them out or parked them. Here the log is read and compared with all of them; the first event that one of them has never \
            seen is named. To see whether rows are what the events make of them, rebuild: `lockstep projections rebuild NAME` compares row \
            by row. Consumers may go on meanwhile.

            Status: 0 all are complete, 1 one is not, or there is no such consumer, 3 no database.

            Examples:
              lockstep projections verify --completeness
              lockstep projections verify executions --completeness --json
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Argument(help: ArgumentHelp("One consumer; all of them without.", valueName: "name"))
    var name: String?
    @Flag(name: .long, help: "Compare the certificates with the log. This is what it does in any case.")
    var completeness = false

    func run() async throws {
        let settings = try await database.settings()
        let certificates = try await OpenLog.connection(settings) {
            try await CompletenessAnswer.certificates(of: name, on: $0)
        }
        if let name, certificates.isEmpty {
            throw Failure(
                .no, "\(Table.printable(name)) has seen nothing yet", hint: "see `lockstep projections status`")
        }
        let progress = ProgressDisplay("verifying", isShown: !answer.json)
        let findings = try await Interruption.cancels {
            defer { progress.clear() }
            return try await OpenLog.forReading(settings) { store in
                try await CompletenessVerifier(store).verify(certificates) { position, end in
                    progress.show(position.rawValue, of: end.rawValue)
                }
            }
        }
        let found = Array(zip(certificates, findings))
        if answer.json { CompletenessAnswer.lines(found) } else { CompletenessAnswer.table(found) }
        guard findings.allSatisfy(\.isComplete) else { throw AnsweredNo() }
    }
}
