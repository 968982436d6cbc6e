import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver
import PostgresEventStore

/// A database of a bench's own on the given server, migrated, and dropped afterwards.
struct BenchDatabase: Sendable {
    let name: String
    let configuration: PostgresConfiguration

    static func with<R: Sendable>(
        _ server: PostgresConfiguration, _ body: (BenchDatabase) async throws -> R
    ) async throws -> R {
        let name = "lockstep_bench_\(UInt64.random(in: .min ... .max))"
        try await run("create database \(name)", on: server)
        let configuration = server.with(database: name)
        do {
            _ = try await Migrator(configuration).up()
            let result = try await body(BenchDatabase(name: name, configuration: configuration))
            try await run("drop database \(name) with (force)", on: server)
            return result
        } catch {
            try? await run("drop database \(name) with (force)", on: server)
            throw error
        }
    }

    private static func run(_ script: String, on server: PostgresConfiguration) async throws {
        try await PostgresConnection.with(server) { try await $0.execute(script) }
    }

    /// A store with its writer running, for as long as `body` runs.
    func withStore<R: Sendable>(_ body: @escaping @Sendable (PostgresEventStore) async throws -> R) async throws -> R {
        let store = PostgresEventStore(configuration)
        let result: R
        do {
            result = try await withThrowingTaskGroup(of: R?.self) { group in
                group.addTask {
                    await store.run()
                    return nil
                }
                let value = try await body(store)
                store.shutdown()
                for try await _ in group {}
                return value
            }
        } catch {
            store.shutdown()
            await store.close()
            throw error
        }
        await store.close()
        return result
    }

    /// A connection for as long as `body` runs.
    func withConnection<R: Sendable>(_ body: (PostgresConnection) async throws -> R) async throws -> R {
        try await PostgresConnection.with(configuration, body)
    }
}

/// Seconds that `body` took.
func seconds(_ body: () async throws -> Void) async rethrows -> Double {
    let start = ContinuousClock.now
    try await body()
    return (ContinuousClock.now - start) / .seconds(1)
}
