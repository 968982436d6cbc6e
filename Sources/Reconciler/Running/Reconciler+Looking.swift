import EventModel
import EventSourcing
import Reconciliation
import ServiceLifecycle
import Synchronization

/// Looking at what is due.
extension Reconciler {
    /// Between two looks at the agenda at most, when nothing is due: what happens meanwhile is not looked at earlier.
    static var tick: Duration { .milliseconds(20) }

    func work() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            var lanes = Set(keeper.held.keys)
            while !Task.isCancelled, !Task.isShuttingDownGracefully {
                let held = Set(keeper.held.keys)
                if held != lanes {
                    lanes = held
                    agenda.withLock { $0.forget { !isOurs($0) } }
                    courier.forget { !isOurs($0) }
                }
                // A look that is under way there does no harm; a lane that is not given back is nobody's. One may have to be given back more than once.
                await keeper.giveBack()
                let due = takeDue { limits.concurrency - $0.inHand }
                for key in due { group.addTask { await self.lookOn(from: key) } }
                if due.isEmpty { try await time.sleep(for: untilDue()) }
            }
        }
    }

    /// How long to wait for what is due next. Where no hand is free, whoever gets one free goes on by himself.
    private func untilDue() -> Duration {
        guard let due = agenda.withLock({ $0.inHand < limits.concurrency ? $0.nextDue : nil }) else { return Self.tick }
        return min(Self.tick, max(.milliseconds(1), due - time.steady()))
    }

    private func takeDue(atMost limit: (Agenda) -> Int) -> [ExecutionKey] {
        let now = time.steady()
        let due = agenda.withLock { $0.takeDue(at: now, atMost: limit($0)) }
        books.withLock { books in for key in due { books.begin(key) } }
        return due
    }

    /// Looks at one execution after the other for as long as some are due: nobody waits for the next tick.
    private func lookOn(from first: ExecutionKey) async {
        var next: ExecutionKey? = first
        while let key = next {
            let again = await look(at: key)
            agenda.withLock { $0.finish(key, again: again) }
            guard !Task.isCancelled, !Task.isShuttingDownGracefully else { return }
            next = takeDue { min(1, limits.concurrency - $0.inHand) }.first
        }
    }

    /// Looks, carries out what follows, and looks again when that has ended at once; a few times, so that nobody is kept from his turn.
    ///
    /// - Returns: when to look again although nothing happens, by the steady clock.
    private func look(at key: ExecutionKey) async -> Duration? {
        do throws(DeskFault) {
            for round in 0..<4 {
                let report = try await desk.examine(key)
                // What it has come to is kept before the lane's checkpoint may move over it: nobody else would know.
                let isNoted = note(report)
                // The first look has seen everything that was read before it; what follows is for the appointments.
                if round == 0 { books.withLock { $0.finish(key, failure: isNoted ? nil : Self.unnoted) } }
                let visit = try await courier.attend(to: report)
                guard !visit.hasEnded else { continue }
                remember(report, visit)
                let again = [report.examined.again, visit.again].compactMap { $0 }.min().map(steady)
                return isNoted ? again : min(again ?? .seconds(Int64.max), time.steady() + limits.retryPause)
            }
            return time.steady() + limits.quiet
        } catch {
            if case .store(.cancelled) = error {
                books.withLock { $0.putBack(key) }
                return time.steady() + limits.retryPause
            }
            fail(key, error, "an execution could not be looked at")
            books.withLock { $0.finish(key, failure: "\(error)") }
            return time.steady() + limits.retryPause
        }
    }

    /// Why a look that was taken counts as one that was not.
    private static var unnoted: String { "too much that was found is not written down yet; is the database reached?" }

    /// A look has failed.
    func fail(_ key: ExecutionKey, _ error: DeskFault, _ what: String) {
        record.withLock { $0.failures += 1 }
        meters.countFailure()
        logger.warning("\(what)", metadata: ["execution": "\(key.execution)", "reason": "\(error)"])
    }

    /// What was looked at, and what follows was done about it, need not be looked at when it is heard.
    private func remember(_ report: ReconcilingDesk<Store>.Report, _ visit: Courier<Store>.Visit) {
        guard report.isSettled else { return }
        var note = report.note
        note.ends.ledger = visit.known
        seen.withLock { $0.note(note) }
    }

    /// Waits while something is due that this process is to look at, but not for ever. Whoever visits many executions besides gives way to those that
    /// something has happened to.
    ///
    /// - Throws: cancellation.
    public func giveWay() async throws {
        let end = time.steady() + limits.patience
        while true {
            let now = time.steady()
            guard now < end, let due = agenda.withLock({ $0.nextDue }), due <= now else { return }
            try await time.sleep(for: Self.tick)
        }
    }

    private func steady(_ moment: Timestamp) -> Duration {
        time.steady() + max(.milliseconds(1), time.now().duration(to: moment))
    }

    /// - Returns: whether what it has come to will be written down, where anything is.
    @discardableResult
    func note(_ report: ReconcilingDesk<Store>.Report) -> Bool {
        let isNoted = memory == nil || notes.withLock { $0.add(report.note) }
        meters.countLook(report.positions == nil ? [] : report.events)
        record.withLock { record in
            record.looks += 1
            guard report.positions != nil else { return }
            record.changes += 1
            for event in report.events {
                switch event {
                case .resolved: record.resolutions += 1
                case .conflictQueued: record.queued += 1
                case .wentStale: record.stale += 1
                default: break
                }
            }
        }
        return isNoted
    }
}
