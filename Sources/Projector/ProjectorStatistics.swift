import EventModel
import EventSourcing

/// What a projector of this process has done, for metrics. Health is judged from the store instead (L8).
public struct ProjectorStatistics: Sendable, Equatable {
    /// What it is doing.
    public var state = ProjectorState.starting
    /// The position of its view.
    public var position = GlobalPosition.start
    /// The end of the log when it was last read.
    public var head = GlobalPosition.start
    /// Events handled by this process since it started.
    public var eventsHandled: Int64 = 0
    /// Batches applied by this process since it started.
    public var batches: Int64 = 0
    /// Events of the last batch.
    public var lastBatchEvents = 0
    /// How long applying the last batch took.
    public var lastBatchDuration = Duration.zero
    /// Keys that are parked, as far as this process knows.
    public var parkedKeys = 0
    /// Why it stands still, or stood still last; `nil` again after the next batch.
    public var fault: ProjectorFault?

    /// Whether the view reached the end of the log as it was last read.
    public var isCaughtUp: Bool { state == .live && position >= head }

    mutating func count(_ progress: LaneProgress, events: Int, duration: Duration) {
        state = progress.lanes.first.flatMap { ProjectorState(rawValue: $0.state) } ?? .catchingUp
        position = progress.least
        eventsHandled += Int64(events)
        batches += 1
        lastBatchEvents = events
        lastBatchDuration = duration
        fault = nil
    }
}
