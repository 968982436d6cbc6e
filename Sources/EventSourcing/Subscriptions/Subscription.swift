import EventModel

/// Every event of the log behind a position, exactly once, in order, for ever: history first, then live.
///
/// A subscription is pulled, so it needs no buffer: the next batch is read when the last one has been handled. It remembers only
/// its position, so it is resumed by making a new one from the checkpoint. It refuses to continue over a hole (L1).
public struct Subscription<Store: EventStore>: AsyncSequence, Sendable {
    private let store: Store
    private let start: GlobalPosition
    private let options: SubscriptionOptions

    /// A subscription from behind `position`.
    public init(to store: Store, after position: GlobalPosition, options: SubscriptionOptions = SubscriptionOptions()) {
        self.store = store
        self.start = position
        self.options = options
    }

    /// Begins to pull.
    public func makeAsyncIterator() -> Iterator { Iterator(store: store, position: start, options: options) }

    /// The pulling end of a subscription.
    public struct Iterator: AsyncIteratorProtocol {
        private let store: Store
        private let options: SubscriptionOptions
        /// The last position that was handed out.
        public private(set) var position: GlobalPosition

        init(store: Store, position: GlobalPosition, options: SubscriptionOptions) {
            self.store = store
            self.position = position
            self.options = options
        }

        /// The next batch, waiting for it when the log's end is reached.
        ///
        /// - Returns: at least one event; `nil` when the task is cancelled.
        /// - Throws: ``StoreError``. A transient one leaves the subscription where it was: call again.
        public mutating func next() async throws(StoreError) -> SubscriptionBatch? {
            while !Task.isCancelled {
                do throws(StoreError) {
                    let page = try await store.read(EventQuery(after: position, limit: options.batchLimit))
                    guard page.events.isEmpty else { return try handOut(page) }
                    guard page.head >= position else {
                        throw .corrupt(
                            at: page.head, reason: "the log ends before position \(position), which was read from it")
                    }
                    // Everything below the head is visible before the head says so, and nothing is ever "on its way".
                    guard page.head == position else {
                        throw .corrupt(
                            at: position.next,
                            reason: "the events behind \(position) are missing, the log ends at \(page.head)")
                    }
                    try await store.waitForEvents(after: position, atMost: options.pollInterval)
                } catch .cancelled {
                    return nil
                }
            }
            return nil
        }

        private mutating func handOut(_ page: EventPage) throws(StoreError) -> SubscriptionBatch {
            // Not the page's cursor: an event that is missing at the end of a page is noticed by the next one.
            position = try page.events.end(contiguouslyBehind: position)
            return SubscriptionBatch(events: page.events, head: page.head)
        }
    }
}

/// How a subscription reads.
public struct SubscriptionOptions: Sendable, Hashable {
    /// The most events of one batch.
    public var batchLimit: Int
    /// The longest sleep at the end of the log when no notification arrives.
    public var pollInterval: Duration

    /// Options; by default batches of up to 1 000 and a look every 250 ms.
    public init(batchLimit: Int = 1_000, pollInterval: Duration = .milliseconds(250)) {
        self.batchLimit = batchLimit
        self.pollInterval = pollInterval
    }
}

/// Events that a subscription hands out together.
public struct SubscriptionBatch: Sendable {
    /// Contiguous positions, at least one.
    public let events: EventBatch
    /// The end of the log when they were read.
    public let head: GlobalPosition

    /// A batch by its parts, as a test of a consumer needs it.
    public init(events: EventBatch, head: GlobalPosition) {
        self.events = events
        self.head = head
    }

    /// Whether the batch reaches the end of the log as it was: the reader is live.
    public var isTail: Bool { events.last.map { $0.position >= head } ?? true }
}
