import EventModel
import Foundation
import PostgresDriver
import Testing

/// A database of one test, dropped afterwards.
enum TestDatabase {
    /// Runs `body` with the environment of a new, migrated database.
    static func with(migrated: Bool = true, _ body: (_ environment: [String: String]) async throws -> Void) async throws
    {
        let url = try #require(Program.databaseURL)
        let name = "lockstep_cli_\(UUID().uuidString.lowercased().replacing("-", with: ""))"
        try await administer(url, "create database \(name)")
        var environment = ["LOCKSTEP_DATABASE_URL": try replacing(database: name, in: url)]
        environment["LOCKSTEP_MASTER_KEY"] = masterKey
        if let brokers = Program.brokers {
            environment["LOCKSTEP_KAFKA"] = brokers
            environment["LOCKSTEP_TOPIC_PREFIX"] = name
            environment["LOCKSTEP_TOPIC_PARTITIONS"] = "3"
        }
        do {
            if migrated { _ = try await Program.run(["migrate", "up"], environment: environment) }
            try await body(environment)
        } catch {
            ProgramLogs.tell(environment)
            try await drop(name, url, environment)
            throw error
        }
        try await drop(name, url, environment)
    }

    private static func drop(_ name: String, _ url: String, _ environment: [String: String]) async throws {
        ProgramLogs.discard(environment)
        try await administer(url, "drop database \(name) with (force)")
    }

    /// Waits until a condition holds. The database's server itself looks every 20 ms, on one connection: nobody would tell us, and asking anew each time
    /// would take the processor from those who are waited for. The test's time limit ends it otherwise.
    static func until(_ condition: String, _ environment: [String: String]) async throws {
        try await execute(
            """
            do $$ begin
                while not coalesce((\(condition)), false) loop perform pg_sleep(0.02); commit; end loop;
            end $$
            """, environment)
    }

    /// A backup of a test's database that nobody is connected to: its name.
    static func copy(_ environment: [String: String]) async throws -> String {
        let backup = "\(try name(environment))_backup"
        try await administer(
            try #require(Program.databaseURL), "create database \(backup) template \(try name(environment))")
        return backup
    }

    /// Puts a backup in the place of a test's database.
    static func restore(_ backup: String, _ environment: [String: String]) async throws {
        let url = try #require(Program.databaseURL)
        try await administer(url, "drop database \(try name(environment)) with (force)")
        try await administer(url, "alter database \(backup) rename to \(try name(environment))")
    }

    private static func name(_ environment: [String: String]) throws -> String {
        let components = try #require(URLComponents(string: environment["LOCKSTEP_DATABASE_URL"] ?? ""))
        return String(components.path.dropFirst())
    }

    /// Seals what the tests append: 32 bytes that are nobody's secret.
    static let masterKey = "test:" + Data((0..<32).map { UInt8($0) }).base64EncodedString()

    /// Runs one statement as whoever looks from outside.
    static func query(_ sql: String, _ environment: [String: String]) async throws -> PostgresResult {
        try await PostgresConnection.with(PostgresConfiguration(environment["LOCKSTEP_DATABASE_URL"] ?? "")) {
            try await $0.query(PostgresStatement(sql))
        }
    }

    static func execute(_ sql: String, _ environment: [String: String]) async throws {
        try await administer(environment["LOCKSTEP_DATABASE_URL"] ?? "", sql)
    }

    private static func administer(_ url: String, _ sql: String) async throws {
        try await PostgresConnection.with(PostgresConfiguration(url)) { try await $0.execute(sql) }
    }

    private static func replacing(database: String, in url: String) throws -> String {
        var components = try #require(URLComponents(string: url))
        components.path = "/\(database)"
        return try #require(components.string)
    }
}
