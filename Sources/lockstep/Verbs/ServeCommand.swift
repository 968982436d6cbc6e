import ArgumentParser
import Logging

/// `lockstep serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Publish, project, take in, follow, reconcile and seal, until told to stop.",
        discussion: """
            Any number of processes may serve: each role, and each projection, is led by one of them, and another takes over when it dies. \
            A database or broker that goes away is waited for. SIGTERM and Ctrl-C finish the work in hand, then end.

            Roles: publisher copies the log to Kafka; state writes the latest state of every execution to a compacted topic; projector folds \
            the log into read models; ingest takes in what is written to the inbound topic; sealer records running digests; reconciler brings the two sides of executions together: it is on when it is named, or when both a Sim and a Parlant server are (LOCKSTEP_SIM_URL, LOCKSTEP_SIM_API_KEY); parlant follows the conversations of the Parlant server that LOCKSTEP_PARLANT_URL names, and is \
            off where none is named.

            Projectors read the log in the database. With LOCKSTEP_PROJECTOR_SOURCE=topic they read it from Kafka: a consumer group gives the lanes \
            of each read model out among all processes that serve. It needs generations by lane (projections rebuild NAME --layout by-lane \
            --activate).

            How it does, and how the whole deployment does, is answered over HTTP where LOCKSTEP_OPERATIONS_LISTEN says so (host:port; off unless it is set): \
            /health while the process lives; /ready with 503 when it cannot work, and with everything that stands still anywhere, judged from the log \
            and the checkpoints; /metrics for Prometheus.

            Settings come from the command line, else the environment (LOCKSTEP_*), else a YAML or JSON file (--config).

            Examples:
              lockstep serve
              lockstep serve --roles projector --migrate
              LOCKSTEP_PARLANT_URL=http://127.0.0.1:8800 lockstep serve --roles parlant
              LOCKSTEP_PROJECTOR_SOURCE=topic lockstep serve --roles projector
              LOCKSTEP_SIM_URL=http://127.0.0.1:3000 LOCKSTEP_SIM_API_KEY=… lockstep serve --roles reconciler
              LOCKSTEP_OPERATIONS_LISTEN=127.0.0.1:9464 lockstep serve
              lockstep serve --print-config
              LOCKSTEP_LOG_LEVEL=debug LOCKSTEP_KAFKA_SECURITY_PROTOCOL=ssl lockstep serve --config /etc/lockstep.yaml
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var kafka: KafkaOptions
    @OptionGroup var answer: AnswerOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "What to do: publisher, state, projector, ingest, sealer, reconciler, parlant. Default: all.",
            valueName: "role,…"))
    var roles: String?
    @Flag(name: .long, help: "Bring the database to this program's schema first.")
    var migrate = false
    @Flag(name: .long, help: "Show the effective settings, secrets hidden, and end.")
    var printConfig = false

    func run() async throws {
        let source = try await database.source()
        if printConfig {
            return try SettingsListing(source, database: database, kafka: kafka, roles: roles).print(
                asJSON: answer.json)
        }
        let serve = try ServeSettings(source, roles: roles)
        let projection = try ProjectionSettings(source)
        let readsTopic = serve.roles.contains(.projector) && projection.source == .topic
        let settings = try Deployment(
            database: DatabaseSettings(source, url: database.database),
            kafka: serve.roles.contains(where: \.needsKafka) || readsTopic ? kafka.settings(source) : nil,
            lanes: KafkaSettings.lanes(source),
            parlant: serve.roles.contains(.parlant) ? ParlantServerSettings(source, url: nil) : nil,
            parlantForEffects: serve.roles.contains(.reconciler) ? ParlantServerSettings.ifNamed(source) : nil,
            sim: serve.roles.contains(.reconciler) ? SimServerSettings.ifNamed(source) : nil,
            reconciler: ReconcilerSettings(source), serve: serve,
            publisher: PublisherSettings(source),
            projection: projection, ingest: IngestSettings(source), operations: OperationsSettings(source))
        try LoggingSettings(source).bootstrap()
        let operating = Operating(settings)
        let logger = Logger(label: "lockstep.serve")
        try await Readiness(settings, logger: logger).confirm(migrating: migrate)
        try await ServingProcess(settings, operating: operating, logger: logger).run()
    }
}
