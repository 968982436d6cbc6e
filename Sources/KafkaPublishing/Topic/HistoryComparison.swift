import EventModel
import EventSourcing
import FoundationEssentials

/// L10: is what a topic or a checkpoint names an event of this log?
struct HistoryComparison: Sendable {
    let topic: String
    /// Incarnations that the log continues by decision of an operator.
    let earlierIncarnations: Set<UUID>
    let head: LogHead
    /// The log's own events at the positions in question, where it has one.
    let log: [GlobalPosition: RecordedEvent]

    init(topic: String, earlierIncarnations: Set<UUID>, head: LogHead, events: [RecordedEvent]) {
        self.topic = topic
        self.earlierIncarnations = earlierIncarnations
        self.head = head
        log = Dictionary(events.map { ($0.position, $0) }) { first, _ in first }
    }

    /// Why the stored progress is of another history; `nil` when it is not.
    func refusal(_ progress: ConsumerProgress?) -> PublishingRefusal? {
        guard let progress, progress.position > .start else { return nil }
        return refusal(
            nil, at: progress.position, event: progress.lastEventID, incarnation: progress.incarnation)
    }

    /// Why what names this event is of another history; `nil` when it is not.
    ///
    /// - Parameter lane: the partition that holds the name; `nil` for the checkpoint.
    func refusal(
        _ lane: Lane?, at position: GlobalPosition, event: UUID?, incarnation: UUID
    ) -> PublishingRefusal? {
        guard position <= head.position else {
            return .aheadOfLog(topic: topic, lane: lane, position: position, head: head.position)
        }
        guard incarnation == head.incarnation || earlierIncarnations.contains(incarnation) else {
            return .otherIncarnation(topic: topic, lane: lane, found: incarnation, log: head.incarnation)
        }
        if let event, log[position]?.id != event {
            return .otherEvent(topic: topic, lane: lane, position: position, found: event, log: log[position]?.id)
        }
        return nil
    }
}
