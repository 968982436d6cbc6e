internal import CRDKafka
import Synchronization

/// What one pull brought: messages, marks and failures in the order of arrival, then what happened to the group.
///
/// The messages belong to the batch and are freed with it.
///
/// `@unchecked Sendable`: the messages are only read, but for their headers, which librdkafka parses on first sight:
/// `parsing` guards that.
public final class KafkaMessageBatch: @unchecked Sendable {
    /// One thing a pull brought.
    public enum Element: Sendable {
        /// A message.
        case message(KafkaMessage)
        /// The partition's present end: its next message will have this offset. Only with `enable.partition.eof`.
        case endOfPartition(KafkaPosition)
        /// Something went wrong with one partition, or with the consumer as a whole.
        case failure(KafkaPartitionFailure)
        /// Partitions came or went.
        case rebalance(KafkaRebalance)
    }

    private let client: KafkaClient
    private let messages: [UnsafeMutablePointer<rd_kafka_message_t>]
    private let topics: TopicNames
    private let parsing = Mutex(())
    /// What happened to the group during this pull.
    public let rebalances: [KafkaRebalance]

    /// Takes over messages, which it frees.
    init(
        _ client: KafkaClient, adopting messages: [UnsafeMutablePointer<rd_kafka_message_t>],
        rebalances: [KafkaRebalance]
    ) {
        self.client = client
        self.messages = messages
        self.rebalances = rebalances
        topics = TopicNames(messages)
    }

    deinit {
        for message in messages { rd_kafka_message_destroy(message) }
    }

    /// Whether the pull brought nothing before its time was up.
    public var isEmpty: Bool { messages.isEmpty && rebalances.isEmpty }

    func native(_ index: Int) -> UnsafeMutablePointer<rd_kafka_message_t> { messages[index] }

    func topicName(of message: UnsafeMutablePointer<rd_kafka_message_t>) -> String { topics[message.pointee.rkt] }

    func headers(of message: UnsafeMutablePointer<rd_kafka_message_t>) -> OpaquePointer? {
        // A lock gives out only what is Sendable, so the pointer passes as a number.
        let address = parsing.withLock { _ in
            var headers: OpaquePointer?
            let code = rd_kafka_message_headers(message, &headers)
            return code == RD_KAFKA_RESP_ERR_NO_ERROR ? UInt(bitPattern: headers) : 0
        }
        return OpaquePointer(bitPattern: address)
    }
}

extension KafkaMessageBatch: RandomAccessCollection {
    /// Always 0.
    public var startIndex: Int { 0 }
    /// The number of elements.
    public var endIndex: Int { messages.count + rebalances.count }

    /// One thing the pull brought.
    public subscript(index: Int) -> Element {
        guard index < messages.count else { return .rebalance(rebalances[index - messages.count]) }
        let message = native(index)
        let code = KafkaErrorCode(message.pointee.err)
        switch code {
        case .none: return .message(KafkaMessage(self, index))
        case .endOfPartition: return .endOfPartition(KafkaPosition(partition(of: message), message.pointee.offset))
        default: return .failure(failure(code, message))
        }
    }

    private func partition(of message: UnsafeMutablePointer<rd_kafka_message_t>) -> KafkaTopicPartition {
        KafkaTopicPartition(topicName(of: message), message.pointee.partition)
    }

    private func failure(
        _ code: KafkaErrorCode, _ message: UnsafeMutablePointer<rd_kafka_message_t>
    ) -> KafkaPartitionFailure {
        let partition = message.pointee.rkt == nil ? nil : partition(of: message)
        let text = rd_kafka_message_errstr(message).map { String(cString: $0) }
        let fatal = code == .fatal ? KafkaError.fatalCause(of: client.handle) : nil
        return KafkaPartitionFailure(
            partition: partition, offset: message.pointee.offset >= 0 ? message.pointee.offset : nil,
            error: fatal ?? KafkaError(code, message: text, subject: partition.map { .partition($0) }))
    }
}

/// Something that went wrong with one partition, or with the consumer as a whole.
public struct KafkaPartitionFailure: Sendable, Hashable {
    /// The partition; nil when the whole consumer is concerned.
    public let partition: KafkaTopicPartition?
    /// The offset concerned, where there is one.
    public let offset: Int64?
    /// What went wrong.
    public let error: KafkaError

    /// The place to read from does not exist: it was deleted by retention, lies behind the end, or was never stored.
    /// Nothing is skipped; the partition stands still until it is assigned or sought anew.
    public var isOffsetOutOfRange: Bool { error.code == .offsetReset || error.code == .offsetOutOfRange }
}

/// The names of the topics in one batch; nearly always one or two.
private struct TopicNames {
    private var names: [(topic: OpaquePointer?, name: String)] = []

    init(_ messages: [UnsafeMutablePointer<rd_kafka_message_t>]) {
        for message in messages {
            guard let topic = message.pointee.rkt, topic != names.last?.topic else { continue }
            if !names.contains(where: { $0.topic == topic }) {
                names.append((topic, String(cString: rd_kafka_topic_name(topic))))
            }
        }
    }

    subscript(topic: OpaquePointer?) -> String { names.first { $0.topic == topic }?.name ?? "" }
}
