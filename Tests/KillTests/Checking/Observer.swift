import PostgresDriver

/// Plain SQL on a connection of its own, opened for each question: the server may have died since the last one.
struct Observer: Sendable {
    let url: String

    func with<R: Sendable>(_ body: (PostgresConnection) async throws -> R) async throws -> R {
        try await PostgresConnection.with(PostgresConfiguration(url), body)
    }

    /// The first column of the first row.
    func number(_ sql: String) async throws -> Int64 {
        try await with { try await $0.query(PostgresStatement(sql)).int64(0, 0) }
    }

    /// The first column.
    func texts(_ sql: String) async throws -> [String] {
        try await with { connection in
            let result = try await connection.query(PostgresStatement(sql))
            return try (0..<result.rowCount).map { try result.text($0, 0) }
        }
    }
}
