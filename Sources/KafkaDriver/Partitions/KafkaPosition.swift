internal import CRDKafka

/// An offset in a partition.
public struct KafkaPosition: Hashable, Sendable, CustomStringConvertible {
    /// The partition.
    public let partition: KafkaTopicPartition
    /// The offset, from 0; negative where there is none.
    public let offset: Int64

    /// An offset in a partition.
    public init(_ partition: KafkaTopicPartition, _ offset: Int64) {
        self.partition = partition
        self.offset = offset
    }

    /// `topic[partition]@offset`.
    public var description: String { "\(partition)@\(offset)" }
}

/// Where reading of a partition begins.
public struct KafkaStart: Hashable, Sendable {
    /// A place in a partition.
    public enum Offset: Hashable, Sendable {
        /// The oldest message that is still there.
        case beginning
        /// Behind the newest message.
        case end
        /// The offset the group has committed.
        case stored
        /// This offset, from 0.
        case at(Int64)

        var native: Int64 {
            switch self {
            case .beginning: crdkafka_offset_beginning
            case .end: crdkafka_offset_end
            case .stored: crdkafka_offset_stored
            case .at(let offset): offset
            }
        }
    }

    /// The partition.
    public let partition: KafkaTopicPartition
    /// The place in it.
    public let offset: Offset

    /// A place in a partition.
    public init(_ partition: KafkaTopicPartition, _ offset: Offset) {
        self.partition = partition
        self.offset = offset
    }

    /// A place in a partition.
    public init(topic: String, partition: Int32, offset: Offset) {
        self.init(KafkaTopicPartition(topic, partition), offset)
    }
}

/// The first and the next offset of a partition.
public struct KafkaWatermarks: Hashable, Sendable {
    /// The oldest offset that is still there.
    public let low: Int64
    /// The offset the next message will have. `low == high > 0` is retention, not a partition that was always empty.
    public let high: Int64

    /// The ends of a partition.
    public init(low: Int64, high: Int64) {
        self.low = low
        self.high = high
    }
}
