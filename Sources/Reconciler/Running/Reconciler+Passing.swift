import EventSourcing
import Synchronization

/// What is looked at although nothing was heard of it.
extension Reconciler {
    /// Looks at what has moved while nobody ran, once for each set of lanes that becomes ours. From then on it looks again and again at what is apart, which
    /// costs nothing for the others.
    func checkLightly() async throws {
        guard let memory else { return try await waitForEnd() }
        var checked: Set<Int32> = []
        while !Task.isCancelled {
            let (begun, lanes) = (time.steady(), Set(keeper.held.keys))
            do throws(StoreError) {
                if !lanes.isSubset(of: checked) {
                    try await visit { last, limit throws(StoreError) in
                        try await memory.comparisons.moved(after: last, limit: limit)
                    }
                }
                try await visit(unlessKnown: true) { last, limit throws(StoreError) in
                    try await memory.comparisons.apart(after: last, limit: limit)
                }
                checked = lanes
            } catch {
                try forgive(error, "what is apart cannot be listed")
            }
            try await rest(since: begun, for: limits.lightInterval, holding: lanes)
        }
    }

    /// Looks at all open executions, again and again. Without a memory it begins at once, and again when other lanes are ours.
    func pass() async throws {
        if memory != nil { try await time.sleep(for: limits.passInterval) }
        while !Task.isCancelled {
            let (begun, lanes) = (time.steady(), Set(keeper.held.keys))
            do throws(StoreError) {
                try await visit { last, limit throws(StoreError) in
                    try await listing.open(after: last, limit: limit)
                }
            } catch {
                try forgive(error, "open executions cannot be listed")
            }
            try await rest(since: begun, for: limits.passInterval, holding: memory == nil ? lanes : nil)
        }
    }

    /// Goes through a listing page by page, as fast as what it lists is looked at: however much there is, no more than a page of it waits.
    private func visit(
        unlessKnown: Bool = false,
        _ list: (ExecutionKey?, Int) async throws(StoreError) -> [ExecutionKey]
    ) async throws(StoreError) {
        var last: ExecutionKey?
        repeat {
            let page = try await list(last, limits.page)
            let ours = page.filter(isOurs)
            agenda.withLock { agenda in
                agenda.visit(unlessKnown ? ours.filter { !agenda.knows($0) } : ours)
            }
            while agenda.withLock(\.visitCount) > limits.page / 2 {
                do throws(CancellationError) { try await time.sleep(for: Self.tick) } catch { throw .cancelled }
            }
            last = page.count < limits.page ? nil : page.last
        } while last != nil
    }

    func forgive(_ error: StoreError, _ what: String) throws {
        if case .cancelled = error { throw CancellationError() }
        guard error.isTransient else { throw error }
        logger.warning("\(what)", metadata: ["reason": "\(error)"])
    }

    /// - Parameter lanes: ends the rest as soon as others are ours.
    func rest(since begun: Duration, for interval: Duration, holding lanes: Set<Int32>? = nil) async throws {
        let due = max(time.steady() + limits.retryPause / 5, begun + interval)
        while time.steady() < due, lanes.map({ Set(keeper.held.keys) == $0 }) ?? true {
            try await time.sleep(for: Self.tick * 5)
        }
    }

    /// There is nothing to do, and that is no reason to end.
    func waitForEnd() async throws {
        while true { try await time.sleep(for: .seconds(3_600)) }
    }
}
