import EventModel
import EventSourcing

/// What the publisher finds and goes on after, said aloud in the log and in the state of its checkpoint.
public enum PublisherNotice: Sendable, Hashable {
    /// Nothing was ever published to this topic, as far as the checkpoint and the partitions know.
    case firstPublication
    /// The checkpoint is lost or older than the topic; what the partitions hold already is not sent again.
    case topicAheadOfCheckpoint(position: GlobalPosition)
    /// Every partition is empty from offset 0 on although the checkpoint is not: the topic was made anew and is published from the start.
    case newGeneration(published: GlobalPosition)
    /// A partition has lost records: it is filled again from the hole on.
    case truncated(lane: Lane, checkpointed: PartitionEnd, found: PartitionEnd?)
    /// Retention has removed the checkpointed record of a partition; the checkpoint is believed.
    case retained(lane: Lane)
    /// A partition holds records that the consumer rule ignores: remains of a failed delivery or of a second publisher.
    case ignoredRecords(lane: Lane, count: Int)
}

extension PublisherNotice: CustomStringConvertible {
    /// One sentence; never payload.
    public var description: String {
        switch self {
        case .firstPublication: "publishing to an empty topic from the start of the log"
        case .topicAheadOfCheckpoint(let position):
            "the topic holds events behind the checkpoint at \(position); they are not sent again"
        case .newGeneration(let published):
            "the topic was made anew: its partitions are empty at offset 0, but \(published) events had been published; publishing from "
                + "the start"
        case .truncated(let lane, let checkpointed, let found):
            "partition \(lane) ends at position \(found?.position ?? .start), but position \(checkpointed.position) had been acknowledged "
                + "at offset \(checkpointed.offset): the partition was truncated and is filled again"
        case .retained(let lane): "retention has removed the checkpointed record of partition \(lane)"
        case .ignoredRecords(let lane, let count):
            "partition \(lane) holds \(count) records that the consumer rule ignores; consumers are not affected"
        }
    }
}
