/// Where to look next: commands that work as they stand.
struct DemoGuide: Sendable {
    private let database: String
    private let kafka: String
    private let brokers: String
    private let topic: String
    private let program: String

    init(options: DatabaseOptions, kafka: KafkaOptions, source: SettingsSource) {
        program = CommandLine.arguments.first ?? "lockstep"
        database = options.database == nil && options.config == nil ? "" : " --database \"$LOCKSTEP_DATABASE_URL\""
        let prefix = kafka.topicPrefix.map { " --topic-prefix \($0)" } ?? ""
        self.kafka = (kafka.kafka.map { " --kafka \($0)" } ?? "") + prefix
        brokers = kafka.kafka ?? source.text("kafka") ?? source.text("kafka.bootstrap") ?? ""
        topic = "\(kafka.topicPrefix ?? source.text("topic.prefix") ?? KafkaSettings.defaultPrefix).events"
    }

    func print() {
        let style = Style.output
        let output = StandardOutput.shared
        output.write("\n\(style.strong("Where to look next"))")
        if !database.isEmpty { output.write("  export LOCKSTEP_DATABASE_URL=…   # what you gave as --database") }
        for (command, purpose) in commands {
            output.write("  \(style.faint("# \(purpose)"))")
            output.write("  \(command)")
        }
    }

    private var commands: [(String, String)] {
        [
            ("\(program) tail --category workflow\(database)", "what happened last"),
            ("\(program) read --stream workflow-refund-a-customer\(database)", "the two versions of the changed file"),
            (
                "\(program) export journey refund-a-customer --format mermaid\(database)",
                "the journey that the workflow became, drawn"
            ),
            (
                "\(program) read --stream journey_session-run-refund-1\(database)",
                "the conversation's side of one execution, as far as you may see it"
            ),
            (
                "\(program) erase --subject customer:nora-lind --dry-run\(database)",
                "what an erasure of one customer would destroy"
            ),
            ("\(program) projections status\(database)", "how far every consumer is"),
            ("\(program) audit verify\(database)", "whether the log is what was written"),
            ("\(program) doctor\(database)\(kafka)", "whether everything is as it must be"),
            ("\(program) serve\(database)\(kafka)", "publish and project from now on"),
            (
                "psql \"$LOCKSTEP_DATABASE_URL\" -c 'select workflow_id, revision, blocks, edges from lockstep_views.workflows'",
                "the read model"
            ),
            (
                "kcat -b \(brokers) -t \(topic) -C -e -q -f '%p@%o %k %h\\n'",
                "the copy in Kafka, where kcat is installed"
            ),
        ]
    }
}
