import EventModel

/// Holds a lease while some work runs: waits for it, renews it in the background, and cancels the work when it is lost.
///
/// Losing a lease is noticed late when the process was paused; what keeps the data safe then is the token, which the store compares in
/// the transaction that moves a checkpoint. The keeper only saves wasted work.
public struct LeaseKeeper<Store: LeaseStore>: Sendable {
    private let store: Store
    private let holder: String
    private let time: any Timekeeper
    private let limits: LeaseTiming

    /// A keeper that takes leases as `holder`, a name that no other process uses.
    public init(store: Store, holder: String, time: any Timekeeper, timing: LeaseTiming = LeaseTiming()) {
        self.store = store
        self.holder = holder
        self.time = time
        self.limits = timing
    }

    /// Waits for the lease, runs `body` under it, and gives it up.
    ///
    /// - Returns: what `body` returned, or `nil` when the lease was lost first (then `body` was cancelled and has ended).
    /// - Throws: what `body` throws, or a ``StoreError`` while acquiring that is not transient; cancellation while waiting.
    public func hold<R: Sendable>(
        _ name: String, onWait: @Sendable (_ heldBy: String) -> Void = { _ in },
        _ body: @escaping @Sendable (Lease) async throws -> R
    ) async throws -> R? {
        try await hold(name, onWait: onWait, inTurns: body)
    }

    /// Waits for the lease, runs `body` under it, turn after turn until one returns something, and gives it up.
    ///
    /// Every turn has a token of its own. What an earlier one has sent and was never answered is refused, however late it arrives: comparing positions alone
    /// would let it pass when a checkpoint that goes back and forth stands again where it was.
    ///
    /// - Parameter body: returns `nil` for another turn. Nobody else gets the lease between two of them, unless it runs out.
    /// - Returns: what `body` returned last, or `nil` when the lease was lost first (then `body` was cancelled and has ended).
    /// - Throws: what `body` throws, or a ``StoreError`` while acquiring that is not transient; cancellation while waiting.
    public func hold<R: Sendable>(
        _ name: String, onWait: @Sendable (_ heldBy: String) -> Void = { _ in },
        inTurns body: @escaping @Sendable (Lease) async throws -> R?
    ) async throws -> R? {
        var last: Lease?
        do {
            while true {
                let lease = try await acquire(name, onWait: onWait)
                last = lease
                guard let end = try await run(body, under: lease) else { return nil }
                guard let result = end else { continue }
                await release(lease)
                return result
            }
        } catch {
            if let last { await release(last) }
            throw error
        }
    }

    /// Runs `body` under the lease if nobody else has it now, and gives it up.
    ///
    /// - Returns: what `body` returned; `nil` when somebody else has the lease, or it was lost first (then `body` was cancelled and has ended).
    /// - Throws: what `body` throws, or a ``StoreError`` while acquiring.
    public func holdIfFree<R: Sendable>(
        _ name: String, _ body: @escaping @Sendable (Lease) async throws -> R
    ) async throws -> R? {
        guard case .granted(let lease) = try await store.acquire(name, holder: holder, for: limits.duration) else {
            return nil
        }
        do {
            guard let end = try await run(body, under: lease) else { return nil }
            await release(lease)
            return end
        } catch {
            await release(lease)
            throw error
        }
    }

    /// Also while shutting down, so that a successor need not wait for the expiry.
    private func release(_ lease: Lease) async {
        await CancellationShield.run { try? await store.release(lease) }
    }

    private func acquire(_ name: String, onWait: (String) -> Void) async throws -> Lease {
        var lastHolder: String?
        while true {
            try Task.checkCancellation()
            switch await ask(for: name) {
            case .success(.granted(let lease)): return lease
            case .success(.held(let other, _)):
                if other != lastHolder { onWait(other) }
                lastHolder = other
            case .failure(let error) where error.isTransient: break
            case .failure(let error): throw error
            }
            try await time.sleep(for: limits.retryInterval)
        }
    }

    private func ask(for name: String) async -> Result<LeaseAnswer, StoreError> {
        do throws(StoreError) {
            return .success(try await store.acquire(name, holder: holder, for: limits.duration))
        } catch {
            return .failure(error)
        }
    }

    private enum Ending<R: Sendable>: Sendable {
        case ended(R)
        case lost
        /// Nobody renews any more, because the work is to end: it is waited for.
        case cancelled
    }

    private func run<R: Sendable>(_ body: @escaping @Sendable (Lease) async throws -> R, under lease: Lease)
        async throws -> R?
    {
        try await withThrowingTaskGroup(of: Ending<R>.self) { group in
            group.addTask { .ended(try await body(lease)) }
            group.addTask { await renewUntilLost(lease) ? .lost : .cancelled }
            defer { group.cancelAll() }
            // Whichever ends first decides; the other is cancelled and awaited when the group closes.
            while let first = try await group.next() {
                switch first {
                case .ended(let result): return result
                case .lost: return nil
                case .cancelled: continue
                }
            }
            return nil
        }
    }

    /// - Returns: `true` when the lease is lost for certain, `false` when cancelled.
    private func renewUntilLost(_ lease: Lease) async -> Bool {
        var renewedAt = time.steady()
        while !Task.isCancelled {
            do { try await time.sleep(for: limits.renewInterval) } catch { return false }
            let attempt = time.steady()
            do throws(StoreError) {
                guard try await store.renew(lease, for: limits.duration) else { return true }
                renewedAt = attempt
            } catch {
                // Unreachable is not lost, until the time that was granted has run out.
                if time.steady() - renewedAt > limits.duration { return !Task.isCancelled }
            }
        }
        return false
    }
}

/// How long leases last and how often they are renewed and asked for.
public struct LeaseTiming: Sendable, Hashable {
    /// How long a grant lasts without renewal: how long a dead leader blocks its successor.
    public var duration: Duration
    /// How often the holder renews; a third of `duration` or less survives two lost answers.
    public var renewInterval: Duration
    /// How often others ask.
    public var retryInterval: Duration

    /// Timing; 10 s, renewed every 3 s, asked for every second.
    public init(
        duration: Duration = .seconds(10), renewInterval: Duration = .seconds(3), retryInterval: Duration = .seconds(1)
    ) {
        self.duration = duration
        self.renewInterval = renewInterval
        self.retryInterval = retryInterval
    }
}
