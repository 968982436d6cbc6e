import PostgresDriver
import Testing

@Suite("Connection", .enabled(if: TestServer.isThere, "needs LOCKSTEP_DATABASE_URL")) struct ConnectionTests {
    @Test func `a connection introduces itself and knows its server`() async throws {
        try await TestServer.withConnection({
            $0.statementTimeout = .milliseconds(123_456)
            $0.settings = [("lock_timeout", "77ms"), ("lockstep.note", "it's")]
        }) { connection in
            let result = try await connection.query(
                """
                SELECT current_setting('application_name'), current_setting('statement_timeout'),
                       current_setting('lock_timeout'), current_setting('lockstep.note'),
                       current_setting('client_encoding'), pg_backend_pid()
                """
            )
            let texts = try (0..<5).map { try result.text(0, $0) }
            #expect(texts == ["lockstep", "123456ms", "77ms", "it's", "UTF8"])
            #expect(try result.int32(0, 5) == connection.backendPID)
            #expect(connection.serverVersion >= 120_000)
            #expect(await connection.parameterStatus("in_hot_standby") == "off")
            #expect(await connection.parameterStatus("server_version") != nil)
            #expect(connection.isUsable)
        }
    }

    @Test func `a refusal to let us in carries its code and no password`() async throws {
        let url = try #require(TestServer.url)
        let wrong = try PostgresConfiguration(url.replacing(/:[^:@\/]+@/, with: ":hush-hush@"))
        await #expect {
            try await PostgresConnection.connect(wrong)
        } throws: { error in
            let error = error as? PostgresError
            return error?.kind == .connectionFailed && error?.sqlState == .invalidPassword
                && error?.isRetriable == false
                && error?.debugDescription.contains("hush") == false
        }
        let missing = try TestServer.configuration().with(database: "no_such_database")
        await #expect {
            try await PostgresConnection.connect(missing)
        } throws: { ($0 as? PostgresError)?.sqlState == .undefinedDatabase }
    }

    @Test func `nobody listening is a retriable failure`() async throws {
        let nobody = try PostgresConfiguration("postgres://u:p@127.0.0.1:1/db")
        await #expect {
            try await PostgresConnection.connect(nobody)
        } throws: { error in
            let error = error as? PostgresError
            return error?.kind == .connectionFailed && error?.isRetriable == true
        }
    }

    @Test func `the second host serves when the first does not answer`() async throws {
        let server = try TestServer.configuration()
        let port = try #require(server.description.firstMatch(of: /port=(\d+)/)?.1)
        let url = try #require(TestServer.url).replacing(/@[^\/]+\//, with: "@127.0.0.1:1,127.0.0.1:\(port)/")
        let connection = try await PostgresConnection.connect(try PostgresConfiguration(url))
        try await connection.expect("SELECT 1::int8", yields: 1)
    }

    @Test func `a closed connection says so`() async throws {
        try await TestServer.withConnection { connection in
            await connection.close()
            #expect(!connection.isUsable)
            #expect(await kind { _ = try await connection.query("SELECT 1") } == .closed)
        }
    }

    @Test func `a server error is told by code, with names and without row data`() async throws {
        try await TestServer.withConnection { connection in
            try await connection.execute("CREATE TABLE thing (id int8 PRIMARY KEY, note text CHECK (note <> 'bad'))")
            let insert: PostgresStatement = "INSERT INTO thing VALUES ($1, $2)"
            let parameters = PostgresParameters {
                $0.append(424_242)
                $0.append("private")
            }
            #expect(try await connection.query(insert, parameters).affectedRows == 1)
            await #expect {
                try await connection.query(insert, parameters)
            } throws: { error in
                guard let error = error as? PostgresError else { return false }
                return error.kind == .server(.uniqueViolation) && error.constraint == "thing_pkey"
                    && error.table == "thing"
                    && error.severity == "ERROR" && !error.description.contains("424242")
                    && error.debugDescription.contains("424242") && !error.isRetriable
            }
            await #expect {
                try await connection.query("SELECT $1::text::int", PostgresParameters { $0.append("private") })
            } throws: { error in
                (error as? PostgresError)?.sqlState == .invalidTextRepresentation && !"\(error)".contains("private")
            }
            #expect(await kind { _ = try await connection.query("SELECT * FROM nowhere") } == .server(.undefinedTable))
        }
    }

    @Test func `a statement past its time limit is told by code`() async throws {
        try await TestServer.withConnection({ $0.statementTimeout = .seconds(1) }) { connection in
            let late = await kind { _ = try await connection.query("SELECT pg_sleep(60)") }
            #expect(late == .server(.queryCanceled))
            // The limit holds for the next one too, which may take longer on a busy machine.
            var next: PostgresError.Kind?
            repeat {
                next = await kind { try await connection.expect("SELECT 1::int8", yields: 1) }
            } while next == .server(.queryCanceled)
            #expect(next == nil)
        }
    }

    @Test func `a commit that fails after the rows were sent fails the statement`() async throws {
        try await TestServer.withConnection { connection in
            try await connection.execute(
                """
                CREATE TABLE parent (id int8 PRIMARY KEY);
                CREATE TABLE child (id int8 REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
                """
            )
            let insert: PostgresStatement = "INSERT INTO child VALUES (7) RETURNING id"
            #expect(await kind { _ = try await connection.query(insert) } == .server(.foreignKeyViolation))
            #expect(
                await kind { _ = try await connection.pipeline([PostgresRequest(insert)]) }
                    == .server(.foreignKeyViolation)
            )
            try await connection.expect("SELECT count(*) FROM child", yields: 0)
        }
    }

    @Test func `a script stops at its first error and is one transaction`() async throws {
        try await TestServer.withConnection { connection in
            let kind = await kind { try await connection.execute("CREATE TABLE a (); CREATE TABLE a (); SELECT 1") }
            #expect(kind == .server(.duplicateTable))
            try await connection.expect("SELECT count(*) FROM pg_tables WHERE tablename = 'a'", yields: 0)
        }
    }

    @Test func `a zero byte never cuts a statement short`() async throws {
        try await TestServer.withConnection { connection in
            #expect(await kind { try await connection.execute("SELECT 1\0; garbage") } == .invalidUse)
            #expect(await kind { _ = try await connection.query("SELECT 1\0 garbage") } == .invalidUse)
        }
    }

    @Test func `a connection lost while idle is noticed before sending`() async throws {
        try await TestServer.withDatabase { configuration in
            let (victim, killer) = (
                try await PostgresConnection.connect(configuration), try await PostgresConnection.connect(configuration)
            )
            try await killer.terminate(victim.backendPID)
            let kind = await kind { _ = try await victim.query("SELECT 1") }
            #expect(kind == .connectionLost)
            #expect(!victim.isUsable)
            #expect(await PostgresDriverTests.kind { _ = try await victim.query("SELECT 1") } == .connectionLost)
        }
    }
}

extension PostgresConnection {
    /// Ends the server process `pid` and waits until it is gone.
    func terminate(_ pid: Int32) async throws {
        let parameters = PostgresParameters { $0.append(pid) }
        _ = try await query("SELECT pg_terminate_backend($1, 600000)", parameters)
    }
}
