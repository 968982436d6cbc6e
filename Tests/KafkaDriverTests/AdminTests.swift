import KafkaDriver
import Testing

@Suite("Administration", .enabled(if: TestBroker.isGiven), .serialized, .timeLimit(.minutes(15))) struct AdminTests {
    @Test func `a topic is created once, described and deleted once`() async throws {
        let admin = try KafkaAdmin(TestBroker.configuration)
        let name = TestBroker.randomName("admin")
        #expect(try await admin.metadata(of: name) == nil)
        let config = ["max.message.bytes": "2097152"]
        #expect(try await admin.createTopic(name, partitions: 5, replicationFactor: 1, config: config) == .created)
        #expect(try await admin.createTopic(name, partitions: 5, replicationFactor: 1) == .alreadyExists)
        let metadata = try #require(try await admin.metadata(of: name))
        #expect(metadata.partitions.map(\.number) == [0, 1, 2, 3, 4])
        #expect(metadata.hasAllLeaders)
        #expect(try await admin.describeConfigs(ofTopic: name)["max.message.bytes"]?.value == "2097152")
        #expect(try await admin.deleteTopic(name) == .deleted)
        #expect(try await admin.deleteTopic(name) == .notFound)
    }

    @Test func `asking for a topic does not create it`() async throws {
        let admin = try KafkaAdmin(TestBroker.configuration)
        let name = TestBroker.randomName("absent")
        #expect(try await admin.metadata(of: name) == nil)
        #expect(try await admin.metadata(of: name) == nil)
    }

    @Test func `watermarks and times are answered per partition`() async throws {
        try await TestBroker.withTopic(partitions: 2) { topic in
            let producer = try KafkaProducer(TestBroker.configuration)
            let times: [Int64] = [1_000_000, 2_000_000, 3_000_000]
            let records = times.map {
                KafkaRecord(topic: topic, partition: 0, value: [1], timestampMilliseconds: 1_700_000_000_000 + $0)
            }
            #expect(try await producer.send(records).firstFailure == nil)
            let admin = try KafkaAdmin(TestBroker.configuration)
            let first = KafkaTopicPartition(topic, 0)
            let second = KafkaTopicPartition(topic, 1)
            #expect(try await admin.watermarks(of: first) == KafkaWatermarks(low: 0, high: 3))
            #expect(try await admin.watermarks(of: second) == KafkaWatermarks(low: 0, high: 0))
            #expect(try await admin.offsets(at: [first: 1_700_001_500_000]) == [KafkaPosition(first, 1)])
            #expect(try await admin.clusterID()?.isEmpty == false)
            try await producer.close(timeout: .seconds(10))
        }
    }

    @Test func `an impossible topic is refused with its name`() async throws {
        let admin = try KafkaAdmin(TestBroker.configuration)
        await #expect(throws: KafkaError.self) {
            try await admin.createTopic(TestBroker.randomName("bad"), partitions: 0, replicationFactor: 1)
        }
    }
}

@Suite("Administration without a broker", .serialized, .timeLimit(.minutes(15))) struct AdminFaultTests {
    @Test func `nobody there is a retriable error and not an absent topic`() async throws {
        let admin = try KafkaAdmin(TestBroker.nobody, timeout: .milliseconds(100))
        do {
            _ = try await admin.metadata(of: "t")
            Issue.record("answered")
        } catch { #expect(error.isRetriable) }
    }
}
