import EventModel
import FoundationEssentials

/// The events that a projection leaves out, because somebody decided so on the record. Every fold is given them: live, retried, rebuilt and
/// naive, so that all of them leave out the same.
public struct SkippedEvents: Sendable, Hashable {
    /// By position; the id tells an event of another history from the one that was meant.
    private var ids: [GlobalPosition: UUID] = [:]

    /// None.
    public static let none = SkippedEvents()

    /// None.
    public init() {}

    /// How many there are.
    public var count: Int { ids.count }

    /// Whether the fold leaves an event out.
    public func includes(_ event: RecordedEvent) -> Bool {
        !ids.isEmpty && ids[event.position] == event.id
    }

    /// Whether the event at a position is left out, if it has this id.
    public func includes(_ position: GlobalPosition, id: UUID) -> Bool { ids[position] == id }

    /// Takes up what one more event of the projection's own stream says.
    public mutating func take(_ event: ProjectionEvent) {
        switch event {
        case .eventSkipped(let skipped): ids[skipped.position] = skipped.eventID
        }
    }

    /// Takes up one more event as the log has it. What is no event of ours, or of a later version, leaves nothing out: the event that it
    /// meant is parked as before.
    public mutating func take(_ event: RecordedEvent) {
        guard event.category.rawValue == ProjectionEvent.category, let decided = try? ProjectionEvent(event) else {
            return
        }
        take(decided)
    }
}
