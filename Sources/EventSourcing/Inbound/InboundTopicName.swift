/// A topic of a cluster.
public struct InboundTopicName: Sendable, Hashable {
    /// The cluster's id; empty where it tells none.
    public let cluster: String
    /// The topic's name.
    public let topic: String

    /// A topic by its names.
    public init(cluster: String, topic: String) {
        self.cluster = cluster
        self.topic = topic
    }

    /// The name under which processes share the topic's partitions.
    public var share: ShareName { ShareName("ingest:\(cluster)/\(topic)") }

    /// The name of the lease of a partition.
    public func lease(of partition: Int32) -> String { share.lease(of: partition) }
}
