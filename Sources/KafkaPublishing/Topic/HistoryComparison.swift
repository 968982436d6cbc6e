import EventModel
import EventSourcing
import FoundationEssentials

/// L10: is what a topic or a checkpoint names an event of this log?
struct HistoryComparison: Sendable {
    /// An event as a record names it.
    typealias NamedEvent = (position: GlobalPosition, event: UUID, incarnation: UUID)

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

    /// Why what the partitions hold is of another history, or in another partition than it belongs to; `nil` when it is neither.
    ///
    /// - Parameter named: the event that each partition names, by lane; `nil` where it names none.
    func refusal(of named: [NamedEvent?]) -> PublishingRefusal? {
        for (index, event) in named.enumerated() {
            guard let event else { continue }
            let lane = Lane(Int32(index))
            if let flaw = refusal(lane, at: event.position, event: event.event, incarnation: event.incarnation) {
                return flaw
            }
            guard let known = log[event.position] else { continue }
            let expected = Lane(of: known, count: named.count)
            guard expected == lane else {
                return .otherLane(topic: topic, found: lane, expected: expected, position: event.position)
            }
        }
        return nil
    }
}

extension PublishingCheckpoint? {
    /// How many partitions there are, or are named here, when that is not what is expected.
    func oddPartitions(beside found: Int, expecting lanes: Int) -> Int? {
        let recorded = self?.ends.keys.map { Int($0.rawValue) + 1 }.max() ?? 0
        if found != lanes { return found }
        return recorded > lanes ? recorded : nil
    }
}

extension EventStore {
    /// The events at these positions, and the head: read after what names them was, so it can only be ahead of that.
    func events(at positions: [GlobalPosition]) async throws(StoreError) -> (head: LogHead, events: [RecordedEvent]) {
        let head = try await head()
        var events: [RecordedEvent] = []
        for position in positions where position > .start && position <= head.position {
            let page = try await read(
                EventQuery(after: GlobalPosition(position.rawValue - 1), through: position, limit: 1))
            if let event = page.events.first { events.append(event) }
        }
        return (head, events)
    }
}
