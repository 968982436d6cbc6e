import EventModel
import EventSourcing
import FoundationEssentials

/// How far each lane that this process holds was attended to, and what of that is stored. A value.
struct LaneBooks: Sendable {
    private struct Book: Sendable {
        let lease: Lease
        /// `nil` while nothing is stored.
        var stored: ConsumerProgress?
        var window: LaneWindow
    }

    /// A checkpoint that is to be moved.
    struct Move: Sendable {
        let lane: Int32
        let progress: ConsumerProgress
        let previous: GlobalPosition
        let lease: Lease
    }

    private var books: [Int32: Book] = [:]
    private let count: Int

    /// - Parameter count: lanes that the log is divided into.
    init(count: Int) { self.count = count }

    /// The lanes that are attended to, and by which right.
    var leases: [Int32: Lease] { books.mapValues(\.lease) }

    /// How many executions have still to be looked at before every lane is where it was read.
    var outstanding: Int { books.values.reduce(0) { $0 + $1.window.outstanding } }

    /// Where reading has to go on, so that no lane misses anything; `nil` without lanes.
    var start: GlobalPosition? { books.values.map(\.window.position).min() }

    /// The lease of the lane that an execution travels in, if it is ours.
    func lease(of key: ExecutionKey) -> (lane: Lane, lease: Lease)? {
        let lane = key.lane(of: count)
        return books[lane.rawValue].map { (lane, $0.lease) }
    }

    /// Attends to exactly these lanes from now on. Those that were attended to under the same lease go on where they are.
    ///
    /// - Returns: the lanes whose checkpoints have to be read.
    mutating func keep(_ leases: [Int32: Lease]) -> [Int32] {
        books = books.filter { leases[$0.key] == $0.value.lease }
        return leases.keys.filter { books[$0] == nil }.sorted()
    }

    /// A lane is attended to from `progress` on.
    ///
    /// - Parameter stored: what the store holds of it.
    mutating func open(_ lane: Int32, from progress: ConsumerProgress, stored: ConsumerProgress?, under lease: Lease) {
        books[lane] = Book(lease: lease, stored: stored, window: LaneWindow(progress))
    }

    /// Events that stand directly behind each other were read.
    ///
    /// - Parameter isTouch: whether something has happened to an execution that has still to be looked at.
    /// - Returns: the executions that something has happened to.
    mutating func read(
        _ events: EventBatch, isTouch: (RecordedEvent, ExecutionKey) -> Bool
    ) -> Set<ExecutionKey> {
        guard let last = events.last else { return [] }
        var readings: [Int32: LaneReading] = [:]
        for lane in books.keys { readings[lane] = LaneReading(end: last.position, lastEventID: last.id) }
        var touched: Set<ExecutionKey> = []
        for event in events {
            let lane = Lane(of: event, count: count).rawValue
            guard let book = books[lane], event.position > book.window.position else { continue }
            readings[lane]?.events += 1
            readings[lane]?.digest.add(event)
            guard let key = ExecutionKey(reconciledBy: event), isTouch(event, key) else { continue }
            readings[lane]?.touched.insert(key)
            touched.insert(key)
        }
        for (lane, reading) in readings { books[lane]?.window.read(reading) }
        return touched
    }

    /// A look at an execution begins.
    mutating func begin(_ key: ExecutionKey) { books[key.lane(of: count).rawValue]?.window.begin(key) }

    /// A look at an execution has ended.
    mutating func finish(_ key: ExecutionKey, failure: String?) {
        books[key.lane(of: count).rawValue]?.window.finish(key, failure: failure)
    }

    /// A look at an execution was broken off, which says nothing of it.
    mutating func putBack(_ key: ExecutionKey) { books[key.lane(of: count).rawValue]?.window.putBack(key) }

    /// The checkpoints that are not stored as they are.
    mutating func moves(isLive: Bool) -> [Move] {
        var moves: [Move] = []
        for lane in books.keys.sorted() {
            books[lane]?.window.setState(isLive: isLive)
            guard let book = books[lane], book.window.progress != book.stored else { continue }
            moves.append(
                Move(
                    lane: lane, progress: book.window.progress, previous: book.stored?.position ?? .start,
                    lease: book.lease))
        }
        return moves
    }

    /// A checkpoint was stored.
    mutating func confirm(_ move: Move) {
        guard books[move.lane]?.lease == move.lease else { return }
        books[move.lane]?.stored = move.progress
    }

    /// Somebody else attends to a lane.
    mutating func lose(_ move: Move) {
        guard books[move.lane]?.lease == move.lease else { return }
        books[move.lane] = nil
    }
}

extension ExecutionKey {
    /// The categories of the streams that a look reads.
    static let categories: Set<String> = ["workflow_execution", "journey_session", "reconciliation"]

    /// The execution that an event is about; `nil` where it is about none.
    init?(reconciledBy event: RecordedEvent) {
        guard Self.categories.contains(event.category.rawValue) else { return nil }
        self.init(workspace: event.workspace, execution: event.stream.syncKey)
    }
}
