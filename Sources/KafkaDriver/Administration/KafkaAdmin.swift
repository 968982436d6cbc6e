internal import CRDKafka

/// Asks a cluster about its topics and changes them.
///
/// Every call blocks a thread of its own, never a caller's; calls of one value are served one after another. Nothing
/// creates a topic by accident.
public struct KafkaAdmin: Sendable {
    let client: KafkaClient
    /// How long a call waits for the cluster.
    public let timeout: Duration

    /// Makes a client for administration. Brokers are reached in the background.
    ///
    /// - Throws: `invalidArgument` with the property's name for a property that is unknown or has an impossible value.
    public init(
        _ configuration: KafkaConfiguration, timeout: Duration = .seconds(10), observer: KafkaObserver? = nil
    ) throws(KafkaError) {
        let defaults = ["allow.auto.create.topics": "false", "socket.nagle.disable": "true"]
        client = try KafkaClient(.consumer, configuration, defaults: defaults, observer: observer)
        self.timeout = timeout
    }

    /// The cluster's id; nil when no broker told one in time.
    public func clusterID() async throws(KafkaError) -> String? {
        try await client.perform { [timeout] client throws(KafkaError) in
            guard let text = rd_kafka_clusterid(client.handle, timeout.clampedMilliseconds) else { return nil }
            defer { rd_kafka_mem_free(client.handle, text) }
            return String(cString: text)
        }
    }

    /// What the cluster knows of `topic`; nil when there is no such topic.
    ///
    /// - Throws: `transport` or `timedOut` when no broker answered.
    public func metadata(of topic: String) async throws(KafkaError) -> KafkaTopicMetadata? {
        try await client.perform { [timeout] client throws(KafkaError) in
            try TopicMetadataQuery(client, topic).answer(within: timeout)
        }
    }

    /// The partition's ends, as the leader tells them.
    public func watermarks(of partition: KafkaTopicPartition) async throws(KafkaError) -> KafkaWatermarks {
        try await client.perform { [timeout] client throws(KafkaError) in
            var low: Int64 = 0
            var high: Int64 = 0
            try rd_kafka_query_watermark_offsets(
                client.handle, partition.topic, partition.partition, &low, &high, timeout.clampedMilliseconds
            ).check(.partition(partition))
            return KafkaWatermarks(low: low, high: high)
        }
    }

    /// The first offset at or after a time, per partition; partitions with nothing so late are left out.
    ///
    /// - Parameter times: milliseconds since 1970 in UTC.
    public func offsets(at times: [KafkaTopicPartition: Int64]) async throws(KafkaError) -> [KafkaPosition] {
        try await client.perform { [timeout] client throws(KafkaError) in
            let list = PartitionList(times.map { KafkaPosition($0.key, $0.value) })
            try rd_kafka_offsets_for_times(client.handle, list.pointer, timeout.clampedMilliseconds).check()
            try list.checkEach()
            return list.positions.filter { $0.offset >= 0 }
        }
    }
}
