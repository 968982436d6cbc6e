import EventModel
import KafkaDriver
import KafkaPublishing

/// Where the copy of the log is.
struct KafkaSettings: Sendable {
    /// `host:port`, separated by commas (`kafka.bootstrap`, `LOCKSTEP_KAFKA`, `--kafka`).
    var bootstrap: String
    /// Any librdkafka property: `LOCKSTEP_KAFKA_SASL_USERNAME` is `sasl.username`; in a file `kafka.properties`, a list of `name=value`.
    var properties: [String: String]
    /// What the names of our topics begin with (`topic.prefix`): `lockstep` makes `lockstep.events`.
    var topicPrefix: String
    /// Partitions of the topic and lanes of the log (`topic.partitions`); fixed for a topic generation.
    var partitions: Int
    /// Copies of each partition of a topic that we create (`topic.replication`); −1 is the cluster's default.
    var replication: Int

    static let defaultPrefix = "lockstep"
    static let partitionRange = 1...10_000
    static let replicationRange = -1...100
    /// Variables that are ours and no properties.
    private static let ownVariables: Set<String> = ["LOCKSTEP_KAFKA_BOOTSTRAP", "LOCKSTEP_KAFKA_PROPERTIES"]

    /// - Throws: ``Failure`` with status 3 when no broker is named.
    init(_ source: SettingsSource, bootstrap: String?, topicPrefix: String?) throws(Failure) {
        guard let bootstrap = bootstrap ?? source.text("kafka") ?? source.text("kafka.bootstrap") else {
            throw Failure(
                .environment, "no Kafka broker is named",
                hint: "give --kafka or set LOCKSTEP_KAFKA, for instance 127.0.0.1:9092")
        }
        self.bootstrap = bootstrap
        properties = try Self.properties(source)
        self.topicPrefix = topicPrefix ?? source.text("topic.prefix") ?? Self.defaultPrefix
        partitions = try Self.lanes(source)
        replication = try source.number("topic.replication", in: Self.replicationRange) ?? -1
        try Self.check(prefix: self.topicPrefix)
    }

    /// The lanes of the log, which are the partitions of its topic, whether a broker is named or not.
    static func lanes(_ source: SettingsSource) throws(Failure) -> Int {
        try source.number("topic.partitions", in: partitionRange) ?? Lane.defaultCount
    }

    /// The topic that the log is published to.
    var topic: String { "\(topicPrefix).events" }

    /// The port of the first broker named; `nil` when it is not given.
    var port: Int? {
        bootstrap.split(separator: ",").first?.split(separator: ":").last.flatMap { Int($0) }
    }

    /// The driver's form.
    var kafka: KafkaConfiguration { KafkaConfiguration(bootstrapServers: bootstrap, properties: properties) }

    /// The topic as the publisher uses it.
    var recordTopic: KafkaRecordTopic {
        KafkaRecordTopic(topic, configuration: kafka, settings: TopicSettings(replicationFactor: replication))
    }

    /// The topic of the latest state of every execution.
    var stateTopicName: String { "\(topicPrefix).state" }

    /// Every topic that the log is published to.
    var publishedTopics: [String] { [topic, stateTopicName] }

    /// The topic of states as its publisher uses it.
    var stateTopic: KafkaStateTopic {
        KafkaStateTopic(stateTopicName, configuration: kafka, settings: TopicSettings(replicationFactor: replication))
    }

    private static func properties(_ source: SettingsSource) throws(Failure) -> [String: String] {
        var properties: [String: String] = [:]
        for entry in source.list("kafka.properties") ?? [] {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw SettingsSource.misfit("kafka.properties", "…", "a list of name=value")
            }
            properties[String(parts[0])] = String(parts[1])
        }
        let prefix = "LOCKSTEP_KAFKA_"
        for (name, value) in source.environment
        where name.hasPrefix(prefix) && !ownVariables.contains(name) && !value.isEmpty {
            properties[name.dropFirst(prefix.count).lowercased().replacing("_", with: ".")] = value
        }
        return properties
    }

    /// Kafka's own rule, less 16 bytes for what we append.
    private static func check(prefix: String) throws(Failure) {
        let isLegal = prefix.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isLegal, (1...200).contains(prefix.utf8.count) else {
            throw SettingsSource.misfit(
                "topic.prefix", Table.printable(prefix, cutAt: 80), "1 to 200 letters, digits, '.', '_' or '-'")
        }
    }
}
