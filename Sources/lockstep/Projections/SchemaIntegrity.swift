import PostgresDriver

/// What the database itself says of whether its parts fit together; looked at after every migration.
enum SchemaIntegrity {
    /// A sentence for each flaw; none is as it must be.
    static func flaws(on connection: PostgresConnection) async throws -> [String] {
        let found = try await connection.query("select subject, flaw from lockstep.integrity() order by 1, 2")
        return try (0..<found.rowCount).map { "\(try found.text($0, 0)): \(try found.text($0, 1))" }
    }
}
