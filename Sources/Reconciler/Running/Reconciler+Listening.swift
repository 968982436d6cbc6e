import EventModel
import EventSourcing
import Reconciliation
import Synchronization

/// What happens to executions, from where the lanes were attended to.
extension Reconciler {
    /// Notes every execution that something happens to, in the lanes that are ours.
    func listen() async throws {
        while !Task.isCancelled {
            do throws(StoreError) {
                guard let start = try await takeLanes() else {
                    try await pause()
                    continue
                }
                try await listen(from: start)
            } catch .cancelled {
                throw CancellationError()
            } catch {
                guard error.isTransient else { throw error }
                logger.warning("the log is not reached", metadata: ["reason": "\(error)"])
                try await time.sleep(for: limits.retryPause)
            }
        }
    }

    private func pause() async throws(StoreError) {
        do throws(CancellationError) { try await time.sleep(for: Self.tick * 5) } catch { throw .cancelled }
    }

    /// Attends to the lanes that are ours now.
    ///
    /// - Returns: where reading goes on; `nil` while no lane is ours.
    private func takeLanes() async throws(StoreError) -> GlobalPosition? {
        let held = keeper.held
        for lane in books.withLock({ $0.keep(held) }) {
            guard let lease = held[lane] else { continue }
            let (progress, stored) = try await checkpoint(of: lane)
            books.withLock { $0.open(lane, from: progress, stored: stored, under: lease) }
        }
        return books.withLock(\.start)
    }

    /// Where a lane goes on: where it was attended to, by whomever; at the beginning of the log when it never was. Without a memory, at its end.
    private func checkpoint(of lane: Int32) async throws(StoreError) -> (ConsumerProgress, stored: ConsumerProgress?) {
        let key = ConsumerProgress.Key(consumer: "reconciler", kind: "reconciler", lane: Int(lane))
        let head = try await store.head()
        var fresh = ConsumerProgress(of: key, incarnation: head.incarnation)
        guard let memory else {
            fresh.position = head.position
            return (fresh, nil)
        }
        guard let stored = try await memory.progress.progress(of: key) else { return (fresh, nil) }
        // Whoever has adopted another history looks at everything anew: what is on record says what was done.
        guard stored.incarnation == head.incarnation else { return (fresh, stored) }
        try await confirm(stored, against: head)
        return (stored, stored)
    }

    private func confirm(_ stored: ConsumerProgress, against head: LogHead) async throws(StoreError) {
        let position = stored.position
        guard position > .start else { return }
        guard position <= head.position else {
            throw .corrupt(
                at: head.position,
                reason: "the reconciler has attended to the log up to position \(position), and it ends before that")
        }
        let before = GlobalPosition(position.rawValue - 1)
        let found = try await store.read(EventQuery(after: before, limit: 1)).events.first
        guard found?.id == stored.lastEventID else {
            throw .corrupt(at: position, reason: "the reconciler has seen another event here than the log holds")
        }
    }

    /// Reads on until other lanes are ours, or one of them is lost.
    private func listen(from start: GlobalPosition) async throws(StoreError) {
        var position = start
        let lanes = books.withLock(\.leases)
        while keeper.held == lanes, books.withLock(\.leases) == lanes {
            // What waits is looked at before more is read: memory is bounded by that.
            guard books.withLock(\.outstanding) < limits.waiting else {
                try await pause()
                continue
            }
            let page = try await store.read(EventQuery(after: position, limit: 1_000))
            guard !page.events.isEmpty else {
                guard page.head >= position else {
                    throw .corrupt(
                        at: page.head, reason: "the log ends before position \(position), which was read from it")
                }
                isLive.withLock { $0 = true }
                try await store.waitForEvents(after: position, atMost: .milliseconds(250))
                continue
            }
            let end = try page.events.end(contiguouslyBehind: position)
            let isTail = end >= page.head
            try await note(page.events, isTail: isTail, isHistory: position == start || !isTail)
            position = end
        }
    }

    /// - Parameters:
    ///   - isTail: whether the log ends behind them.
    ///   - isHistory: whether they may have happened long ago, so that others may have looked since: it is worth asking what they have noted.
    private func note(_ events: EventBatch, isTail: Bool, isHistory: Bool) async throws(StoreError) {
        let known = isHistory ? try await notes(about: events) : [:]
        let now = time.steady()
        var passedOver: Int64 = 0
        let touched = seen.withLock { seen in
            books.withLock { books in
                books.read(events) { event, key in
                    // A look has just found that there is nothing to do.
                    guard event.type != ReconciliationEvent.Kind.wentStale.type else { return false }
                    // Whoever has seen that an effect is under way may be gone, or may be nobody who brings it to its engine.
                    let isSeen =
                        known[key].map {
                            $0.counts.pending == 0 && $0.hasSeen(event.position, of: event.category.rawValue)
                        } ?? false
                    guard isSeen || seen.hasSeen(event, of: key) else { return true }
                    passedOver += 1
                    return false
                }
            }
        }
        record.withLock { $0.passedOver += passedOver }
        isLive.withLock { $0 = isTail }
        agenda.withLock { agenda in for key in touched { agenda.touch(key, at: now) } }
    }

    /// What is noted of the executions that events are about.
    private func notes(about events: EventBatch) async throws(StoreError) -> [ExecutionKey: ComparisonNote] {
        guard let memory else { return [:] }
        var keys: Set<ExecutionKey> = []
        for event in events {
            guard let key = ExecutionKey(reconciledBy: event), isOurs(key) else { continue }
            keys.insert(key)
        }
        return try await memory.comparisons.notes(of: Array(keys))
    }
}
