import ArgumentParser

/// How a verb answers.
struct AnswerOptions: ParsableArguments {
    @Flag(name: .long, help: "Answer with one JSON object per line.")
    var json = false
}

/// Where the settings and the database are.
struct DatabaseOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("A libpq URL. Default: LOCKSTEP_DATABASE_URL.", valueName: "url"))
    var database: String?

    @Option(
        name: .long, help: ArgumentHelp("A YAML or JSON file of settings. Default: LOCKSTEP_CONFIG.", valueName: "file")
    )
    var config: String?

    func source() async throws(Failure) -> SettingsSource { try await SettingsSource(file: config) }

    func settings() async throws(Failure) -> DatabaseSettings {
        try DatabaseSettings(try await source(), url: database)
    }
}

/// Where the broker is.
struct KafkaOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("host:port, separated by commas. Default: LOCKSTEP_KAFKA.", valueName: "brokers"))
    var kafka: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "What topic names begin with. Default: LOCKSTEP_TOPIC_PREFIX, else lockstep.", valueName: "prefix"))
    var topicPrefix: String?

    func settings(_ source: SettingsSource) throws(Failure) -> KafkaSettings {
        try KafkaSettings(source, bootstrap: kafka, topicPrefix: topicPrefix)
    }
}
