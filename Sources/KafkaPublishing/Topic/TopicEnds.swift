import EventModel
import EventSourcing

/// What was found at the end of every partition of a topic.
public struct TopicEnds: Sendable, Hashable {
    /// By partition number, from 0.
    public var partitions: [PartitionFindings]

    /// Findings of all partitions.
    public init(partitions: [PartitionFindings]) {
        self.partitions = partitions
    }
}

/// What was found in one partition.
public struct PartitionFindings: Sendable, Hashable {
    /// How the record that the checkpoint names was found.
    public enum Standing: Sendable, Hashable {
        /// It is where the checkpoint says; the partition was read from it on.
        case confirmed
        /// It was removed by retention and the partition goes on behind it; the checkpoint is believed.
        case retained
        /// It is not there, or another record is in its place: the partition was truncated, rewritten or made anew. Everything was read.
        case rewritten
        /// The checkpoint names no record of this partition. Everything was read.
        case unnamed
    }

    /// How the checkpointed record was found.
    public var standing: Standing
    /// The last record that the consumer rule accepts; `nil` when there is none.
    public var last: PartitionEnd?
    /// The mark of that record; `nil` when it is known from the checkpoint alone.
    public var mark: RecordMark?
    /// The offset that the next record would have had: 0 for a partition that never had a record.
    public var endOffset: Int64
    /// Records behind the start of reading that the consumer rule ignores.
    public var ignored: Int

    /// Findings by their parts.
    public init(standing: Standing, last: PartitionEnd?, mark: RecordMark?, endOffset: Int64, ignored: Int = 0) {
        self.standing = standing
        self.last = last
        self.mark = mark
        self.endOffset = endOffset
        self.ignored = ignored
    }
}
