import EventModel
import EventSourcing

/// The part of the last read that has not been applied yet.
struct PendingBatch: Sendable {
    /// What a read says beyond its events.
    enum Beyond: Sendable {
        /// They stand one directly behind the other in the log: no lane has anything before the last of them.
        case nothing
        /// Each lane was read by itself; behind all events these lanes stand here.
        case ends([Int: LaneEnd])
    }

    private(set) var events = EventBatch.empty
    private(set) var head = GlobalPosition.start
    private let beyond: Beyond
    /// How many events to try next: all, unless a part of them was refused.
    var attemptCount = 0

    init() { beyond = .nothing }

    init(events: EventBatch, head: GlobalPosition) {
        self.events = events
        self.head = head
        beyond = .nothing
        attemptCount = events.count
    }

    /// What the topic holds of lanes.
    init(_ batch: LaneBatch) {
        events = batch.events
        head = batch.head
        beyond = .ends(batch.ends)
        attemptCount = events.count
    }

    var attempt: EventBatch { events.prefix(attemptCount) }

    /// Whether the log has more, and the whole batch is in the attempt of `count` events. From the topic nothing is read ahead: its client does.
    func leavesMore(behind count: Int) -> Bool {
        guard case .nothing = beyond else { return false }
        return count == events.count && events.last.map { $0.position < head } ?? false
    }

    /// Where lanes stand when the first `count` events have been handled, and what they say of themselves.
    func settle(_ progress: inout LaneProgress, behind count: Int) {
        switch beyond {
        case .nothing:
            if count > 0 { progress.stand(behind: events[events.startIndex + count - 1]) }
            progress.setState(progress.least >= head ? .live : .catchingUp)
        case .ends(let ends):
            if count == events.count { progress.stand(at: ends) }
            progress.setStates(head: head)
        }
    }

    /// Whether there is nothing to apply: no event, and no lane that moves or says something else of itself.
    func isHandled(at progress: LaneProgress?) -> Bool {
        guard events.isEmpty, let progress else { return events.isEmpty }
        guard case .ends = beyond else { return true }
        var next = progress
        settle(&next, behind: 0)
        return next == progress
    }

    mutating func dropFirst(_ count: Int) {
        events = events.dropFirst(count)
        attemptCount = events.count
    }
}
