import KafkaPublishing

extension KafkaSettings {
    /// The topics that are taken in from and refused to, by the prefix of our topics.
    var inboundNames: KafkaInboundTopic.Names { KafkaInboundTopic.Names(prefix: topicPrefix) }

    /// The inbound topic as ingest uses it.
    var inboundTopic: KafkaInboundTopic {
        KafkaInboundTopic(
            inboundNames, configuration: kafka, partitions: partitions,
            settings: TopicSettings(replicationFactor: replication))
    }
}
