import EventModel
import FoundationEssentials

/// Why the publisher does not touch a topic until somebody has looked (L10). A retry never helps.
public enum PublishingRefusal: Error, Sendable, Hashable {
    /// The topic has another number of partitions than the log has lanes.
    case partitionCount(topic: String, found: Int, expected: Int)
    /// The topic, or the checkpoint (`lane` is `nil`), holds an event behind the end of the log.
    case aheadOfLog(topic: String, lane: Lane?, position: GlobalPosition, head: GlobalPosition)
    /// The topic, or the checkpoint, was written from another incarnation of the log.
    case otherIncarnation(topic: String, lane: Lane?, found: UUID, log: UUID)
    /// The log holds another event at the position of a record, or of the checkpoint.
    case otherEvent(topic: String, lane: Lane?, position: GlobalPosition, found: UUID, log: UUID?)
    /// A record is in a partition that its key does not belong to.
    case otherLane(topic: String, found: Lane, expected: Lane, position: GlobalPosition)
    /// A newer version of the fold has written to the topic: what an older one writes would never be taken by readers.
    case newerFold(topic: String, found: Int, known: Int)
    /// More keys cannot be folded than may stand still beside the others.
    case keysStandStill(topic: String, count: Int, limit: Int)
}

extension PublishingRefusal: CustomStringConvertible {
    /// What is wrong, then the repair plan.
    public var description: String {
        switch self {
        case .partitionCount(let topic, let found, let expected):
            TopicError.partitionCount(topic: topic, found: found, expected: expected).description
        case .aheadOfLog(let topic, let lane, let position, let head):
            "\(place(topic, lane)) holds position \(position), but the log ends at \(head): the log was restored from an older copy; "
                + plan(topic)
        case .otherIncarnation(let topic, let lane, let found, let log):
            "\(place(topic, lane)) was written from incarnation \(found.uuidString.lowercased()), but this log is incarnation "
                + "\(log.uuidString.lowercased()): they are different histories; " + plan(topic)
        case .otherEvent(let topic, let lane, let position, let found, let log):
            "\(place(topic, lane)) holds event \(found.uuidString.lowercased()) at position \(position), the log holds "
                + "\(log?.uuidString.lowercased() ?? "none") there: the log was restored and written to again; "
                + plan(topic)
        case .otherLane(let topic, let found, let expected, let position):
            "topic \(topic) holds position \(position) in partition \(found), but its key belongs to \(expected): the topic was written "
                + "with another number of lanes; publish to a new topic"
        case .newerFold(let topic, let found, let known):
            "topic \(topic) holds states of version \(found) of the fold and this program knows version \(known): use the newer program; "
                + "to go back for good, write to a new topic"
        case .keysStandStill(let topic, let count, let limit):
            "\(count) keys of topic \(topic) cannot be folded and the limit is \(limit): that is no single bad event; install a version of "
                + "this program that understands them"
        }
    }

    private func place(_ topic: String, _ lane: Lane?) -> String {
        lane.map { "partition \($0) of topic \(topic)" } ?? "the publisher's checkpoint of topic \(topic)"
    }

    private func plan(_ topic: String) -> String {
        "nothing was published. Repair: (1) stop the writers; (2) run `lockstep doctor`, which compares the log's tail with the topic; "
            + "(3) either restore the copy of the log that has the missing events, or run `lockstep doctor adopt-history` and publish "
            + "to a new topic, so that no consumer of \(topic) sees two histories"
    }
}
