import EventModel
import EventSourcing
import PostgresEventStore

/// The end of the log, as it grows.
struct Tail: Sendable {
    enum Start: Sendable {
        case last(Int)
        case position(GlobalPosition)
        case end
    }

    let store: PostgresEventStore
    let log: SealedLog
    let filter: EventFilter
    let printer: EventPrinter
    var time: any Timekeeper = SystemTimekeeper()
    var random: any RandomSource = SystemRandomSource()

    /// Prints what there is.
    ///
    /// - Returns: the position behind which following begins.
    func begin(_ start: Start) async throws -> GlobalPosition {
        let head = try await store.head().position
        var reading = EventReading(log, filter, through: head)
        switch start {
        case .end: return head
        case .position(let position):
            guard position <= head else { return GlobalPosition(position.rawValue - 1) }
            reading.from = position
            try await reading.forEach { try printer($0) }
        case .last(let count):
            reading.direction = .backwards
            reading.limit = count
            var events: [RecordedEvent] = []
            try await reading.forEach { events.append($0) }
            for event in events.reversed() { try printer(event) }
        }
        try printer.flush()
        return head
    }

    /// Prints what comes, until the task is cancelled.
    func follow(after position: GlobalPosition) async throws {
        // Without the listener a subscription only polls.
        let listener = Task { await store.run() }
        defer { listener.cancel() }
        var iterator = Subscription(to: log, after: position).makeAsyncIterator()
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                guard let batch = try await iterator.next() else { return }
                backoff.reset()
                for event in batch.events where filter.matches(event) { try printer(event) }
                try printer.flush()
            } catch let error as StoreError where error.isTransient {
                StandardError.write("waiting: \(error)")
                try await time.sleep(for: backoff.next(random))
            }
        }
    }
}
