import EventModel
import KafkaDriver

/// The effective settings, secrets hidden.
struct SettingsListing: Sendable {
    private(set) var entries: [(key: String, value: String)] = []

    init(_ source: SettingsSource, database: DatabaseOptions, kafka: KafkaOptions, roles: String?) throws(Failure) {
        let serve = try ServeSettings(source, roles: roles)
        entries.append(("serve.roles", serve.roles.map(\.rawValue).joined(separator: ",")))
        entries.append(("serve.holder", serve.holder))
        entries.append(("serve.lease.seconds", "\(serve.leaseSeconds)"))
        entries.append(("serve.drain.seconds", "\(serve.drainSeconds)"))
        try addDatabase(source, database)
        try addKafka(source, kafka)
        try addParlant(source)
        try addReconciler(source)
        let publisher = try PublisherSettings(source)
        entries.append(("publisher.window.events", "\(publisher.windowEvents)"))
        entries.append(("publisher.window.bytes", "\(publisher.windowBytes)"))
        entries.append(("publisher.checkpoint.milliseconds", "\(publisher.checkpointMilliseconds)"))
        let projection = try ProjectionSettings(source)
        entries.append(("projector.batch.events", "\(projection.batchEvents)"))
        entries.append(("projector.poll.milliseconds", "\(projection.pollMilliseconds)"))
        entries.append(("projector.layout", projection.layout.rawValue))
        entries.append(("projector.source", projection.source.rawValue))
        entries.append(("projector.stall.seconds", "\(projection.stallSeconds)"))
        entries.append(("ingest.workspaces", try IngestSettings(source).listing))
        entries.append(
            ("operations.listen", try OperationsSettings(source).listen?.description ?? OperationsSettings.off))
        entries.append(("log.level", try LoggingSettings(source).level.rawValue))
    }

    private mutating func addDatabase(_ source: SettingsSource, _ options: DatabaseOptions) throws(Failure) {
        guard options.database ?? source.text("database.url", isSecret: true) != nil else {
            entries.append(("database.url", "(not set)"))
            return
        }
        let settings = try DatabaseSettings(source, url: options.database)
        // The driver's description leaves the password out, wherever in the string it was.
        entries.append(("database.url", try settings.postgres().description))
        entries.append(("database.connections", "\(settings.connections)"))
        entries.append(("database.prepared", "\(settings.preparesStatements)"))
        entries.append(("master.key", settings.sealing.hasInlineKey ? "***" : "(not set)"))
        entries.append(("master.key.file", settings.sealing.masterKeyFile ?? "(not set)"))
        entries.append(
            ("personal", settings.sealing.ownMarks.isEmpty ? "(none)" : "\(settings.sealing.ownMarks.count) marks"))
    }

    private mutating func addParlant(_ source: SettingsSource) throws(Failure) {
        let settings = try ParlantServerSettings.ifNamed(source)
        entries.append(("parlant.url", settings?.url ?? "(not set)"))
        entries.append(("parlant.authorization", settings?.authorization == nil ? "(not set)" : "***"))
        entries.append(
            ("parlant.poll.milliseconds", "\(settings?.pollMilliseconds ?? ParlantServerSettings.defaultPoll)"))
    }

    private mutating func addReconciler(_ source: SettingsSource) throws(Failure) {
        let sim = try SimServerSettings.ifNamed(source)
        entries.append(("sim.url", sim?.connection.baseURL ?? "(not set)"))
        entries.append(("sim.api.key", sim == nil ? "(not set)" : "***"))
        let settings = try ReconcilerSettings(source)
        entries.append(
            ("reconciler.policies", settings.policies.isEmpty ? "(none)" : settings.policies.joined(separator: ",")))
        entries.append(("reconciler.quiet.milliseconds", "\(settings.quietMilliseconds)"))
        entries.append(("reconciler.light.seconds", "\(settings.lightSeconds)"))
        entries.append(("reconciler.pass.seconds", "\(settings.passSeconds)"))
        entries.append(("reconciler.cleanup.seconds", "\(settings.cleanUpSeconds)"))
        entries.append(("reconciler.stale.after.seconds", "\(settings.staleAfterSeconds)"))
        entries.append(("reconciler.effect.seconds", "\(settings.effectSeconds)"))
        entries.append(("reconciler.order.seconds", "\(settings.orderSeconds)"))
        entries.append(("reconciler.concurrency", "\(settings.concurrency)"))
    }

    private mutating func addKafka(_ source: SettingsSource, _ options: KafkaOptions) throws(Failure) {
        guard options.kafka ?? source.text("kafka") ?? source.text("kafka.bootstrap") != nil else {
            entries.append(("kafka", "(not set)"))
            return
        }
        let settings = try options.settings(source)
        entries.append(("kafka", settings.bootstrap))
        entries.append(("topic.prefix", settings.topicPrefix))
        entries.append(("topic.partitions", "\(settings.partitions)"))
        entries.append(("topic.replication", "\(settings.replication)"))
        for (name, value) in settings.properties.sorted(by: { $0.key < $1.key }) {
            entries.append(("kafka.\(name)", KafkaConfiguration.isSecret(name) ? "***" : value))
        }
    }

    func print(asJSON: Bool) {
        if asJSON {
            for entry in entries {
                Answers.object { object in
                    object.member("key", entry.key)
                    object.member("value", entry.value)
                    object.member("variable", SettingsSource.variable(entry.key))
                }
            }
            return
        }
        var table = Table([("SETTING", .left), ("VALUE", .left), ("VARIABLE", .left)])
        for entry in entries { table.add([entry.key, entry.value, SettingsSource.variable(entry.key)]) }
        table.print()
    }
}
