import ArgumentParser
import EventSourcing
import PostgresDriver
import PostgresEventStore

/// `lockstep doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what is wrong, and how to fix it.",
        discussion: """
            Status: 0 when everything works, 1 when something is wrong, 3 when the database, the broker or the \
            Parlant server cannot be reached.

            Examples:
              lockstep doctor
              lockstep doctor --json
              lockstep doctor adopt-history          # after restoring a backup
            """,
        subcommands: [DoctorCheckCommand.self, AdoptHistoryCommand.self],
        defaultSubcommand: DoctorCheckCommand.self)
}

/// `lockstep doctor check`, which is what `doctor` alone does.
struct DoctorCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check every dependency (the default).",
        discussion: """
            Examples:
              lockstep doctor
              lockstep doctor --json
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var kafka: KafkaOptions
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        let source = try await database.source()
        let databaseSettings = try DatabaseSettings(source, url: database.database)
        _ = try databaseSettings.postgres()
        let hasKafka = kafka.kafka ?? source.text("kafka") ?? source.text("kafka.bootstrap") != nil
        let kafkaSettings = hasKafka ? try kafka.settings(source) : nil
        let findings = await Consultation(
            database: databaseSettings, kafka: kafkaSettings,
            patience: Double(try ProjectionSettings(source).stallSeconds),
            parlant: try ParlantServerSettings.ifNamed(source)
        ).run()
        if answer.json { findings.forEach(FindingAnswer.line) } else { FindingAnswer.table(findings) }
        if let unreachable = findings.first(where: { $0.verdict == .unreachable }) {
            throw Failure(.environment, unreachable.found, hint: unreachable.cure ?? "see above")
        }
        guard findings.allSatisfy({ $0.verdict != .wrong }) else { throw AnsweredNo() }
    }
}
