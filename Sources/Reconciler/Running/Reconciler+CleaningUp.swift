import EventModel
import EventSourcing
import Reconciliation
import Synchronization

/// What nothing moves in any more.
extension Reconciler {
    /// Puts on record, again and again, of executions in which nothing has moved for long that they are stale: from then on they are left alone.
    func cleanUp() async throws {
        guard limits.staleAfter > .zero else { return try await waitForEnd() }
        var begun = time.steady()
        while !Task.isCancelled {
            try await rest(since: begun, for: limits.cleanUpInterval)
            begun = time.steady()
            do throws(StoreError) { try await cleanUpOnce() } catch {
                try forgive(error, "quiet executions cannot be listed")
            }
        }
    }

    /// Goes once through what has been quiet for long enough, in the lanes that are ours. What is in hand, or will be, is not quiet.
    private func cleanUpOnce() async throws(StoreError) {
        let moment = time.now().advanced(by: .zero - limits.staleAfter)
        var last: QuietExecution?
        repeat {
            let page = try await listing.quiet(since: moment, after: last, limit: limits.page)
            let keys = page.map(\.key).filter(isOurs)
            await leaveAlone(agenda.withLock { agenda in keys.filter { !agenda.knows($0) } })
            last = page.count < limits.page ? nil : page.last
        } while last != nil && !Task.isCancelled
    }

    /// Half as many side by side as are looked at otherwise, and when nothing else is due.
    private func leaveAlone(_ keys: [ExecutionKey]) async {
        await withTaskGroup(of: Void.self) { group in
            for (place, key) in keys.enumerated() {
                if place >= max(1, limits.concurrency / 2) { await group.next() }
                group.addTask { await self.leaveAlone(key) }
            }
        }
    }

    private func leaveAlone(_ key: ExecutionKey) async {
        guard isOurs(key), !Task.isCancelled else { return }
        guard (try? await giveWay()) != nil else { return }
        do throws(DeskFault) {
            note(try await desk.examine(key, leavingAloneAfter: limits.staleAfter))
        } catch {
            if case .store(.cancelled) = error { return }
            fail(key, error, "a quiet execution could not be looked at")
        }
    }
}
