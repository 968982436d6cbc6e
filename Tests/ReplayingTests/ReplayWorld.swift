import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Replaying
import Synchronization

/// The half of a log that can be read, and nothing else: a replayer that could append would not compile over it.
struct Readable: ReadableLog {
    let base: InMemoryEventStore
    /// Reading from here on fails.
    var brokenAt: GlobalPosition?

    func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
        if let brokenAt, query.after >= brokenAt { throw .unavailable(reason: "a test") }
        return try await base.read(query)
    }
    func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage { try await base.read(query) }
    func head() async throws(StoreError) -> LogHead { try await base.head() }
}

/// A target in memory that remembers each call, and can be torn.
final class NotedTarget: ReplayTarget {
    struct State: Sendable {
        var events: [RecordedEvent] = []
        var batches: [[Int64]] = []
        var reached: [Int64] = []
        var finished = 0
    }

    let state = Mutex(State())
    private let mark: ReplayMark?
    private let onWrite: @Sendable (Int) -> Void

    init(holding mark: ReplayMark? = nil, onWrite: @escaping @Sendable (Int) -> Void = { _ in }) {
        self.mark = mark
        self.onWrite = onWrite
    }

    var positions: [Int64] { state.withLock { $0.events.map(\.position.rawValue) } }

    func open(resuming isResuming: Bool) async throws(ReplayFault) -> ReplayResumption {
        guard isResuming, let mark else { return .nothing }
        return ReplayResumption(after: mark.position, marks: [mark])
    }

    func write(_ batch: ReplayBatch) async throws(ReplayFault) {
        let count = state.withLock { state in
            state.events += batch.replayed
            state.batches.append(batch.replayed.map(\.position.rawValue))
            state.reached.append(batch.reached.rawValue)
            return state.batches.count
        }
        onWrite(count)
    }

    func finish() async throws(ReplayFault) { state.withLock { $0.finished += 1 } }
}

enum ReplayWorld {
    /// A log with an event each second, in three streams.
    static func log(_ count: Int) async throws -> InMemoryEventStore {
        let time = ManualTimekeeper()
        let log = InMemoryEventStore(time: time)
        for number in 1...max(1, count) where count > 0 {
            let stream: StreamName = number % 3 == 0 ? "bill-1" : number % 3 == 1 ? "order-1" : "order-2"
            let type = number % 3 == 0 ? "bill.sent" : "order.placed"
            _ = try await log.append(
                AppendRequest([.draft(type, data: "\(number)")], to: stream, expecting: .any))
            time.advance(by: .seconds(1))
        }
        return log
    }

    /// A category by a name that is known to be right.
    static func categories(_ name: String) -> [EventModel.Category] { (try? Category(name)).map { [$0] } ?? [] }

    /// When the event at a position was recorded.
    static func moment(_ position: Int) -> Timestamp {
        Timestamp(microseconds: 1_767_225_600_000_000 + Int64(position - 1) * 1_000_000)
    }
}
