import CRDKafka
import KafkaDriver
import Synchronization
import Testing

@Suite("Producer under faults", .serialized, .timeLimit(.minutes(15))) struct ProducerFaultTests {
    /// One request at a time: this cluster does not compare sequence numbers, so it would take a later request before the
    /// retried one, which a broker refuses.
    @Test(arguments: [
        [RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT],
        [RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE],
        [RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND],
    ])
    func `retried requests keep order and make no duplicates`(_ errors: [rd_kafka_resp_err_t]) async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t", partitions: 1)
        let producer = try KafkaProducer(
            cluster.configuration.setting("batch.num.messages", to: "50")
                .setting("max.in.flight.requests.per.connection", to: "1"))
        #expect(try await producer.send([KafkaRecord(topic: "t", partition: 0, value: [255])]).firstFailure == nil)
        cluster.fail(0, with: errors + errors)
        let values = (0..<1_000).map { Array("\($0)".utf8) }
        let deliveries = try await producer.send(values.map { KafkaRecord(topic: "t", partition: 0, value: $0) })
        #expect(deliveries.firstFailure == nil)
        #expect(deliveries.map(\.offset) == (1...1_000).map { Int64($0) })
        try await producer.close(timeout: .seconds(10))
        let read = try await TestBroker.readAll("t", partitions: 1, configuration: cluster.configuration)
        #expect(read.dropFirst().map(\.value) == values)
    }

    @Test func `a gap in the sequence is fatal and said so`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t", partitions: 1)
        let (observer, diagnostics) = KafkaObserver.stream()
        let configuration = cluster.configuration.setting("enable.gapless.guarantee", to: "true")
        let producer = try KafkaProducer(configuration, observer: observer)
        cluster.fail(0, with: [RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED])
        let deliveries = try await producer.send([KafkaRecord(topic: "t", partition: 0, value: [1])])
        let failure = try #require(deliveries[0].error)
        #expect(!failure.isRetriable)
        for await case .error(let error) in diagnostics where error.isFatal {
            #expect(error.code == .gaplessGuaranteeLost)
            break
        }
        let next = try await producer.send([KafkaRecord(topic: "t", partition: 0, value: [2])])
        #expect(next[0].error?.isFatal == true)
        producer.abandon()
    }

    @Test func `with no broker a send waits and its cancellation returns`() async throws {
        let (observer, diagnostics) = KafkaObserver.stream()
        let producer = try KafkaProducer(TestBroker.nobody, observer: observer)
        let sending = Task { try await producer.send([KafkaRecord(topic: "t", partition: 0, value: [1])]) }
        for await case .error(let error) in diagnostics where error.code == .allBrokersDown || error.code == .transport
        {
            #expect(error.isRetriable && !error.isFatal)
            break
        }
        sending.cancel()
        await #expect(throws: KafkaError(.cancelled)) { try await sending.value }
        #expect(producer.outstanding == 1)
        producer.abandon()
    }

    @Test func `abandoning answers everything that was on its way`() async throws {
        let producer = try KafkaProducer(TestBroker.nobody)
        let topic = try producer.topic("t")
        var batch = try await producer.batch()
        for _ in 0..<1_000 { batch.append(to: topic, partition: 0, key: nil, value: nil) }
        let pending = batch.handOver()
        producer.abandon()
        let deliveries = try await pending.completed()
        #expect(deliveries.count == 1_000)
        #expect(deliveries.allSatisfy { $0.error?.code == .purgedFromQueue && $0.persistence == .notPersisted })
        await expectKafkaError(.closed) { () async throws(KafkaError) in _ = try await producer.batch() }
    }

    @Test func `what is appended after abandoning is refused`() async throws {
        let producer = try KafkaProducer(TestBroker.nobody)
        let topic = try producer.topic("t")
        var batch = try await producer.batch()
        let before = batch.append(to: topic, partition: 0, key: nil, value: nil)
        producer.abandon()
        let after = batch.append(to: topic, partition: 0, key: nil, value: nil)
        let refusal = batch.refusal
        #expect(before && !after)
        #expect(refusal?.code == .closed)
        let deliveries = try await batch.delivered()
        #expect(deliveries.map(\.error?.code) == [.purgedFromQueue, .closed])
    }

    @Test func `dropping the producer abandons it`() async throws {
        let pending = try await sendAndForget()
        #expect(try await pending.completed()[0].error?.code == .purgedFromQueue)
    }

    private func sendAndForget() async throws -> KafkaPendingDeliveries {
        let producer = try KafkaProducer(TestBroker.nobody)
        let topic = try producer.topic("t")
        var batch = try await producer.batch()
        batch.append(to: topic, partition: 0, key: nil, value: nil)
        return batch.handOver()
    }

    @Test func `purging answers and leaves the producer usable`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t", partitions: 1)
        let producer = try KafkaProducer(cluster.configuration.setting("linger.ms", to: "60000"))
        let topic = try producer.topic("t")
        var batch = try await producer.batch()
        batch.append(to: topic, partition: 0, key: nil, value: nil)
        let pending = batch.handOver()
        producer.purge()
        #expect(try await pending.completed()[0].error?.code == .purgedFromQueue)
        async let later = producer.send([KafkaRecord(topic: "t", partition: 0, value: [1])])
        while producer.outstanding == 0 { await Task.yield() }
        try await producer.flush(timeout: .seconds(20))
        #expect(try await later.firstFailure == nil)
        try await producer.close(timeout: .seconds(10))
    }

    @Test func `flushing without a broker times out, as a retriable error`() async throws {
        let producer = try KafkaProducer(TestBroker.nobody)
        let topic = try producer.topic("t")
        var batch = try await producer.batch()
        batch.append(to: topic, partition: 0, key: nil, value: nil)
        _ = batch.handOver()
        do {
            try await producer.close(timeout: .milliseconds(50))
            Issue.record("closed without loss")
        } catch {
            #expect(error.code == .timedOut)
            #expect(error.isRetriable && !error.isFatal)
        }
    }

    @Test func `statistics are delivered and can be read`() async throws {
        let cluster = try MockCluster()
        let (observer, diagnostics) = KafkaObserver.stream()
        let producer = try KafkaProducer(
            cluster.configuration.setting("statistics.interval.ms", to: "20"), observer: observer)
        #expect(try await producer.send([KafkaRecord(topic: "t", partition: 0, value: [1])]).firstFailure == nil)
        for await case .statistics(let report) in diagnostics {
            let snapshot = try report.snapshot()
            if snapshot.sentMessages == 1, snapshot.brokers.values.contains(where: { $0.state == "UP" }) { break }
        }
        try await producer.close(timeout: .seconds(10))
    }
}
