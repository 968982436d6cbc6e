import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import PostgresDriver
import PostgresEventStore
import PostgresReadModels
import ReadModels
import Testing

/// A database of its own on the server that `LOCKSTEP_DATABASE_URL` names, migrated, dropped afterwards.
struct TestDatabase: Sendable {
    let pool: PostgresPool
    let configuration: PostgresConfiguration
    /// Of the log's store only the leases: the logs of these tests are in memory.
    let leases: PostgresEventStore

    /// Tests that need PostgreSQL are skipped without the variable.
    static var url: String? { ProcessInfo.processInfo.environment["LOCKSTEP_DATABASE_URL"] }

    static func with<R: Sendable>(_ body: (TestDatabase) async throws -> R) async throws -> R {
        let server = try PostgresConfiguration(try #require(url))
        let name = "read_models_\(UUID().uuidString.lowercased().replacing("-", with: ""))"
        try await administer(server, "create database \(name)")
        let configuration = server.with(database: name)
        let limits = PoolLimits(waitLimit: .seconds(600))
        let pool = PostgresPool(configuration: configuration, limits: limits)
        let database = TestDatabase(
            pool: pool, configuration: configuration,
            leases: PostgresEventStore(configuration, poolLimits: limits))
        let outcome: Result<R, any Error>
        do {
            try await database.migrate()
            outcome = .success(try await body(database))
        } catch {
            outcome = .failure(error)
        }
        await database.leases.close()
        await database.pool.shutdown()
        try await administer(server, "drop database \(name) with (force)")
        return try outcome.get()
    }

    private static func administer(_ server: PostgresConfiguration, _ sql: String) async throws {
        try await PostgresConnection.with(server) { try await $0.execute(sql) }
    }

    func execute(_ script: String) async throws {
        try await pool.withConnection { connection in try await connection.execute(script) }
    }

    func query(_ sql: String) async throws -> PostgresResult {
        try await pool.withConnection { connection in try await connection.query(PostgresStatement(sql)) }
    }

    private func migrate() async throws {
        try await execute("create schema lockstep")
        for name in try Self.migrations() { try await execute(try Self.schemaFile("migrations/\(name).sql")) }
        try await execute(TallyProjection.createTable)
    }

    /// The forward migrations, in order.
    static func migrations() throws -> [String] {
        let folder = ProjectFiles.path("Schemas/postgres/migrations")
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            .filter { $0.hasSuffix(".sql") && !$0.hasSuffix("_down.sql") }.map { String($0.dropLast(4)) }
    }

    /// A file of `Schemas/postgres`.
    static func schemaFile(_ path: String) throws -> String {
        String(decoding: try ProjectFiles.bytes(ProjectFiles.path("Schemas/postgres/" + path)), as: UTF8.self)
    }
}
