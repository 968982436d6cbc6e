import KafkaDriver
import KafkaPublishing
import Testing

/// Somebody else's topic.
enum Foreign {
    static func write(to topic: String, lanes: Int) async throws {
        try await KafkaRecordTopic.random(topic).prepare(lanes: lanes)
        let producer = try KafkaProducer(Broker.configuration)
        let answers = try await producer.send([KafkaRecord(topic: topic, key: [1], value: [2])])
        #expect(answers.firstFailure == nil)
        try await producer.close(timeout: .seconds(5))
    }
}
