import EventModel
import EventSourcing
import FoundationEssentials
import KafkaPublishing
import PostgresEventStore

/// The ends of the topic's partitions against the log: what decides whether a restored log may go on (L10).
struct TailComparison: Sendable, Equatable {
    /// The end of one partition.
    struct End: Sendable, Equatable {
        enum Standing: Sendable, Equatable {
            /// The partition has no record.
            case empty
            /// The log holds the same event at this position.
            case same
            /// The log ends before this position: the log has lost events that consumers have seen.
            case ahead
            /// The log holds another event at this position: two histories.
            case other
        }

        var lane: Int
        /// Position of the last record; 0 when there is none.
        var position: GlobalPosition
        var standing: Standing
    }

    var topic: String
    /// `false` when the topic does not exist: nothing was published, or the copy is gone as well.
    var exists: Bool
    var head: GlobalPosition
    var ends: [End] = []

    /// The last position that the topic holds.
    var position: GlobalPosition { ends.map(\.position).max() ?? .start }
    /// Partitions that the log has fallen behind, or contradicts.
    var contradictions: [End] { ends.filter { $0.standing == .ahead || $0.standing == .other } }

    /// Reads the ends of the partitions from the publisher's checkpoint on, and the log's events at their positions.
    static func read(_ store: PostgresEventStore, _ kafka: KafkaSettings, exists: Bool) async throws -> TailComparison {
        let head = try await store.head().position
        var comparison = TailComparison(topic: kafka.topic, exists: exists, head: head)
        guard exists else { return comparison }
        let checkpoint = try await store.publishingCheckpoint(of: .publisher(of: kafka.topic), topic: kafka.topic)
        let found = try await kafka.recordTopic.ends(from: checkpoint, lanes: kafka.partitions)
        for (lane, partition) in found.partitions.enumerated() {
            comparison.ends.append(try await end(of: partition, lane: lane, head: head, store))
        }
        return comparison
    }

    private static func end(
        of partition: PartitionFindings, lane: Int, head: GlobalPosition, _ store: PostgresEventStore
    ) async throws -> End {
        guard let position = partition.mark?.position ?? partition.last?.position, position > .start else {
            return End(lane: lane, position: .start, standing: .empty)
        }
        guard position <= head else { return End(lane: lane, position: position, standing: .ahead) }
        // A record that retention has removed is known by its position alone.
        guard let mark = partition.mark else { return End(lane: lane, position: position, standing: .same) }
        let query = EventQuery(after: GlobalPosition(position.rawValue - 1), through: position, limit: 1)
        let event = try await store.read(query).events.first
        return End(lane: lane, position: position, standing: event?.id == mark.eventID ? .same : .other)
    }
}
