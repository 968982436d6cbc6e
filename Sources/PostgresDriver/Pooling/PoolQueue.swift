import Synchronization

/// Waiting in line for a slot, and giving one back.
extension PostgresPool {
    /// A slot, at once or when it is this task's turn.
    nonisolated(nonsending) func grant(since started: Duration) async throws(PostgresError) -> PoolMachine.Grant {
        guard !Task.isCancelled else { throw PostgresError(.cancelled, "the task was cancelled before waiting") }
        if let grant = state.withLock({ $0.machine.acquireIfFree() }) { return grant }
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            state.arriving[state.nextWaiter] = .some(nil)
            return state.nextWaiter
        }
        let limit = limits.waitLimit
        let outcome = await withTaskGroup(of: Void.self) { group in
            group.addTask {
                guard (try? await Task.sleep(for: limit)) != nil else { return }
                self.turnAway(waiter, Self.exhausted(self.elapsed - started, limit))
            }
            defer { group.cancelAll() }
            return await self.queue(waiter)
        }
        return try outcome.get()
    }

    private nonisolated(nonsending) func queue(
        _ waiter: PoolMachine.Waiter
    ) async -> Result<PoolMachine.Grant, PostgresError> {
        let cancelled = PostgresError(.cancelled, "the task was cancelled while waiting for a connection")
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let answer = enter(waiter, continuation) { continuation.resume(returning: answer) }
            }
        } onCancel: {
            turnAway(waiter, cancelled)
        }
    }

    /// The answer, or nil when the continuation was put in line.
    private func enter(
        _ waiter: PoolMachine.Waiter, _ continuation: Waiting
    ) -> Result<PoolMachine.Grant, PostgresError>? {
        state.withLock { state in
            if let reason = state.arriving.removeValue(forKey: waiter) ?? nil { return .failure(reason) }
            switch state.machine.acquire(waiter) {
            case .granted(let grant): return .success(grant)
            case .closed: return .failure(Self.closedError)
            case .refused(let waiting):
                let kind = PostgresError.Kind.limitExceeded(value: waiting + 1, limit: limits.maxWaiters)
                return .failure(PostgresError(kind, "too many tasks wait for a connection"))
            case .queued:
                state.waiting[waiter] = continuation
                return nil
            }
        }
    }

    /// Ends a wait with `reason`; nothing happens when the waiter has got its answer already.
    private func turnAway(_ waiter: PoolMachine.Waiter, _ reason: PostgresError) {
        let continuation = state.withLock { state -> Waiting? in
            if state.arriving[waiter] != nil { state.arriving[waiter] = reason }
            guard state.machine.leave(waiter) else { return nil }
            return state.waiting.removeValue(forKey: waiter)
        }
        continuation?.resume(returning: .failure(reason))
    }
}

// MARK: Giving back

extension PostgresPool {
    /// Takes a connection back from its borrower.
    nonisolated(nonsending) func giveBack(_ slot: PoolMachine.Slot, _ connection: PostgresConnection) async {
        if connection.needsRollback { await connection.rollBack() }
        if connection.isUsable {
            await release(slot, keepsConnection: true)
        } else {
            await discard(slot)
            await release(slot, keepsConnection: false)
        }
    }

    /// Closes the connection in `slot`; the slot stays with its holder.
    nonisolated(nonsending) func discard(_ slot: PoolMachine.Slot) async {
        await state.withLock { $0.connections.removeValue(forKey: slot) }?.close()
    }

    /// Passes a slot on, or puts it away.
    nonisolated(nonsending) func release(_ slot: PoolMachine.Slot, keepsConnection: Bool) async {
        let now = elapsed
        let returned = state.withLock { $0.release(slot, keepsConnection: keepsConnection, at: now) }
        returned.next?.resume(returning: returned.grant)
        for connection in returned.unwanted { await connection.close() }
        for signal in returned.drained { signal.settle(.success(())) }
    }

    /// Waits until no connection is lent any more.
    func drained() async {
        let signal = Promise<Void>()
        let isDrained = state.withLock { state in
            if !state.machine.isDrained { state.drained.append(signal) }
            return state.machine.isDrained
        }
        if !isDrained { _ = try? await signal.value() }
    }
}

extension PostgresPool.State {
    /// What to do, outside the lock, after a slot came back.
    struct Returned {
        var next: PostgresPool.Waiting?
        var grant: Result<PoolMachine.Grant, PostgresError> = .failure(PostgresPool.closedError)
        var unwanted: [PostgresConnection] = []
        var drained: [Promise<Void>] = []
    }

    fileprivate mutating func release(
        _ slot: PoolMachine.Slot, keepsConnection: Bool, at now: Duration
    ) -> Returned {
        var returned = Returned()
        switch machine.release(slot, keepsConnection: keepsConnection, at: now) {
        case .none: break
        case .handOver(let grant, let waiter):
            returned.next = waiting.removeValue(forKey: waiter)
            returned.grant = .success(grant)
        case .discard(let isDrained):
            returned.unwanted = [connections.removeValue(forKey: slot)].compactMap(\.self)
            if isDrained { swap(&returned.drained, &drained) }
        }
        returned.unwanted += machine.expire(at: now).compactMap { connections.removeValue(forKey: $0) }
        return returned
    }
}
