import EventModel
import EventSourcing

/// Reads the log once for several rebuilds: each gets, from where it stands to where it ends, every page, and folds it at its own pace and into
/// its own generation.
struct SharedScan<Log: EventStore>: Sendable {
    private let log: Log
    private let lanes: Int
    private let queues: [PageQueue]

    /// A scan of a log with so many lanes that feeds these queues.
    init(_ log: Log, lanes: Int, _ queues: [PageQueue]) {
        self.log = log
        self.lanes = lanes
        self.queues = queues
    }

    /// Runs `body` with as many queues, while the log is read into them.
    static func feeding<R: Sendable>(
        _ count: Int, from log: Log, lanes: Int, _ body: @Sendable ([PageQueue]) async throws -> R
    ) async rethrows -> R {
        let queues = (0..<count).map { _ in PageQueue() }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await SharedScan(log, lanes: lanes, queues).run() }
            defer { for queue in queues { queue.close() } }
            return try await body(queues)
        }
    }

    /// Waits until every rebuild has said what it wants, and reads from the first event that one of them wants to the last.
    func run() async {
        var open: [PageQueue] = []
        var stretches: [PageQueue.Stretch] = []
        for queue in queues {
            guard let stretch = await queue.stretch() else { continue }
            open.append(queue)
            stretches.append(stretch)
        }
        guard let start = stretches.map(\.start).min(), let end = stretches.map(\.end).max() else { return }
        let outcome: Result<Void, StoreError>
        do throws(StoreError) {
            try await read(after: start, through: end, for: open)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        for queue in open { queue.finish(outcome) }
    }

    /// - Throws: ``StoreError``; `unavailable` when it was cancelled before every queue had what it wants.
    private func read(
        after start: GlobalPosition, through end: GlobalPosition, for queues: [PageQueue]
    ) async throws(StoreError) {
        guard start < end else { return }
        var open = queues
        var scan = LogScan(log, after: start, through: end)
        while !open.isEmpty, !Task.isCancelled, let events = try await scan.next() {
            let page = ScannedPage(events, lanes: lanes)
            var wanting: [PageQueue] = []
            for queue in open where await queue.push(page) { wanting.append(queue) }
            open = wanting
        }
        guard open.isEmpty else { throw .unavailable(reason: "the reading of the log was cancelled") }
    }
}
