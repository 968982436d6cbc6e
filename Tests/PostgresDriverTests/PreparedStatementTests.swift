import Testing

@testable import PostgresDriver

@Suite("Prepared statements") struct PreparedStatementTests {
    private static let served = TestServer.isThere

    @Test func `the least recently used statement is retired`() {
        var cache = StatementCache(limit: 2)
        cache.insert("a", types: [], name: "1")
        cache.insert("b", types: [], name: "2")
        #expect(cache.name(of: "a", types: []) == "1")
        cache.insert("c", types: [], name: "3")
        #expect(cache.name(of: "b", types: []) == nil)
        #expect(cache.name(of: "a", types: []) == "1")
        #expect(cache.takeRetired() == ["2"])
        #expect(cache.takeRetired() == [])
    }

    @Test func `other parameter types are another statement`() {
        var cache = StatementCache(limit: 2)
        cache.insert("a", types: [20], name: "1")
        #expect(cache.name(of: "a", types: [25]) == nil)
        cache.insert("a", types: [25], name: "2")
        #expect(cache.name(of: "a", types: [25]) == "2")
        #expect(cache.takeRetired() == ["1"])
    }

    @Test(arguments: ["commit", " ;-- x\n COMMIT", "/* a */end", "PREPARE TRANSACTION 'x'", "", "/* open"])
    func `a statement that may commit is known as one`(_ sql: String) {
        #expect(PostgresStatement(sql).mayCommit)
    }

    @Test(arguments: ["SELECT 1", "insert into t values ('commit')", "ROLLBACK", "-- commit\nselect 1"])
    func `a statement that cannot commit is known as one`(_ sql: String) {
        #expect(!PostgresStatement(sql).mayCommit)
    }

    private static let prepared = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%marked%'"

    @Test(.enabled(if: served)) func `a statement is prepared once and closed past the limit`() async throws {
        try await TestServer.withConnection({ $0.preparedStatementLimit = 3 }) { connection in
            for number in [0, 1, 0, 1] {
                try await connection.expect("SELECT \(number)::int8 AS marked", yields: Int64(number))
            }
            try await connection.expect(Self.prepared, yields: 3)
            for number in 10..<20 {
                try await connection.expect("SELECT \(number)::int8 AS marked", yields: Int64(number))
            }
            let kept = try await connection.query("SELECT count(*) FROM pg_prepared_statements").int64(0, 0)
            #expect(kept == 3)
        }
    }

    @Test(.enabled(if: served)) func `with preparation switched off nothing is left on the server`() async throws {
        try await TestServer.withConnection({ $0.preparesStatements = false }) { connection in
            let parameters = PostgresParameters { $0.append(7) }
            for _ in 0..<3 {
                let result = try await connection.query("SELECT $1 AS marked", parameters)
                #expect(try result.int64(0, 0) == 7)
                _ = try await connection.pipeline([PostgresRequest("SELECT $1 AS marked", parameters)])
            }
            try await connection.expect("SELECT count(*) FROM pg_prepared_statements", yields: 0)
        }
    }

    @Test(.enabled(if: served)) func `a statement whose table has changed is prepared anew`() async throws {
        try await TestServer.withDatabase { configuration in
            let connection = try await PostgresConnection.connect(configuration)
            let other = try await PostgresConnection.connect(configuration)
            try await connection.execute("CREATE TABLE t (a int8); INSERT INTO t VALUES (1)")
            let all: PostgresStatement = "SELECT * FROM t"
            #expect(try await connection.query(all).columnCount == 1)
            try await other.execute("ALTER TABLE t ADD b text")
            #expect(try await connection.query(all).columnCount == 2)
            try await other.execute("ALTER TABLE t ADD c text")
            let answers = try await connection.pipeline([PostgresRequest(all), PostgresRequest(all)])
            #expect(try answers.map { try $0.get().columnCount } == [3, 3])
            try await other.execute("ALTER TABLE t ADD d text")
            let kind = await kind { try await connection.transaction { _ = try await $0.query(all) } }
            #expect(kind == .server(.featureNotSupported), "inside a transaction it cannot be hidden")
            #expect(try await connection.query(all).columnCount == 4)
        }
    }

    @Test(.enabled(if: served)) func `a statement that vanished from the server is prepared anew`() async throws {
        try await TestServer.withConnection { connection in
            let statement: PostgresStatement = "SELECT 9::int8"
            #expect(try await connection.query(statement).int64(0, 0) == 9)
            try await connection.execute("DEALLOCATE ALL")
            #expect(try await connection.query(statement).int64(0, 0) == 9)
        }
    }

    @Test(.enabled(if: served)) func `the same text with other parameter types is understood`() async throws {
        try await TestServer.withConnection { connection in
            let statement: PostgresStatement = "SELECT pg_typeof($1)::text"
            for (parameters, type) in [
                (PostgresParameters { $0.append(1) }, "bigint"), (PostgresParameters { $0.append("x") }, "text"),
                (PostgresParameters { $0.append(1) }, "bigint"),
            ] {
                let seen = try await connection.query(statement, parameters).text(0, 0)
                #expect(seen == type)
            }
        }
    }
}
