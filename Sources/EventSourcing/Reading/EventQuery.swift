import EventModel
import FoundationEssentials

/// Which events to read, over all streams, in log order.
public struct EventQuery: Sendable, Hashable {
    /// The most events a page may be asked for.
    public static let limitRange = 1...10_000
    /// A page ends after this many bytes even when it has room for more events (at least one event is returned).
    public static let pageBytes = 16 * 1_048_576

    /// What to select.
    public enum Selection: Sendable, Hashable {
        /// Every event of the log.
        case all
        /// The events of these workspaces, categories and types; an empty list selects all.
        case kinds(workspace: Workspace?, categories: [Category], types: [EventType])
        /// The events of one conversation.
        case correlation(UUID)
    }

    /// Which end to start at.
    public enum Direction: Sendable, Hashable {
        /// Oldest first.
        case forwards
        /// Newest first.
        case backwards
    }

    /// What to select.
    public var selection: Selection
    /// Which end to start at.
    public var direction: Direction
    /// Only events behind this position.
    public var after: GlobalPosition
    /// Only events up to and including this position; `nil`: to the end of the log.
    public var through: GlobalPosition?
    /// The most events to return, clamped to ``limitRange``.
    public var limit: Int

    /// A query; forwards from the start of the log unless said otherwise.
    public init(
        _ selection: Selection = .all, _ direction: Direction = .forwards, after: GlobalPosition = .start,
        through: GlobalPosition? = nil, limit: Int = 1_000
    ) {
        self.selection = selection
        self.direction = direction
        self.after = after
        self.through = through
        self.limit = min(max(limit, Self.limitRange.lowerBound), Self.limitRange.upperBound)
    }
}

/// One page of an ``EventQuery``.
public struct EventPage: Sendable {
    /// The selected events, in the order of the query.
    public var events: EventBatch
    /// The positions that this page has examined: forwards everything up to and including `cursor`, backwards everything behind
    /// `cursor`. It moves even when nothing was selected, so a sparse selection never reads twice.
    public var cursor: GlobalPosition
    /// Whether the page reached the end of the range, or of the log as it was then.
    public var isEnd: Bool
    /// The end of the log when the page was read.
    public var head: GlobalPosition

    /// A page by its parts.
    public init(events: EventBatch, cursor: GlobalPosition, isEnd: Bool, head: GlobalPosition) {
        self.events = events
        self.cursor = cursor
        self.isEnd = isEnd
        self.head = head
    }
}

extension EventQuery {
    /// The query for the page behind `page`; `nil` after the last one.
    public func next(after page: EventPage) -> EventQuery? {
        guard !page.isEnd else { return nil }
        var query = self
        switch direction {
        case .forwards: query.after = page.cursor
        case .backwards: query.through = page.cursor
        }
        return query
    }
}
