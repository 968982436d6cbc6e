import Foundation
import PostgresDriver
import Testing

/// The PostgreSQL named by `LOCKSTEP_DATABASE_URL`, a URL of a role that may create databases. Tests that need it are
/// skipped where the variable is not set.
enum TestServer {
    static let url = ProcessInfo.processInfo.environment["LOCKSTEP_DATABASE_URL"]
    static var isThere: Bool { url != nil }

    static func configuration() throws -> PostgresConfiguration {
        try PostgresConfiguration(try #require(url))
    }

    /// Runs `body` with a database that exists only for it.
    static func withDatabase<R>(
        _ body: nonisolated(nonsending) (PostgresConfiguration) async throws -> R
    ) async throws -> R {
        let server = try configuration()
        let name = "driver_test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        let admin = try await PostgresConnection.connect(server)
        try await admin.execute("CREATE DATABASE \(name)")
        let outcome: Result<R, any Error>
        do {
            outcome = .success(try await body(server.with(database: name)))
        } catch {
            outcome = .failure(error)
        }
        try await admin.execute("DROP DATABASE \(name) WITH (FORCE)")
        await admin.close()
        return try outcome.get()
    }

    /// Runs `body` with one connection to a database of its own.
    static func withConnection<R>(
        _ adjust: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> R
    ) async throws -> R {
        try await withDatabase { configuration in
            var configuration = configuration
            adjust(&configuration)
            return try await body(try await PostgresConnection.connect(configuration))
        }
    }
}

extension PostgresConnection {
    /// Asks again and again until `sql`, which yields one boolean, says true.
    func repeatUntilTrue(_ sql: String, _ parameters: PostgresParameters = PostgresParameters()) async throws {
        while try await query(PostgresStatement(sql), parameters).bool(0, 0) == false {
            await Task.yield()
        }
    }

    /// Waits until a backend sleeps in `pg_sleep`. Only then does a signal find the statement running for certain: one that comes between its
    /// parsing and its execution is dropped.
    func awaitSleep(of pid: Int32) async throws {
        try await repeatUntilTrue(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep')",
            PostgresParameters { $0.append(pid) })
    }

    /// The only value of a statement that yields one `bigint`.
    func number(_ sql: String) async throws -> Int64 {
        try await query(PostgresStatement(sql)).int64(0, 0)
    }
}

extension PostgresConnection {
    /// Expects that a statement yields one `bigint` of that value.
    nonisolated func expect(
        _ sql: String, yields wanted: Int64, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await number(sql)
        #expect(found == wanted, sourceLocation: sourceLocation)
    }
}

/// The kind of the error that `body` throws.
func kind(
    of body: nonisolated(nonsending) () async throws -> Void
) async -> PostgresError.Kind? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? PostgresError)?.kind
    }
}

/// The kind of the error that `body` throws.
func decodingKind(of body: () throws -> Void) -> PostgresError.Kind? {
    do {
        try body()
        return nil
    } catch {
        return (error as? PostgresError)?.kind
    }
}
