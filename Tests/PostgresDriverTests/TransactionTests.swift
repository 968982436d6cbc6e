import PostgresDriver
import Synchronization
import Testing

@Suite("Transactions", .enabled(if: TestServer.isThere, "needs LOCKSTEP_DATABASE_URL")) struct TransactionTests {
    private struct Refused: Error {}

    @Test func `a transaction commits when its body returns and rolls back when it throws`() async throws {
        try await TestServer.withConnection { connection in
            try await connection.execute("CREATE TABLE t (n int8)")
            let value = try await connection.transaction { inside in
                try await inside.query("INSERT INTO t VALUES (1)").affectedRows
            }
            #expect(value == 1)
            await #expect(throws: Refused.self) {
                try await connection.transaction { inside in
                    _ = try await inside.query("INSERT INTO t VALUES (2)")
                    throw Refused()
                }
            }
            try await connection.expect("SELECT sum(n)::int8 FROM t", yields: 1)
        }
    }

    @Test func `a body that hides a failed statement does not pass for a commit`() async throws {
        try await TestServer.withConnection { connection in
            try await connection.execute("CREATE TABLE t (n int8)")
            let kind = await kind {
                try await connection.transaction { inside in
                    _ = try await inside.query("INSERT INTO t VALUES (1)")
                    _ = try? await inside.query("SELECT 1/0")
                }
            }
            #expect(kind == .transactionRolledBack)
            try await connection.expect("SELECT count(*) FROM t", yields: 0)
        }
    }

    @Test func `a transaction inside a transaction is refused`() async throws {
        try await TestServer.withConnection { connection in
            let kind = await kind {
                try await connection.transaction { inside in try await inside.transaction { _ in } }
            }
            #expect(kind == .invalidUse)
            try await connection.expect("SELECT 1::int8", yields: 1)
        }
    }

    @Test func `a transaction that stands still between two statements is ended, and who waits for its locks goes on`()
        async throws
    {
        try await TestServer.withDatabase { configuration in
            let waiting = try await PostgresConnection.connect(configuration)
            try await waiting.execute("CREATE TABLE t (n int8); INSERT INTO t VALUES (1)")
            // On a busy machine the first statement itself may come too late for a short limit: nothing is held
            // then, and a longer one is tried.
            let holds = Mutex(false)
            var limit = Duration.milliseconds(20)
            while !holds.withLock(\.self) {
                let standing = try await PostgresConnection.connect(configuration)
                let kind = await kind {
                    try await standing.transaction(silence: limit) { inside in
                        _ = try await inside.query("UPDATE t SET n = 2")
                        holds.withLock { $0 = true }
                        // Returns only when the other transaction is over.
                        _ = try await waiting.query("UPDATE t SET n = n + 10")
                    }
                }
                // Whether that is heard before the commit is sent, or instead of its answer, is up to the network.
                #expect(kind == .connectionLost || kind == .unknownOutcome)
                await standing.close()
                limit *= 2
            }
            try await waiting.expect("SELECT n FROM t", yields: 11)
        }
    }

    @Test func `the limit of silence ends with its transaction`() async throws {
        try await TestServer.withConnection { connection in
            let inside = try await connection.transaction {
                try await $0.query("SELECT current_setting('idle_in_transaction_session_timeout')").text(0, 0)
            }
            let outside = try await connection.query("SELECT current_setting('idle_in_transaction_session_timeout')")
            #expect(inside == "15s")
            #expect(try outside.text(0, 0) != "15s")
        }
    }

    @Test func `a body that commits by itself is told`() async throws {
        try await TestServer.withConnection { connection in
            let kind = await kind { try await connection.transaction { try await $0.execute("COMMIT") } }
            #expect(kind == .invalidUse)
        }
    }

    @Test func `isolation and access are what was asked for`() async throws {
        try await TestServer.withConnection { connection in
            let levels = try await connection.transaction(.serializable, readOnly: true) { inside in
                let result = try await inside.query(
                    "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"
                )
                return [try result.text(0, 0), try result.text(0, 1)]
            }
            #expect(levels == ["serializable", "on"])
        }
    }

    @Test func `a cancelled task still rolls back`() async throws {
        try await TestServer.withConnection { connection in
            try await connection.execute("CREATE TABLE t (n int8)")
            let work = Task {
                try await connection.transaction { inside in
                    _ = try await inside.query("INSERT INTO t VALUES (1)")
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            #expect(await kind { try await work.value } == .cancelled)
            try await connection.expect("SELECT count(*) FROM t", yields: 0)
            #expect(connection.isUsable)
        }
    }

    @Test func `a deadlock and a lost race are retriable`() async throws {
        try await TestServer.withDatabase { configuration in
            let one = try await PostgresConnection.connect(configuration)
            let other = try await PostgresConnection.connect(configuration)
            try await one.execute("CREATE TABLE t (n int8); INSERT INTO t VALUES (1)")
            await #expect {
                try await one.transaction(.repeatableRead) { inside in
                    _ = try await inside.query("SELECT n FROM t")
                    _ = try await other.query("UPDATE t SET n = 2")
                    _ = try await inside.query("UPDATE t SET n = 3")
                }
            } throws: { error in
                (error as? PostgresError)?.sqlState == .serializationFailure
                    && (error as? PostgresError)?.isRetriable == true
            }
        }
    }
}
