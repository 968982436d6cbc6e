import Synchronization

/// A bounded set of connections that tasks borrow.
///
/// Waiting tasks are served in the order in which they came. A connection that has broken is replaced by a new one when
/// it is needed next; failures to open one are retried after pauses that all tasks share, until the waiting limit.
public final class PostgresPool: Sendable {
    let configuration: PostgresConfiguration
    let limits: PoolLimits
    private let origin = ContinuousClock.now
    let state: Mutex<State>

    struct State {
        var machine: PoolMachine
        var connections: [PoolMachine.Slot: PostgresConnection] = [:]
        var waiting: [PoolMachine.Waiter: Waiting] = [:]
        var nextWaiter: PoolMachine.Waiter = 0
        var generator = SystemRandomNumberGenerator()
        /// Tasks on their way into the line, with the reason to turn them away if there already is one.
        var arriving: [PoolMachine.Waiter: PostgresError?] = [:]
        var drained: [Promise<Void>] = []
    }

    typealias Waiting = CheckedContinuation<Result<PoolMachine.Grant, PostgresError>, Never>

    /// A pool that opens its first connection when it is asked for one.
    public init(
        configuration: PostgresConfiguration, limits: PoolLimits = PoolLimits(), backoff: Backoff = Backoff()
    ) {
        self.configuration = configuration
        self.limits = limits
        state = Mutex(State(machine: PoolMachine(limits: limits, backoff: backoff)))
    }

    /// Lends a connection to `body` and takes it back afterwards. A transaction left open is rolled back.
    ///
    /// - Throws: what `body` throws; ``PostgresError/Kind/poolExhausted(waited:limit:)`` when no connection became
    ///   free in time, ``PostgresError/Kind/limitExceeded(value:limit:)`` when too many tasks wait already,
    ///   ``PostgresError/Kind/connectionFailed`` when none could be opened in time (at once when the server refused for
    ///   good), ``PostgresError/Kind/cancelled``, ``PostgresError/Kind/closed`` after ``shutdown()``.
    nonisolated(nonsending) public func withConnection<R>(
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> R
    ) async throws -> R {
        let (slot, connection) = try await borrow()
        do {
            let value = try await body(connection)
            await giveBack(slot, connection)
            return value
        } catch {
            await giveBack(slot, connection)
            throw error
        }
    }

    /// Turns waiters away, closes idle connections and waits until the lent ones have come back and are closed. A
    /// cancelled task waits no longer, but the pool is closed all the same.
    public func shutdown() async {
        let (waiting, idle) = state.withLock { state in
            let (waiters, slots) = state.machine.close()
            return (
                waiters.compactMap { state.waiting.removeValue(forKey: $0) },
                slots.compactMap { state.connections.removeValue(forKey: $0) }
            )
        }
        for waiter in waiting { waiter.resume(returning: .failure(Self.closedError)) }
        for connection in idle { await connection.close() }
        await drained()
    }

    /// The connections that lie idle, those in use, and the tasks that wait.
    public var counts: (idle: Int, inUse: Int, waiting: Int) {
        state.withLock { $0.machine.counts }
    }

    /// Closes the connections that have lain unused for longer than the limit. It happens on every return of a
    /// connection too; call it now and then where traffic may stop altogether.
    public func closeExpired() async {
        let now = elapsed
        let expired = state.withLock { state in
            state.machine.expire(at: now).compactMap { state.connections.removeValue(forKey: $0) }
        }
        for connection in expired { await connection.close() }
    }

    var elapsed: Duration { ContinuousClock.now - origin }

    static var closedError: PostgresError { PostgresError(.closed, "the pool was shut down") }
}

extension PostgresPool {
    nonisolated(nonsending) private func borrow() async throws(PostgresError) -> (
        PoolMachine.Slot, PostgresConnection
    ) {
        let started = elapsed
        let grant = try await grant(since: started)
        if grant.holdsConnection, let connection = state.withLock({ $0.connections[grant.slot] }) {
            if await connection.isAliveAfterIdling { return (grant.slot, connection) }
            await discard(grant.slot)
        }
        do {
            let connection = try await open(until: started + limits.waitLimit)
            state.withLock { $0.connections[grant.slot] = connection }
            return (grant.slot, connection)
        } catch {
            await release(grant.slot, keepsConnection: false)
            throw error
        }
    }

    nonisolated(nonsending) private func open(
        until deadline: Duration
    ) async throws(PostgresError) -> PostgresConnection {
        var last: PostgresError?
        while true {
            let now = elapsed
            let pause = state.withLock { $0.machine.openingDelay(at: now) }
            guard now + pause < deadline else { throw last ?? Self.exhausted(limits.waitLimit, limits.waitLimit) }
            try await Self.sleep(pause)
            var attempt = configuration
            attempt.connectTimeout = min(configuration.connectTimeout, deadline - elapsed)
            do throws(PostgresError) {
                let connection = try await PostgresConnection.connect(attempt)
                state.withLock { $0.machine.openingSucceeded() }
                return connection
            } catch {
                let now = elapsed
                if error.kind != .cancelled {
                    state.withLock { $0.machine.openingFailed(at: now, using: &$0.generator) }
                }
                guard error.kind == .connectionFailed, error.isRetriable else { throw error }
                last = error
            }
        }
    }

    private static func sleep(_ duration: Duration) async throws(PostgresError) {
        do {
            if duration > .zero { try await Task.sleep(for: duration) }
            try Task.checkCancellation()
        } catch {
            throw PostgresError(.cancelled, "the task was cancelled while waiting for a connection")
        }
    }

    static func exhausted(_ waited: Duration, _ limit: Duration) -> PostgresError {
        PostgresError(.poolExhausted(waited: waited, limit: limit), "all connections are in use")
    }
}
