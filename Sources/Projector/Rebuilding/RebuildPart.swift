import EventModel
import EventSourcing

/// A part of the log whose rows are made anew, while all other rows stay as they are.
public enum RebuildPart: Sendable, Hashable {
    /// The events of one stream.
    case stream(Workspace, StreamName)
    /// The events of one tenant.
    case workspace(Workspace)
    /// The events of a range of positions, the bounds included.
    case positions(ClosedRange<GlobalPosition>)

    /// Whether an event is of the part.
    func includes(_ event: RecordedEvent) -> Bool {
        switch self {
        case .stream(let workspace, let stream): event.workspace == workspace && event.stream == stream
        case .workspace(let workspace): event.workspace == workspace
        case .positions(let range): range.contains(event.position)
        }
    }

    /// What the log is asked for: at least the events of the part.
    var selection: EventQuery.Selection {
        switch self {
        case .stream(let workspace, let stream):
            .kinds(workspace: workspace, categories: [stream.category], types: [])
        case .workspace(let workspace): .kinds(workspace: workspace, categories: [], types: [])
        case .positions: .all
        }
    }

    /// Where reading begins and ends.
    func bounds(after position: GlobalPosition, through end: GlobalPosition) -> (GlobalPosition, GlobalPosition) {
        guard case .positions(let range) = self else { return (position, end) }
        return (max(position, GlobalPosition(range.lowerBound.rawValue - 1)), min(end, range.upperBound))
    }
}

extension RebuildPart: CustomStringConvertible {
    /// As a part of a sentence.
    public var description: String {
        switch self {
        case .stream(let workspace, let stream):
            workspace == .default ? "stream \(stream)" : "stream \(stream) of workspace \(workspace)"
        case .workspace(let workspace): "workspace \(workspace)"
        case .positions(let range): "positions \(range.lowerBound) to \(range.upperBound)"
        }
    }
}
