internal import CRDKafka

/// What became of a request to create a topic.
public enum KafkaTopicCreation: Sendable, Hashable {
    /// The topic is new.
    case created
    /// A topic of that name was there already; its settings may differ.
    case alreadyExists
}

/// What became of a request to delete a topic.
public enum KafkaTopicDeletion: Sendable, Hashable {
    /// The topic is marked for deletion.
    case deleted
    /// There was no such topic.
    case notFound
}

/// One setting of a topic, as the cluster reports it.
public struct KafkaTopicSetting: Sendable, Hashable {
    /// The value; nil when the cluster does not tell, as for secrets.
    public let value: String?
    /// Nobody has set it for this topic.
    public let isDefault: Bool
    /// It cannot be changed.
    public let isReadOnly: Bool
}

extension KafkaAdmin {
    /// Creates a topic.
    ///
    /// - Parameters:
    ///   - partitions: at least 1.
    ///   - replicationFactor: at least 1, at most the number of brokers; -1 is the cluster's default.
    ///   - config: topic settings, for example `retention.ms`.
    public func createTopic(
        _ name: String, partitions: Int, replicationFactor: Int, config: [String: String] = [:]
    ) async throws(KafkaError) -> KafkaTopicCreation {
        try await client.perform { [timeout] client throws(KafkaError) in
            let topic = try NewTopic(name, partitions, replicationFactor)
            for (setting, value) in config.sorted(by: { $0.key < $1.key }) { try topic.set(setting, value) }
            let request = try AdminRequest(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout)
            var pointer: OpaquePointer? = topic.pointer
            rd_kafka_CreateTopics(client.handle, &pointer, 1, request.options, request.queue)
            let error = try request.topicError(in: timeout, .topic(name)) { event, count in
                rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
            }
            guard let error else { return .created }
            guard error.code == .topicAlreadyExists else { throw error }
            return .alreadyExists
        }
    }

    /// Deletes a topic and everything in it.
    public func deleteTopic(_ name: String) async throws(KafkaError) -> KafkaTopicDeletion {
        try await client.perform { [timeout] client throws(KafkaError) in
            let request = try AdminRequest(client, RD_KAFKA_ADMIN_OP_DELETETOPICS, timeout)
            var pointer: OpaquePointer? = rd_kafka_DeleteTopic_new(name)
            defer { rd_kafka_DeleteTopic_destroy(pointer) }
            rd_kafka_DeleteTopics(client.handle, &pointer, 1, request.options, request.queue)
            let error = try request.topicError(in: timeout, .topic(name)) { event, count in
                rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count)
            }
            guard let error else { return .deleted }
            guard error.code == .unknownTopicOrPartition else { throw error }
            return .notFound
        }
    }

    /// The settings in force for a topic, defaults included.
    public func describeConfigs(ofTopic name: String) async throws(KafkaError) -> [String: KafkaTopicSetting] {
        try await client.perform { [timeout] client throws(KafkaError) in
            let request = try AdminRequest(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout)
            var resource: OpaquePointer? = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name)
            defer { rd_kafka_ConfigResource_destroy(resource) }
            rd_kafka_DescribeConfigs(client.handle, &resource, 1, request.options, request.queue)
            let event = try request.event(within: timeout)
            var count = 0
            let resources = rd_kafka_DescribeConfigs_result_resources(
                rd_kafka_event_DescribeConfigs_result(event.pointer), &count)
            guard count > 0, let described = resources?[0] else { return [:] }
            try rd_kafka_ConfigResource_error(described).check(.topic(name))
            return settings(of: described)
        }
    }
}

private func settings(of resource: OpaquePointer) -> [String: KafkaTopicSetting] {
    var count = 0
    let entries = rd_kafka_ConfigResource_configs(resource, &count)
    var settings: [String: KafkaTopicSetting] = [:]
    for index in 0..<count {
        guard let entry = entries?[index], let name = rd_kafka_ConfigEntry_name(entry) else { continue }
        settings[String(cString: name)] = KafkaTopicSetting(
            value: rd_kafka_ConfigEntry_value(entry).map { String(cString: $0) },
            isDefault: rd_kafka_ConfigEntry_is_default(entry) == 1,
            isReadOnly: rd_kafka_ConfigEntry_is_read_only(entry) == 1)
    }
    return settings
}

/// Owns an `rd_kafka_NewTopic_t`.
private struct NewTopic: ~Copyable {
    let pointer: OpaquePointer
    private let name: String

    init(_ name: String, _ partitions: Int, _ replicationFactor: Int) throws(KafkaError) {
        let made: Result<OpaquePointer, KafkaError> = withUnsafeTemporaryAllocation(
            of: CChar.self, capacity: KafkaLimits.errorTextBytes
        ) { text in
            let pointer = rd_kafka_NewTopic_new(
                name, Int32(clamping: partitions), Int32(clamping: replicationFactor), text.baseAddress, text.count)
            if let pointer { return .success(pointer) }
            let reason = text.baseAddress.map { String(cString: $0) }
            return .failure(KafkaError(.invalidArgument, message: reason, subject: .topic(name)))
        }
        self.pointer = try made.get()
        self.name = name
    }

    deinit { rd_kafka_NewTopic_destroy(pointer) }

    func set(_ setting: String, _ value: String) throws(KafkaError) {
        try rd_kafka_NewTopic_set_config(pointer, setting, value).check(.topic(name))
    }
}
