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

            Where LOCKSTEP_SIM_URL, LOCKSTEP_SIM_API_KEY and LOCKSTEP_PARLANT_URL name stand-ins for both engines (tools/demo starts them), many \
            executions go on at both at once: messages come late, twice and in another order, answers are lost, engines go away, and the two \
            sides decide differently. A table shows how they come apart and are brought together; it ends when the drift is zero. Engines that \
            are no stand-ins are left alone. Each run adds its executions to the log, which is in use then: say --into-used-log the next time.

            Examples:
              lockstep demo
              lockstep demo --executions 100 --seed 7
              lockstep demo --topic-prefix demo --json
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var kafka: KafkaOptions
    @OptionGroup var answer: AnswerOptions
    @Flag(name: .long, help: "Append to a log that holds other events too; what is appended stays for ever.")
    var intoUsedLog = false
    @Option(name: .long, help: "How many executions go on at both engines at once, 1 to 1000.")
    var executions = DemoEngineOptions.usual
    @Option(name: .long, help: "What chance is made of: the same seed, the same happenings.")
    var seed: UInt64 = 1

    func validate() throws {
        guard DemoEngineOptions.range.contains(executions) else {
            throw ValidationError("--executions is \(executions), it may be 1 to 1000")
        }
    }

    func run() async throws {
        let source = try await database.source()
        let serve = try ServeSettings(source, roles: "publisher,projector,sealer")
        let kafkaSettings = try kafka.settings(source)
        let settings = try Deployment(
            database: DatabaseSettings(source, url: database.database), kafka: kafkaSettings,
            lanes: kafkaSettings.partitions, parlant: nil, parlantForEffects: nil, sim: nil,
            reconciler: ReconcilerSettings(source),
            serve: serve, publisher: PublisherSettings(source), projection: ProjectionSettings(source),
            ingest: IngestSettings(source), operations: OperationsSettings(source))
        let engines = try engines(beside: settings, source)
        defer { engines?.policies.remove() }
        // Services speak only when something is wrong, unless somebody asks to hear more.
        try LoggingSettings(source, otherwise: .error).bootstrap()
        let guide = DemoGuide(options: database, kafka: kafka, source: source)
        try await Interruption.cancels {
            let report = DemoReport(asJSON: answer.json)
            try await Demo(settings: settings, kafka: kafkaSettings, engines: engines, report: report).run(
                besideOthers: intoUsedLog)
            if !answer.json, report.isAllPassed { guide.print() }
            guard report.isAllPassed else { throw AnsweredNo() }
        }
    }

    /// The same deployment with both engines and the roles that bring them together; `nil` where one is not named.
    private func engines(beside settings: Deployment, _ source: SettingsSource) throws -> DemoEngineOptions? {
        guard let sim = try SimServerSettings.ifNamed(source),
            var parlant = try ParlantServerSettings.ifNamed(source)
        else { return nil }
        let policies = try DemoPolicies()
        var (reconciler, serve) = (settings.reconciler, settings.serve)
        parlant.pollMilliseconds = 100
        reconciler.policies = [policies.inForce]
        reconciler.quietMilliseconds = 200
        // Stand-ins answer within a second or not at all, and nobody wants to wait two minutes for what was lost.
        (reconciler.orderSeconds, reconciler.effectSeconds) = (2, 12)
        reconciler.passSeconds = 5
        serve.roles = [.publisher, .projector, .ingest, .sealer, .parlant, .reconciler]
        let arguments =
            (database.database.map { ["--database", $0] } ?? []) + (database.config.map { ["--config", $0] } ?? [])
        return DemoEngineOptions(
            settings: Deployment(
                database: settings.database, kafka: settings.kafka, lanes: settings.lanes, parlant: parlant,
                parlantForEffects: parlant, sim: sim, reconciler: reconciler, serve: serve,
                publisher: settings.publisher, projection: settings.projection, ingest: settings.ingest,
                operations: settings.operations),
            executions: executions, seed: seed, policies: policies, arguments: arguments)
    }
}
