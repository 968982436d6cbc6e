import KafkaDriver

/// Creates a topic if it is absent, and looks whether it is as it must be: its partitions, and its settings where the broker tells them.
struct TopicPreparation: Sendable {
    let name: String
    let configuration: KafkaConfiguration
    let settings: TopicSettings
    let timing: TopicTiming
    /// What it is created with, besides `max.message.bytes`.
    let creation: [String: String]
    /// Refuses settings that do not do.
    let check: @Sendable (_ found: [String: String]) throws(TopicError) -> Void

    func prepare(lanes: Int) async throws {
        let admin = try KafkaAdmin(configuration, timeout: timing.answer)
        if try await admin.metadata(of: name) == nil { try await create(with: admin, lanes: lanes) }
        guard let found = try await admin.metadata(of: name) else {
            throw TopicError.unavailable(reason: "topic \(name) is being created")
        }
        guard found.partitions.count == lanes else {
            throw TopicError.partitionCount(topic: name, found: found.partitions.count, expected: lanes)
        }
        guard found.hasAllLeaders else {
            throw TopicError.unavailable(reason: "a partition of topic \(name) has no leader")
        }
        try await checkSettings(with: admin)
    }

    private func create(with admin: KafkaAdmin, lanes: Int) async throws {
        guard settings.createsTopic else {
            throw TopicError.notCreated(topic: name, reason: "creating it is switched off")
        }
        var config = creation
        config["max.message.bytes"] = String(TopicSettings.maxMessageBytes)
        do throws(KafkaError) {
            _ = try await admin.createTopic(
                name, partitions: lanes, replicationFactor: settings.replicationFactor, config: config)
        } catch {
            guard !error.isRetriable else { throw error }
            throw TopicError.notCreated(topic: name, reason: error.message)
        }
    }

    /// Looks at what the broker tells; what it does not tell cannot be checked.
    private func checkSettings(with admin: KafkaAdmin) async throws {
        let found: [String: String]
        do throws(KafkaError) {
            found = try await admin.describeConfigs(ofTopic: name).compactMapValues(\.value)
        } catch {
            guard !error.isRetriable else { throw error }
            return
        }
        if let text = found["max.message.bytes"], let bytes = Int(text), bytes < TopicSettings.leastMessageBytes {
            throw TopicError.unsuitable(
                topic: name, setting: "max.message.bytes", found: text, needed: String(TopicSettings.maxMessageBytes))
        }
        try check(found)
    }
}
