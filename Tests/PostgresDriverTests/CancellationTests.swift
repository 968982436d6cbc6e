import PostgresDriver
import Synchronization
import Testing

@Suite("Cancellation", .enabled(if: TestServer.isThere, "needs LOCKSTEP_DATABASE_URL")) struct CancellationTests {
    private func withPair(
        _ body: nonisolated(nonsending) (PostgresConnection, PostgresConnection) async throws -> Void
    ) async throws {
        try await TestServer.withDatabase { configuration in
            try await body(
                try await PostgresConnection.connect(configuration), try await PostgresConnection.connect(configuration)
            )
        }
    }

    @Test func `cancelling a task stops its statement on the server`() async throws {
        try await withPair { connection, witness in
            let statement = Task { _ = try await connection.query("SELECT pg_sleep(600)") }
            try await witness.awaitSleep(of: connection.backendPID)
            statement.cancel()
            #expect(await kind { try await statement.value } == .cancelled)
            let parameters = PostgresParameters { $0.append(connection.backendPID) }
            try await witness.repeatUntilTrue("SELECT state = 'idle' FROM pg_stat_activity WHERE pid = $1", parameters)
            try await connection.expect("SELECT 5::int8", yields: 5)
        }
    }

    @Test func `cancelling stops scripts, pipelines and copies too`() async throws {
        try await withPair { connection, witness in
            let works: [@Sendable () async throws -> Void] = [
                { try await connection.execute("SELECT 1; SELECT pg_sleep(600)") },
                { _ = try await connection.pipeline([PostgresRequest("SELECT pg_sleep(600)")]) },
                { _ = try await connection.copyOut("COPY (SELECT pg_sleep(600)) TO STDOUT") { _ in } },
                { try await connection.transaction { _ = try await $0.query("SELECT pg_sleep(600)") } },
            ]
            for work in works {
                let task = Task { try await work() }
                try await witness.awaitSleep(of: connection.backendPID)
                task.cancel()
                #expect(await kind { try await task.value } == .cancelled)
                try await connection.expect("SELECT 5::int8", yields: 5)
            }
        }
    }

    @Test func `a task cancelled before sending asks nothing of the server`() async throws {
        try await withPair { connection, _ in
            try await connection.execute("CREATE SEQUENCE s")
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                _ = try await connection.query("SELECT nextval('s')")
            }
            #expect(await kind { try await task.value } == .cancelled)
            try await connection.expect("SELECT nextval('s')", yields: 1)
        }
    }

    @Test func `a late cancellation never hits the next statement`() async throws {
        try await withPair { connection, _ in
            for round in 0..<300 {
                let early = Task { _ = try await connection.query("SELECT count(*) FROM generate_series(1, 200)") }
                for _ in 0..<(round % 17) { await Task.yield() }
                early.cancel()
                let kind = await kind { try await early.value }
                #expect(kind == nil || kind == .cancelled)
                // Long enough for a stray signal to arrive in the middle.
                try await connection.expect("SELECT count(*) FROM generate_series(1, 2000)", yields: 2000)
            }
        }
    }

    @Test func `an administrator's cancellation is not taken for the task's own`() async throws {
        try await withPair { connection, witness in
            let statement = Task { _ = try await connection.query("SELECT pg_sleep(600)") }
            try await witness.awaitSleep(of: connection.backendPID)
            _ = try await witness.query(
                "SELECT pg_cancel_backend($1)", PostgresParameters { $0.append(connection.backendPID) })
            #expect(await kind { try await statement.value } == .server(.queryCanceled))
        }
    }

    @Test func `a task cancelled while connecting returns at once`() async throws {
        // A listener that never answers: the connection waits for the server's greeting.
        let silent = try CuttingProxy(upstreamPort: 1, cutting: .request, at: "never")
        let configuration = try PostgresConfiguration("postgres://u:p@127.0.0.1:\(silent.port)/db?sslmode=disable")
        let task = Task { _ = try await PostgresConnection.connect(configuration) }
        task.cancel()
        #expect(await kind { try await task.value } == .cancelled)
    }
}
