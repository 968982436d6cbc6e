internal import CRDKafka

/// What a cluster knows of one topic.
public struct KafkaTopicMetadata: Sendable, Hashable {
    /// One partition.
    public struct Partition: Sendable, Hashable {
        /// The number, from 0.
        public let number: Int32
        /// The leading broker; nil while an election is under way.
        public let leader: Int32?
        /// The brokers that hold a copy.
        public let replicas: [Int32]
        /// The brokers whose copy is up to date.
        public let inSyncReplicas: [Int32]
    }

    /// The name.
    public let name: String
    /// The partitions, by number.
    public let partitions: [Partition]
    /// The id that tells a topic from a later one of the same name; nil where librdkafka does not pass it on.
    public let topicID: String?

    /// Whether every partition can be written to.
    public var hasAllLeaders: Bool { partitions.allSatisfy { $0.leader != nil } }
}

/// One question about one topic.
struct TopicMetadataQuery: ~Copyable {
    private let client: KafkaClient
    private let topic: OpaquePointer
    private let name: String

    init(_ client: KafkaClient, _ name: String) throws(KafkaError) {
        guard let topic = rd_kafka_topic_new(client.handle, name, nil) else {
            throw KafkaError(rd_kafka_last_error(), subject: .topic(name))
        }
        self.client = client
        self.topic = topic
        self.name = name
    }

    deinit { rd_kafka_topic_destroy(topic) }

    func answer(within timeout: Duration) throws(KafkaError) -> KafkaTopicMetadata? {
        var pointer: UnsafePointer<rd_kafka_metadata>?
        try rd_kafka_metadata(client.handle, 0, topic, &pointer, timeout.clampedMilliseconds).check(.topic(name))
        defer { rd_kafka_metadata_destroy(pointer) }
        guard let metadata = pointer?.pointee, metadata.topic_cnt > 0 else { return nil }
        let found = metadata.topics[0]
        switch KafkaErrorCode(found.err) {
        case .none, .leaderNotAvailable: return KafkaTopicMetadata(found)
        case .unknownTopicOrPartition, .unknownTopic: return nil
        default: throw KafkaError(found.err, subject: .topic(name))
        }
    }
}

extension KafkaTopicMetadata {
    fileprivate init(_ topic: rd_kafka_metadata_topic) {
        let partitions = (0..<Int(topic.partition_cnt)).map { Partition(topic.partitions[$0]) }
        self.init(
            name: String(cString: topic.topic), partitions: partitions.sorted { $0.number < $1.number }, topicID: nil)
    }
}

extension KafkaTopicMetadata.Partition {
    fileprivate init(_ partition: rd_kafka_metadata_partition) {
        self.init(
            number: partition.id, leader: partition.leader >= 0 ? partition.leader : nil,
            replicas: (0..<Int(partition.replica_cnt)).map { partition.replicas[$0] },
            inSyncReplicas: (0..<Int(partition.isr_cnt)).map { partition.isrs[$0] })
    }
}
