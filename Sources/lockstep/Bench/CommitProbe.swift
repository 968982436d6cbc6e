import PostgresDriver

/// What the server's disk takes for one flush: the time of a transaction that writes nothing but a WAL record.
enum CommitProbe {
    /// Milliseconds of each of `count` flushes.
    static func flushes(_ count: Int, in database: BenchDatabase) async throws -> [Double] {
        try await database.withConnection { connection in
            let statement: PostgresStatement = "select pg_logical_emit_message(true, 'lockstep', 'flush')"
            let empty: PostgresStatement = "select 1"
            var times: [Double] = []
            for _ in 0..<count {
                let flushed = try await seconds { _ = try await connection.query(statement) }
                let idle = try await seconds { _ = try await connection.query(empty) }
                times.append(max(0, flushed - idle) * 1_000)
            }
            return times
        }
    }
}
