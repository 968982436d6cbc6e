import EventModel

/// A store whose calls are repeated when they fail for the moment. An append is repeated with the same ids: when the first try was stored
/// although its answer was lost, the log answers as it did then.
struct RetryingStore<Store: EventStore>: Sendable {
    private let store: Store
    private let limits: CommandLimits
    private let time: any Timekeeper
    private let random: any RandomSource

    init(_ store: Store, limits: CommandLimits, time: any Timekeeper, random: any RandomSource) {
        self.store = store
        self.limits = limits
        self.time = time
        self.random = random
    }

    /// The snapshots beside the log.
    var snapshots: Snapshots? { store.snapshots }

    func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage {
        try await retrying { () async throws(StoreError) in try await store.read(query) }
    }

    func read(_ queries: [StreamQuery]) async throws(StoreError) -> [StreamPage] {
        try await retrying { () async throws(StoreError) in try await store.read(queries) }
    }

    func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        try await retrying { () async throws(StoreError) in try await store.append(request) }
    }

    /// Waits before a decision is taken anew, unless it is the first time.
    func pause(afterConflicts conflicts: Int) async throws(StoreError) {
        guard conflicts > 1 else { return }
        var backoff = limits.contentionBackoff
        var wait = Duration.zero
        for _ in 1..<conflicts { wait = backoff.next(random) }
        try await sleep(wait)
    }

    private func retrying<R: Sendable>(_ call: () async throws(StoreError) -> R) async throws(StoreError) -> R {
        var backoff = limits.storeBackoff
        var attempt = 1
        while true {
            do throws(StoreError) {
                return try await call()
            } catch {
                guard error.isTransient, attempt < limits.storeAttempts else { throw error }
                attempt += 1
            }
            try await sleep(backoff.next(random))
        }
    }

    private func sleep(_ duration: Duration) async throws(StoreError) {
        do throws(CancellationError) { try await time.sleep(for: duration) } catch { throw .cancelled }
    }
}
