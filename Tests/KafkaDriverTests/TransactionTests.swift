import KafkaDriver
import Testing

@Suite("Transactions", .enabled(if: TestBroker.isGiven), .serialized, .timeLimit(.minutes(15))) struct TransactionTests
{
    private let wait = Duration.seconds(120)

    private func producer(_ id: String) async throws -> KafkaProducer {
        let producer = try KafkaProducer(TestBroker.configuration.setting("transactional.id", to: id))
        try await producer.initTransactions(timeout: wait)
        return producer
    }

    private func send(_ value: UInt8, to topic: String, _ producer: KafkaProducer) async throws -> KafkaDelivery {
        try await producer.send([KafkaRecord(topic: topic, partition: 0, value: [value])])[0]
    }

    @Test func `what is aborted is not read and what is committed is, without control records`() async throws {
        try await TestBroker.withTopic(partitions: 1) { topic in
            let producer = try await producer(TestBroker.randomName("txn"))
            for (value, commits) in [(UInt8(1), true), (2, false), (3, true)] {
                try await producer.beginTransaction()
                #expect(try await send(value, to: topic, producer).error == nil)
                if commits {
                    try await producer.commitTransaction(timeout: wait)
                } else {
                    try await producer.abortTransaction(timeout: wait)
                }
            }
            try await producer.close(timeout: wait)
            let read = try await TestBroker.readAll(topic, partitions: 1)
            #expect(read.map(\.value) == [[1], [3]])
            #expect(read.map(\.offset) == [0, 4])
        }
    }

    @Test func `a second producer with the same id fences the first for good`() async throws {
        try await TestBroker.withTopic(partitions: 1) { topic in
            let id = TestBroker.randomName("txn")
            let first = try await producer(id)
            try await first.beginTransaction()
            #expect(try await send(1, to: topic, first).error == nil)
            let second = try await producer(id)
            do throws(KafkaError) {
                try await first.commitTransaction(timeout: wait)
                Issue.record("the fenced producer committed")
            } catch {
                #expect(error.isFatal)
                #expect([.fenced, .producerFenced, .invalidProducerEpoch].contains(error.code), "\(error)")
            }
            first.abandon()
            try await second.close(timeout: wait)
        }
    }

    @Test func `without a transactional id a transaction is refused`() async throws {
        let plain = try KafkaProducer(TestBroker.configuration)
        do throws(KafkaError) {
            try await plain.beginTransaction()
            Issue.record("accepted")
        } catch { #expect(!error.isRetriable) }
        plain.abandon()
    }
}
