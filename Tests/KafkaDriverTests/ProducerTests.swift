import KafkaDriver
import Testing

@Suite("Producer", .enabled(if: TestBroker.isGiven), .serialized, .timeLimit(.minutes(15))) struct ProducerTests {
    @Test func `a batch is answered once with contiguous offsets per partition`() async throws {
        try await TestBroker.withTopic(partitions: 3) { topic in
            let producer = try KafkaProducer(TestBroker.configuration)
            for round in 0..<3 as Range<Int64> {
                let records = (0..<3_000).map {
                    KafkaRecord(topic: topic, partition: Int32($0 % 3), value: Array("\($0)".utf8))
                }
                let deliveries = try await producer.send(records)
                #expect(deliveries.firstFailure == nil)
                for partition in 0..<3 as Range<Int32> {
                    let offsets = deliveries.filter { $0.partition == partition }.compactMap(\.offset)
                    #expect(offsets == Array(round * 1_000..<(round + 1) * 1_000))
                }
            }
            try await producer.close(timeout: .seconds(10))
        }
    }

    @Test func `keys, values, headers and time arrive byte for byte`() async throws {
        try await TestBroker.withTopic(partitions: 1) { topic in
            let headers: [KafkaRecord.Header] = [
                .init("text", "value"), .init("empty", []), .init("none", nil),
                .init("binary", Array(0...255)), .init("twice", "first"), .init("twice", "last"), .init("ünïcode", "é"),
            ]
            let records = [
                KafkaRecord(
                    topic: topic, partition: 0, key: Array("k\0y".utf8), value: Array(0...255), headers: headers,
                    timestampMilliseconds: 1_700_000_000_123),
                KafkaRecord(topic: topic, partition: 0, key: [], value: []),
                KafkaRecord(topic: topic, partition: 0, key: nil, value: nil),
            ]
            let producer = try KafkaProducer(TestBroker.configuration)
            #expect(try await producer.send(records).firstFailure == nil)
            let read = try await TestBroker.readAll(topic, partitions: 1)
            #expect(read.map(\.key) == records.map(\.key))
            #expect(read.map(\.value) == records.map(\.value))
            let first = try #require(read.first)
            #expect(first.headers.all == headers)
            #expect(first.headers.text("twice") == "last")
            #expect(first.headers.text("none") == nil && first.headers.text("absent") == nil)
            #expect(first.headers.bytes("empty") == [])
            #expect(first.timestampMilliseconds == 1_700_000_000_123)
            #expect(read.last?.headers.count == 0)
            try await producer.close(timeout: .seconds(10))
        }
    }

    @Test func `the batch builder writes what it is given`() async throws {
        try await TestBroker.withTopic(partitions: 2) { topic in
            let producer = try KafkaProducer(TestBroker.configuration)
            let handle = try producer.topic(topic)
            var batch = try await producer.batch()
            for number in 0..<10 {
                [UInt8]("value \(number)".utf8).withUnsafeBytes { value in
                    _ = batch.append(to: handle, partition: 1, key: value, value: value) { headers in
                        headers.add("ls_position", decimal: number)
                        headers.add("ce_id", "id-\(number)")
                    }
                }
            }
            let deliveries = try await batch.delivered()
            #expect(deliveries.map(\.offset) == (0..<10).map { Int64($0) })
            let read = try await TestBroker.readAll(topic, partitions: 2)
            #expect(read.map { $0.headers.text("ls_position") } == (0..<10).map { "\($0)" })
            #expect(read.map(\.partition) == Array(repeating: 1, count: 10))
            try await producer.close(timeout: .seconds(10))
        }
    }

    @Test func `without a partition the key decides as in Java`() async throws {
        try await TestBroker.withTopic(partitions: 7) { topic in
            let producer = try KafkaProducer(TestBroker.configuration)
            let keys = (0..<200).map { Array("order-\($0)".utf8) }
            let deliveries = try await producer.send(keys.map { KafkaRecord(topic: topic, key: $0, value: [1]) })
            #expect(deliveries.map(\.partition) == keys.map { KafkaPartitioner.partition(key: $0, partitions: 7) })
            try await producer.close(timeout: .seconds(10))
        }
    }

    @Test func `closing sends what is on its way`() async throws {
        try await TestBroker.withTopic(partitions: 1) { topic in
            let producer = try KafkaProducer(TestBroker.configuration.setting("linger.ms", to: "60000"))
            let handle = try producer.topic(topic)
            var batch = try await producer.batch()
            for _ in 0..<100 {
                [UInt8](repeating: 7, count: 10).withUnsafeBytes {
                    _ = batch.append(to: handle, partition: 0, key: nil, value: $0)
                }
            }
            let pending = batch.handOver()
            try await producer.close(timeout: .seconds(20))
            #expect(try await pending.completed().firstFailure == nil)
            #expect(try await TestBroker.readAll(topic, partitions: 1).count == 100)
            await expectKafkaError(.closed) { () async throws(KafkaError) in _ = try await producer.batch() }
        }
    }

    @Test func `a partition that does not exist is a typed answer and the others arrive`() async throws {
        try await TestBroker.withTopic(partitions: 1) { topic in
            let producer = try KafkaProducer(TestBroker.configuration)
            let deliveries = try await producer.send([
                KafkaRecord(topic: topic, partition: 0, value: [1]),
                KafkaRecord(topic: topic, partition: 9, value: [2]),
            ])
            #expect(deliveries[0].offset == 0)
            #expect(deliveries[1].error?.code == .unknownPartition)
            #expect(deliveries.firstFailure?.index == 1)
            try await producer.close(timeout: .seconds(10))
        }
    }
}

@Suite("Producer and a refusal", .serialized, .timeLimit(.minutes(15))) struct ProducerRefusalTests {
    @Test func `the first refusal closes the batch so that no hole appears`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t", partitions: 1)
        let producer = try KafkaProducer(cluster.configuration.setting("message.max.bytes", to: "2000"))
        let sizes = [10, 5_000, 10]
        let deliveries = try await producer.send(
            sizes.map { KafkaRecord(topic: "t", partition: 0, value: [UInt8](repeating: 1, count: $0)) })
        #expect(deliveries.map(\.error?.code) == [nil, .messageTooLarge, .notAttempted])
        #expect(deliveries[1].persistence == .notPersisted)
        try await producer.close(timeout: .seconds(10))
    }

    @Test func `a full queue is back-pressure and not an error`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t", partitions: 1)
        let producer = try KafkaProducer(cluster.configuration.setting("queue.buffering.max.messages", to: "100"))
        let deliveries = try await producer.send(
            (0..<5_000).map { _ in KafkaRecord(topic: "t", partition: 0, value: [1]) })
        #expect(deliveries.firstFailure == nil)
        #expect(deliveries.map(\.offset) == (0..<5_000).map { Int64($0) })
        try await producer.close(timeout: .seconds(10))
    }
}

func expectKafkaError(
    _ code: KafkaErrorCode, _ body: () async throws(KafkaError) -> Void, location: SourceLocation = #_sourceLocation
) async {
    do {
        try await body()
        Issue.record("no error", sourceLocation: location)
    } catch { #expect(error.code == code, sourceLocation: location) }
}
