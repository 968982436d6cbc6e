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
        /// The history that the last record was written from; `nil` when it is not known.
        var incarnation: UUID?
    }

    var topic: String
    /// `false` when the topic does not exist: nothing was published, or the copy is gone as well.
    var exists: Bool
    var head: GlobalPosition
    var ends: [End] = []
    /// The history that the log is written in now; `nil` when it was not asked for.
    var incarnation: UUID?
    /// Whether a decision of an operator names the topic as left.
    var isOnRecord = false

    /// The last position that the topic holds.
    var position: GlobalPosition { ends.map(\.position).max() ?? .start }
    /// Partitions that the log has fallen behind, or contradicts.
    var contradictions: [End] { ends.filter { $0.standing == .ahead || $0.standing == .other } }
    /// Whether it is on record that the log has left what the topic holds: the copy of an earlier history, which stays what it is. What the present
    /// history has written there since, and lost, is another matter.
    var isLeft: Bool {
        isOnRecord && !contradictions.isEmpty && contradictions.allSatisfy { $0.incarnation != incarnation }
    }

    /// Whether the topic holds what the log does not, and nobody has said yet that this is how it is to be.
    var isContradicted: Bool { !contradictions.isEmpty && !isLeft }

    /// Reads the ends of the partitions from the publisher's checkpoint on, and the log's events at their positions.
    static func read(_ store: PostgresEventStore, _ kafka: KafkaSettings, exists: Bool) async throws -> TailComparison {
        guard exists else {
            return TailComparison(topic: kafka.topic, exists: exists, head: try await store.head().position)
        }
        let checkpoint = try await store.publishingCheckpoint(of: .publisher(of: kafka.topic), topic: kafka.topic)
        let found = try await kafka.recordTopic.ends(from: checkpoint, lanes: kafka.partitions)
        // Behind the partitions: what is published is in the log before, so the log ends before it only where it has lost something.
        let head = try await store.head()
        var comparison = TailComparison(
            topic: kafka.topic, exists: exists, head: head.position, incarnation: head.incarnation,
            isOnRecord: try await EarlierIncarnations.leftTopics(in: store).contains(kafka.topic))
        for (lane, partition) in found.partitions.enumerated() {
            comparison.ends.append(try await end(of: partition, lane: lane, head: head.position, store))
        }
        return comparison
    }

    private static func end(
        of partition: PartitionFindings, lane: Int, head: GlobalPosition, _ store: PostgresEventStore
    ) async throws -> End {
        guard let position = partition.mark?.position ?? partition.last?.position, position > .start else {
            return End(lane: lane, position: .start, standing: .empty)
        }
        let incarnation = partition.mark?.incarnation
        guard position <= head else {
            return End(lane: lane, position: position, standing: .ahead, incarnation: incarnation)
        }
        // A record that retention has removed is known by its position alone.
        guard let mark = partition.mark else { return End(lane: lane, position: position, standing: .same) }
        let query = EventQuery(after: GlobalPosition(position.rawValue - 1), through: position, limit: 1)
        let event = try await store.read(query).events.first
        return End(
            lane: lane, position: position, standing: event?.id == mark.eventID ? .same : .other,
            incarnation: incarnation)
    }
}
