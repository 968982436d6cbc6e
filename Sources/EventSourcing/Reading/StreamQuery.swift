import EventModel

/// Which events of one stream to read, in stream order.
public struct StreamQuery: Sendable, Hashable {
    /// The tenant.
    public var workspace: Workspace
    /// The stream.
    public var stream: StreamName
    /// Which end to start at.
    public var direction: EventQuery.Direction
    /// Only versions from this one on; the first by default.
    public var from: StreamVersion
    /// Only versions up to and including this one; `nil`: to the end of the stream.
    public var through: StreamVersion?
    /// Only events up to and including this position: the stream as of then.
    public var asOf: GlobalPosition?
    /// The most events to return, clamped to ``EventQuery/limitRange``.
    public var limit: Int

    /// A query; forwards from the first event unless said otherwise.
    public init(
        workspace: Workspace = .default, _ stream: StreamName, _ direction: EventQuery.Direction = .forwards,
        from: StreamVersion = StreamVersion(1), through: StreamVersion? = nil, asOf: GlobalPosition? = nil,
        limit: Int = 1_000
    ) {
        self.workspace = workspace
        self.stream = stream
        self.direction = direction
        self.from = from
        self.through = through
        self.asOf = asOf
        self.limit = min(max(limit, EventQuery.limitRange.lowerBound), EventQuery.limitRange.upperBound)
    }

    /// The query for the page behind `page`; `nil` after the last one.
    public func next(after page: StreamPage) -> StreamQuery? {
        guard !page.isEnd, let last = page.events.last else { return nil }
        var query = self
        switch direction {
        case .forwards: query.from = StreamVersion(last.version.rawValue + 1)
        case .backwards:
            guard last.version.rawValue > 1 else { return nil }
            query.through = StreamVersion(last.version.rawValue - 1)
        }
        return query
    }
}

/// One page of a ``StreamQuery``.
public struct StreamPage: Sendable {
    /// The events, in the order of the query.
    public var events: EventBatch
    /// Whether nothing more was in the range.
    public var isEnd: Bool
    /// The keys that opened personal data in the events.
    public var openedWith: Set<SubjectKeyID>

    /// A page by its parts.
    public init(events: EventBatch, isEnd: Bool, openedWith: Set<SubjectKeyID> = []) {
        self.events = events
        self.isEnd = isEnd
        self.openedWith = openedWith
    }
}
