import EventModel

/// Reads the selected events of a range, page by page.
public struct EventReading<Log: ReadableLog>: Sendable {
    /// The most events of a page unless said otherwise.
    public static var pageEvents: Int { 1_000 }

    /// Where they are.
    public let log: Log
    /// Which are wanted.
    public let filter: EventFilter
    /// Which end to start at.
    public var direction = EventQuery.Direction.forwards
    /// The first position.
    public var from = GlobalPosition(1)
    /// The last position; the end of the log when it is not given.
    public var through: GlobalPosition?
    /// The most events.
    public var limit = Int.max
    /// The most events of a page.
    public var pageEvents = Self.pageEvents

    /// A reading of the whole log, forwards, unless said otherwise.
    public init(
        _ log: Log, _ filter: EventFilter = EventFilter(), from: GlobalPosition = GlobalPosition(1),
        through: GlobalPosition? = nil
    ) {
        self.log = log
        self.filter = filter
        self.from = from
        self.through = through
    }

    /// The pages, one after the other.
    public var pages: SelectedPages<Log> { SelectedPages(self) }

    /// Calls `body` with each event.
    ///
    /// - Throws: what `body` throws, ``StoreError``, or `CancellationError` between two pages.
    public func forEach(_ body: (RecordedEvent) throws -> Void) async throws {
        var pages = pages
        while let page = try await pages.next() {
            for index in page.indices { try body(page.events[index]) }
            try Task.checkCancellation()
        }
    }
}

/// Events that were read together, and which of them are wanted.
public struct SelectedPage: Sendable {
    /// What was read.
    public var events: EventBatch
    /// Places of the wanted ones in ``events``, in the order of the reading.
    public var indices: [Int]
    /// Forwards: no wanted event up to and including this position is missing in the pages so far.
    public var reached: GlobalPosition
}

/// The pages of an ``EventReading``.
public struct SelectedPages<Log: ReadableLog>: Sendable {
    private enum Next: Sendable {
        case events(EventQuery)
        case stream(StreamQuery)
        case nothing
    }

    private let reading: EventReading<Log>
    private let filter: EventFilter
    private var left: Int
    private var next: Next

    init(_ reading: EventReading<Log>) {
        self.reading = reading
        filter = reading.filter
        left = reading.limit
        let size = min(max(left, 1), reading.pageEvents)
        let before = GlobalPosition(max(0, reading.from.rawValue - 1))
        if left <= 0 {
            next = .nothing
        } else if let stream = filter.stream, filter.correlation == nil {
            next = .stream(
                StreamQuery(
                    workspace: filter.workspace ?? .default, stream, reading.direction, asOf: reading.through,
                    limit: size))
        } else {
            next = .events(
                EventQuery(filter.selection, reading.direction, after: before, through: reading.through, limit: size))
        }
    }

    /// The next page, which may hold no wanted event; `nil` behind the last one.
    ///
    /// - Throws: ``StoreError``; `corrupt` for a hole in the log when every event of it is read forwards (L1).
    public mutating func next() async throws(StoreError) -> SelectedPage? {
        switch next {
        case .nothing: return nil
        case .events(let query):
            let page = try await reading.log.read(query)
            if query.selection == .all, query.direction == .forwards {
                _ = try page.events.end(contiguouslyBehind: query.after)
            }
            next = query.next(after: page).map { .events($0) } ?? .nothing
            return select(page.events, reached: page.cursor)
        case .stream(let query):
            let page = try await reading.log.read(query)
            next = query.next(after: page).map { .stream($0) } ?? .nothing
            return selectInRange(page)
        }
    }

    private mutating func selectInRange(_ page: StreamPage) -> SelectedPage {
        let isPast = { (event: RecordedEvent) in event.position < reading.from }
        // Backwards nothing but older events follows.
        if reading.direction == .backwards, page.events.contains(where: isPast) { next = .nothing }
        let end = page.isEnd ? reading.through : nil
        return select(page.events, reached: end ?? page.events.last?.position ?? .start)
    }

    private mutating func select(_ events: EventBatch, reached: GlobalPosition) -> SelectedPage {
        var indices: [Int] = []
        for (index, event) in zip(events.indices, events) where event.position >= reading.from && filter.matches(event)
        {
            indices.append(index)
            left -= 1
            if left == 0 {
                next = .nothing
                return SelectedPage(events: events, indices: indices, reached: event.position)
            }
        }
        return SelectedPage(events: events, indices: indices, reached: reached)
    }
}
