import FoundationEssentials

/// Where a message lies.
public struct InboundPlace: Sendable, Hashable {
    /// The topic.
    public let topic: InboundTopicName
    /// Tells the topic from another one of the same name; see ``InboundBookmark/generation``.
    public let generation: UUID
    /// The partition.
    public let partition: Int32
    /// The offset in the partition.
    public let offset: Int64

    /// A place by its parts.
    public init(topic: InboundTopicName, generation: UUID, partition: Int32, offset: Int64) {
        self.topic = topic
        self.generation = generation
        self.partition = partition
        self.offset = offset
    }

    /// The key of the message that lies here.
    public var key: InboundKey {
        InboundKey(
            cluster: topic.cluster, topic: topic.topic, generation: generation, partition: partition, offset: offset)
    }
}

extension InboundPlace: CustomStringConvertible {
    /// `topic[partition]@offset`.
    public var description: String { "\(topic.topic)[\(partition)]@\(offset)" }
}
