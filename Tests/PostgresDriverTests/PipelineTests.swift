import PostgresDriver
import Testing

@Suite("Pipelines", .enabled(if: TestServer.isThere, "needs LOCKSTEP_DATABASE_URL")) struct PipelineTests {
    private func numbers(_ numbers: Range<Int>) -> [PostgresRequest] {
        numbers.map { number in PostgresRequest("SELECT 100 / $1", PostgresParameters { $0.append(number) }) }
    }

    @Test func `answers come in order, one for each request`() async throws {
        try await TestServer.withConnection { connection in
            for _ in 0..<2 {
                let answers = try await connection.pipeline(numbers(1..<51))
                let values = try answers.map { try $0.get().int64(0, 0) }
                #expect(values == (1..<51).map { Int64(100 / $0) })
            }
            #expect(try await connection.pipeline([]).isEmpty)
        }
    }

    @Test func `a failing request is named and those behind it have not run`() async throws {
        try await TestServer.withConnection { connection in
            try await connection.execute("CREATE TABLE t (n int8)")
            var requests = numbers(-2..<3)
            requests.insert(PostgresRequest("INSERT INTO t VALUES (1)"), at: 0)
            let kinds = try await connection.pipeline(requests).map { answer -> PostgresError.Kind? in
                if case .failure(let error) = answer { error.kind } else { nil }
            }
            #expect(kinds == [nil, nil, nil, .server(SQLState(rawValue: "22012")), .pipelineAborted, .pipelineAborted])
            try await connection.expect("SELECT count(*) FROM t", yields: 0)
        }
    }

    @Test func `a request that cannot be prepared is the one that fails`() async throws {
        try await TestServer.withConnection { connection in
            let answers = try await connection.pipeline([
                PostgresRequest("SELECT 1::int8"), PostgresRequest("SELECT nonsense"),
                PostgresRequest("SELECT 2::int8"),
                PostgresRequest("SELECT 1::int8"),
            ])
            let kinds = answers.map { answer -> PostgresError.Kind? in
                if case .failure(let error) = answer { error.kind } else { nil }
            }
            #expect(kinds == [nil, .server(.undefinedColumn), .pipelineAborted, .pipelineAborted])
            try await connection.expect("SELECT 2::int8", yields: 2)
            try await connection.expect("SELECT 1::int8", yields: 1)
        }
    }

    @Test func `more than the sockets hold does not block`() async throws {
        try await TestServer.withConnection { connection in
            let large = PostgresParameters { $0.append([UInt8](repeating: 7, count: 1 << 20)) }
            let answers = try await connection.pipeline((0..<16).map { _ in PostgresRequest("SELECT $1", large) })
            for answer in answers {
                let length = try answer.get().unsafeBytes(0, 0).count
                #expect(length == 1 << 20)
            }
        }
    }

    @Test func `a pipeline of more statements than are kept still works`() async throws {
        try await TestServer.withConnection({ $0.preparedStatementLimit = 2 }) { connection in
            for _ in 0..<2 {
                let answers = try await connection.pipeline(
                    (0..<9).map { PostgresRequest(PostgresStatement("SELECT \($0)::int8")) })
                let values = try answers.map { try $0.get().int64(0, 0) }
                #expect(values == Array(0..<9))
            }
        }
    }

    @Test func `a pipeline inside a transaction belongs to it`() async throws {
        try await TestServer.withConnection { connection in
            try await connection.execute("CREATE TABLE t (n int8)")
            await #expect(throws: CancellationError.self) {
                try await connection.transaction { inside in
                    _ = try await inside.pipeline([
                        PostgresRequest("INSERT INTO t VALUES (1)"), PostgresRequest("INSERT INTO t VALUES (2)"),
                    ])
                    throw CancellationError()
                }
            }
            try await connection.expect("SELECT count(*) FROM t", yields: 0)
        }
    }
}
