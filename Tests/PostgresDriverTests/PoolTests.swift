import PostgresDriver
import Synchronization
import Testing

@Suite("Pool", .enabled(if: TestServer.isThere, "needs LOCKSTEP_DATABASE_URL")) struct PoolTests {
    private final class Flag: Sendable {
        let isSet = Atomic(false)
    }

    private func withPool(
        _ limits: PoolLimits,
        _ body: nonisolated(nonsending) (PostgresPool, PostgresConfiguration) async throws -> Void
    ) async throws {
        try await TestServer.withDatabase { configuration in
            let pool = PostgresPool(configuration: configuration, limits: limits)
            try await body(pool, configuration)
            await pool.shutdown()
            #expect(pool.counts == (0, 0, 0))
        }
    }

    @Test func `many tasks share few connections`() async throws {
        try await withPool(PoolLimits(maxConnections: 3, waitLimit: .seconds(60))) { pool, _ in
            let pids = try await withThrowingTaskGroup(of: Int32.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await pool.withConnection { try await $0.query("SELECT pg_backend_pid()").int32(0, 0) }
                    }
                }
                return try await group.reduce(into: Set<Int32>()) { $0.insert($1) }
            }
            #expect((1...3).contains(pids.count))
            #expect(pool.counts.inUse == 0)
        }
    }

    @Test func `a task that waits too long is told how long`() async throws {
        try await withPool(PoolLimits(maxConnections: 1, waitLimit: .seconds(1))) { pool, _ in
            // On a busy machine opening takes longer than the limit; here only the waiting counts.
            while await kind(of: { try await pool.withConnection { _ in } }) != nil {}
            try await pool.withConnection { _ in
                let error = await #expect(throws: PostgresError.self) { try await pool.withConnection { _ in } }
                guard case .poolExhausted(let waited, let limit) = error?.kind else {
                    Issue.record("not exhausted: \(String(describing: error))")
                    return
                }
                #expect(waited >= limit && limit == .seconds(1))
                #expect(error?.isRetriable == true)
            }
            #expect(pool.counts.waiting == 0)
        }
    }

    @Test func `a cancelled waiter leaves the queue and the next is served`() async throws {
        try await withPool(PoolLimits(maxConnections: 1, waitLimit: .seconds(60))) { pool, _ in
            let (gone, next) = try await pool.withConnection { _ in
                let gone = Task { try await pool.withConnection { _ in } }
                while pool.counts.waiting < 1 { await Task.yield() }
                let next = Task { try await pool.withConnection { $0.backendPID } }
                while pool.counts.waiting < 2 { await Task.yield() }
                gone.cancel()
                #expect(await kind { try await gone.value } == .cancelled)
                #expect(pool.counts.waiting == 1)
                return (gone, next)
            }
            #expect(gone.isCancelled)
            #expect(try await next.value > 0)
        }
    }

    @Test func `a broken connection is replaced, whether it breaks in use or idle`() async throws {
        try await withPool(PoolLimits(maxConnections: 1, waitLimit: .seconds(60))) { pool, configuration in
            let killer = try await PostgresConnection.connect(configuration)
            let first = try await pool.withConnection { connection in
                try await killer.terminate(connection.backendPID)
                #expect(await kind { _ = try await connection.query("SELECT 1") } == .connectionLost)
                return connection.backendPID
            }
            let second = try await pool.withConnection { $0.backendPID }
            #expect(second != first)
            try await killer.terminate(second)
            let third = try await pool.withConnection { try await $0.query("SELECT pg_backend_pid()").int32(0, 0) }
            #expect(third != second)
        }
    }

    @Test func `a transaction left open is rolled back before the next borrower comes`() async throws {
        try await withPool(PoolLimits(maxConnections: 1, waitLimit: .seconds(60))) { pool, _ in
            try await pool.withConnection { connection in
                try await connection.execute("CREATE TABLE t (n int8)")
                try await connection.execute("BEGIN; INSERT INTO t VALUES (1)")
            }
            try await pool.withConnection { try await $0.expect("SELECT count(*) FROM t", yields: 0) }
        }
    }

    @Test func `a refusal for good is passed on at once and a server that is away at the limit`() async throws {
        let missing = try TestServer.configuration().with(database: "no_such_database")
        let refused = PostgresPool(configuration: missing, limits: PoolLimits(waitLimit: .seconds(3600)))
        await #expect {
            try await refused.withConnection { _ in }
        } throws: { ($0 as? PostgresError)?.sqlState == .undefinedDatabase }
        let nobody = try PostgresConfiguration("postgres://u:p@127.0.0.1:1/db")
        var (limit, told) = (Duration.milliseconds(100), PostgresError.Kind?.none)
        // On a busy machine a short limit ends before the first attempt.
        while told != .connectionFailed {
            let pool = PostgresPool(
                configuration: nobody, limits: PoolLimits(waitLimit: limit), backoff: Backoff(base: .milliseconds(5)))
            told = await kind { try await pool.withConnection { _ in } }
            #expect(pool.counts == (0, 0, 0))
            guard case .poolExhausted = told else { break }
            limit *= 2
        }
        #expect(told == .connectionFailed)
    }

    @Test func `shutdown turns waiters away and waits for what is lent`() async throws {
        try await TestServer.withDatabase { configuration in
            let pool = PostgresPool(
                configuration: configuration, limits: PoolLimits(maxConnections: 1, waitLimit: .seconds(60)))
            let returned = Flag()
            let closing = try await pool.withConnection { connection in
                let waiter = Task { try await pool.withConnection { _ in } }
                while pool.counts.waiting < 1 { await Task.yield() }
                let closing = Task {
                    await pool.shutdown()
                    return returned.isSet.load(ordering: .acquiring)
                }
                #expect(await kind { try await waiter.value } == .closed)
                try await connection.expect("SELECT 1::int8", yields: 1)
                returned.isSet.store(true, ordering: .releasing)
                return closing
            }
            #expect(await closing.value, "shutdown waited for the lent connection")
            #expect(await kind { try await pool.withConnection { _ in } } == .closed)
        }
    }
}
