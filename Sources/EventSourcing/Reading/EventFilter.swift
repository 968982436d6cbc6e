import EventModel
import FoundationEssentials

/// Which events are wanted. The store selects by the most telling part, the rest is compared here.
public struct EventFilter: Sendable, Hashable {
    /// Only this stream.
    public var stream: StreamName?
    /// Only these categories; every one when there is none.
    public var categories: [Category]
    /// Only these types; every one when there is none.
    public var types: [EventType]
    /// Only this conversation.
    public var correlation: UUID?
    /// Only this tenant.
    public var workspace: Workspace?

    /// A filter that lets through what fits each of its parts; everything unless said otherwise.
    public init(
        stream: StreamName? = nil, categories: [Category] = [], types: [EventType] = [], correlation: UUID? = nil,
        workspace: Workspace? = nil
    ) {
        self.stream = stream
        self.categories = categories
        self.types = types
        self.correlation = correlation
        self.workspace = workspace
    }

    /// What the store is asked for, over all streams.
    public var selection: EventQuery.Selection {
        if let correlation { return .correlation(correlation) }
        guard workspace != nil || !categories.isEmpty || !types.isEmpty || stream != nil else { return .all }
        let wanted = categories.isEmpty ? stream.map { [$0.category] } ?? [] : categories
        return .kinds(workspace: workspace, categories: wanted, types: types)
    }

    /// Whether an event is wanted.
    public func matches(_ event: RecordedEvent) -> Bool {
        if let correlation, event.correlationID != correlation { return false }
        if let workspace, event.workspace != workspace { return false }
        if !categories.isEmpty, !categories.contains(event.category) { return false }
        if !types.isEmpty, !types.contains(event.type) { return false }
        if let stream, event.stream != stream { return false }
        return true
    }
}
