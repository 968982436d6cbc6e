import CRDKafka
import Foundation
import KafkaDriver
import Testing

/// The broker to test against. `LOCKSTEP_KAFKA` holds its bootstrap list; without it the tests that need a real broker
/// are skipped, and those with librdkafka's in-process cluster still run.
enum TestBroker {
    static let bootstrap = ProcessInfo.processInfo.environment["LOCKSTEP_KAFKA"]
    static var isGiven: Bool { bootstrap != nil }
    static var configuration: KafkaConfiguration { KafkaConfiguration(bootstrapServers: bootstrap ?? "") }

    /// A port nobody listens on.
    static let nobody = KafkaConfiguration(bootstrapServers: "127.0.0.1:1")

    static func randomName(_ prefix: String) -> String { "\(prefix)-\(UInt64.random(in: 0 ... .max))" }

    /// A new topic, deleted afterwards. It keeps everything: messages with a time of long ago would be retention's first
    /// prey.
    static func withTopic(partitions: Int, _ body: (String) async throws -> Void) async throws {
        let admin = try KafkaAdmin(configuration, timeout: .seconds(120))
        let name = randomName("driver")
        let created = try await admin.createTopic(
            name, partitions: partitions, replicationFactor: 1, config: ["retention.ms": "-1"])
        #expect(created == .created)
        try await body(name)
        _ = try await admin.deleteTopic(name)
    }

    /// Everything in `partitions` from the beginning up to the ends that the consumer is told of.
    static func readAll(
        _ topic: String, partitions: Int32, configuration: KafkaConfiguration = configuration
    ) async throws -> [KafkaMessage] {
        let consumer = try KafkaConsumer(configuration)
        try consumer.assign((0..<partitions).map { KafkaStart(topic: topic, partition: $0, offset: .beginning) })
        var messages: [KafkaMessage] = []
        var ended: Set<Int32> = []
        while ended.count < Int(partitions) {
            for element in try await consumer.next() {
                switch element {
                case .message(let message): messages.append(message)
                case .endOfPartition(let end): ended.insert(end.partition.partition)
                case .failure(let failure): throw failure.error
                case .rebalance: break
                }
            }
        }
        try await consumer.close()
        return messages
    }
}

/// librdkafka's in-process cluster, owned by a client of its own.
// The pointers are used by one test at a time; librdkafka guards the cluster itself.
final class MockCluster: @unchecked Sendable {
    private let owner: OpaquePointer
    private let cluster: OpaquePointer
    let configuration: KafkaConfiguration

    init(brokers: Int32 = 3) throws {
        let settings = rd_kafka_conf_new()
        rd_kafka_conf_set_log_cb(settings) { _, _, _, _ in }
        owner = try #require(rd_kafka_new(RD_KAFKA_PRODUCER, settings, nil, 0))
        cluster = try #require(rd_kafka_mock_cluster_new(owner, brokers))
        configuration = KafkaConfiguration(
            bootstrapServers: String(cString: rd_kafka_mock_cluster_bootstraps(cluster)),
            properties: ["retry.backoff.ms": "10", "reconnect.backoff.ms": "10"])
    }

    deinit {
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(owner)
    }

    func createTopic(_ name: String, partitions: Int32) {
        rd_kafka_mock_topic_create(cluster, name, partitions, 1)
    }

    /// The next requests of this kind are answered with these errors, in order. 0 is produce, 1 is fetch.
    func fail(_ api: Int16, with errors: [rd_kafka_resp_err_t]) {
        rd_kafka_mock_push_request_errors_array(cluster, api, errors.count, errors)
    }
}
