import ArgumentParser

/// `lockstep demo`.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "See it work, end to end, with checks.",
        discussion: """
            Migrates the database, imports the workflows that are built in, changes one, converts all of them into journeys and back, takes \
            in a recorded execution and a recorded conversation of each, publishes and projects everything, reads the topic with an \
            independent consumer, compares what arrived with the log, event by event, shows both sides beside each other, and verifies the \
            log. What people say in the recordings is sealed, so a master key is needed. Safe to run again: then nothing changes. A log \
            that holds other events is left alone. Status 1 when a check fails.

            Examples:
              lockstep demo
              lockstep demo --topic-prefix demo --json
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var kafka: KafkaOptions
    @OptionGroup var answer: AnswerOptions
    @Flag(name: .long, help: "Append to a log that holds other events too; what is appended stays for ever.")
    var intoUsedLog = false

    func run() async throws {
        let source = try await database.source()
        let serve = try ServeSettings(source, roles: "publisher,projector,sealer")
        let kafkaSettings = try kafka.settings(source)
        let settings = try Deployment(
            database: DatabaseSettings(source, url: database.database), kafka: kafkaSettings,
            lanes: kafkaSettings.partitions, parlant: nil, parlantForEffects: nil, sim: nil,
            reconciler: ReconcilerSettings(source),
            serve: serve, publisher: PublisherSettings(source), projection: ProjectionSettings(source),
            ingest: IngestSettings(source))
        // Services speak only when something is wrong, unless somebody asks to hear more.
        try LoggingSettings(source, otherwise: .error).bootstrap()
        let guide = DemoGuide(options: database, kafka: kafka, source: source)
        try await Interruption.cancels {
            let report = DemoReport(asJSON: answer.json)
            try await Demo(settings: settings, kafka: kafkaSettings, report: report).run(besideOthers: intoUsedLog)
            if !answer.json, report.isAllPassed { guide.print() }
            guard report.isAllPassed else { throw AnsweredNo() }
        }
    }
}
