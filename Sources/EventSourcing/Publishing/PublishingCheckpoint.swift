import EventModel

/// How far the log has been published, and where that is in the topic.
public struct PublishingCheckpoint: Sendable, Hashable {
    /// The publisher's progress: its position is the end of the contiguous prefix that the broker has acknowledged.
    public var progress: ConsumerProgress
    /// Which topic, by name and generation.
    public var topic: String
    /// The last acknowledged record of each partition that has one.
    public var ends: [Lane: PartitionEnd]

    /// A checkpoint by its parts.
    public init(progress: ConsumerProgress, topic: String, ends: [Lane: PartitionEnd]) {
        self.progress = progress
        self.topic = topic
        self.ends = ends
    }
}

/// The last record that a partition is known to hold.
public struct PartitionEnd: Sendable, Hashable {
    /// Position of the event in the log.
    public var position: GlobalPosition
    /// Offset of its record in the partition.
    public var offset: Int64

    /// An end by its parts.
    public init(position: GlobalPosition, offset: Int64) {
        self.position = position
        self.offset = offset
    }
}

/// Where the publisher keeps its checkpoint.
public protocol PublishingCheckpointStore: Sendable {
    /// The stored checkpoint of this topic; `nil` before the first.
    func publishingCheckpoint(of key: ConsumerProgress.Key, topic: String) async throws(StoreError)
        -> PublishingCheckpoint?
    /// Stores the checkpoint if the stored position is `previous` (0 also when nothing is stored) and the lease's token is the
    /// newest. A checkpoint may move backwards: a truncated topic is published again.
    func advance(
        _ checkpoint: PublishingCheckpoint, from previous: GlobalPosition, under lease: Lease
    ) async throws(StoreError) -> AdvanceAnswer
}
