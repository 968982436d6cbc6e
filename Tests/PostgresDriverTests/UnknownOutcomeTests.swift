import PostgresDriver
import Testing

@Suite("Unknown outcomes", .enabled(if: TestServer.isThere, "needs LOCKSTEP_DATABASE_URL")) struct UnknownOutcomeTests {
    /// Runs `body` with a connection through a relay that cuts at `word`, and with one to look at the truth.
    private func withCut(
        _ cut: CuttingProxy.Cut, at word: String,
        _ body: nonisolated(nonsending) (PostgresConnection, PostgresConnection) async throws -> Void
    ) async throws {
        try await TestServer.withDatabase { configuration in
            let witness = try await PostgresConnection.connect(configuration)
            try await witness.execute("CREATE TABLE t (n int8)")
            let url = try #require(TestServer.url)
            let port = try #require(configuration.description.firstMatch(of: /port=(\d+)/).flatMap { UInt16($0.1) })
            let proxy = try CuttingProxy(upstreamPort: port, cutting: cut, at: word)
            proxy.start()
            defer { proxy.stop() }
            let through = try PostgresConfiguration(
                url.replacing(/@[^\/]+\//, with: "@127.0.0.1:\(proxy.port)/")
                    + (url.contains("?") ? "&" : "?") + "sslmode=disable&gssencmode=disable"
            ).with(database: try #require(configuration.database))
            try await body(try await PostgresConnection.connect(through), witness)
        }
    }

    @Test(arguments: [(CuttingProxy.Cut.answer, Int64(1)), (.request, 0)])
    func `a connection lost during COMMIT leaves the outcome unknown`(_ cut: CuttingProxy.Cut, _ rows: Int64)
        async throws
    {
        try await withCut(cut, at: "COMMIT\0") { connection, witness in
            let kind = await kind {
                try await connection.transaction { _ = try await $0.query("INSERT INTO t VALUES (1)") }
            }
            #expect(kind == .unknownOutcome)
            #expect(!connection.isUsable)
            try await witness.repeatUntilTrue(
                """
                SELECT count(*) = \(rows) FROM t WHERE 1 = (
                    SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND backend_type = 'client backend'
                )
                """
            )
        }
    }

    @Test func `a connection lost under a single statement leaves the outcome unknown`() async throws {
        try await withCut(.answer, at: "cut-here") { connection, _ in
            #expect(
                await kind { _ = try await connection.query("INSERT INTO t SELECT 1 WHERE 'cut-here' <> ''") } != nil)
        }
        try await withCut(.answer, at: "cut-value") { connection, witness in
            let insert: PostgresStatement = "INSERT INTO t SELECT 1 WHERE $1 <> ''"
            let kind = await kind {
                _ = try await connection.query(insert, PostgresParameters { $0.append("cut-value") })
            }
            #expect(kind == .unknownOutcome)
            try await witness.repeatUntilTrue("SELECT count(*) = 1 FROM t")
        }
    }

    @Test func `a connection lost while preparing has changed nothing`() async throws {
        try await withCut(.answer, at: "cut-here") { connection, _ in
            let kind = await kind { _ = try await connection.query("INSERT INTO t SELECT 1 WHERE 'cut-here' <> ''") }
            #expect(kind == .connectionLost)
        }
    }

    @Test func `a connection lost inside a transaction has changed nothing`() async throws {
        try await withCut(.answer, at: "cut-value") { connection, witness in
            let kind = await kind {
                try await connection.transaction { inside in
                    _ = try await inside.query(
                        "INSERT INTO t SELECT 1 WHERE $1 <> ''", PostgresParameters { $0.append("cut-value") })
                }
            }
            #expect(kind == .connectionLost)
            try await witness.expect("SELECT count(*) FROM t", yields: 0)
        }
    }

    @Test func `a pipeline or a script that lost its answer leaves the outcome unknown`() async throws {
        try await withCut(.answer, at: "cut-here") { connection, witness in
            let requests = [
                PostgresRequest("INSERT INTO t VALUES (1)"),
                PostgresRequest("INSERT INTO t SELECT 2 WHERE 'cut-here' <> ''"),
            ]
            #expect(await kind { _ = try await connection.pipeline(requests) } == .unknownOutcome)
            try await witness.repeatUntilTrue("SELECT count(*) = 2 FROM t")
        }
        try await withCut(.answer, at: "cut-here") { connection, _ in
            #expect(
                await kind { try await connection.execute("INSERT INTO t VALUES (1) /* cut-here */") }
                    == .unknownOutcome)
        }
    }

    @Test func `a statement whose server process is ended while it runs has an unknown outcome`() async throws {
        try await TestServer.withDatabase { configuration in
            let victim = try await PostgresConnection.connect(configuration)
            let killer = try await PostgresConnection.connect(configuration)
            let statement = Task { _ = try await victim.query("SELECT pg_sleep(60)") }
            try await killer.awaitSleep(of: victim.backendPID)
            try await killer.terminate(victim.backendPID)
            await #expect {
                try await statement.value
            } throws: { error in
                let error = error as? PostgresError
                return error?.kind == .unknownOutcome && error?.sqlState == .adminShutdown
                    && error?.isRetriable == false
                    && error?.isConnectionGone == true
            }
        }
    }

    @Test func `a COPY lost before its end was sent has changed nothing`() async throws {
        try await TestServer.withDatabase { configuration in
            let victim = try await PostgresConnection.connect(configuration)
            let killer = try await PostgresConnection.connect(configuration)
            try await killer.execute("CREATE TABLE t (n int8)")
            let kind = await kind {
                _ = try await victim.copyIn("COPY t FROM STDIN") {
                    try await killer.terminate(victim.backendPID)
                    throw CancellationError()
                }
            }
            #expect(kind == nil, "the closure's own error wins")
            #expect(!victim.isUsable)
            try await killer.expect("SELECT count(*) FROM t", yields: 0)
        }
    }
}
