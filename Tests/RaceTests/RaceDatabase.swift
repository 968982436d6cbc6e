import EventModel
import EventSourcing
import Foundation
import PostgresDriver
import PostgresEventStore
import Testing

/// A database of a test's own, on the server that `LOCKSTEP_DATABASE_URL` names.
struct RaceDatabase: Sendable {
    /// Without a server there is nothing to race on; `tools/test` always gives one.
    static let isAvailable = ProcessInfo.processInfo.environment["LOCKSTEP_DATABASE_URL"] != nil

    let configuration: PostgresConfiguration

    /// Makes the database, migrates it, and drops it afterwards.
    static func with<R: Sendable>(_ body: (RaceDatabase) async throws -> R) async throws -> R {
        let url = try #require(ProcessInfo.processInfo.environment["LOCKSTEP_DATABASE_URL"])
        let server = try PostgresConfiguration(url)
        let name = "lockstep_race_\(UInt64.random(in: .min ... .max))"
        try await script("create database \(name)", on: server)
        let database = RaceDatabase(configuration: server.with(database: name))
        do {
            _ = try await Migrator(database.configuration).up()
            let result = try await body(database)
            try await script("drop database \(name) with (force)", on: server)
            return result
        } catch {
            try? await script("drop database \(name) with (force)", on: server)
            throw error
        }
    }

    static func script(_ text: String, on configuration: PostgresConfiguration) async throws {
        try await PostgresConnection.with(configuration) { try await $0.execute(text) }
    }

    func script(_ text: String) async throws { try await Self.script(text, on: configuration) }

    func withConnection<R: Sendable>(_ body: (PostgresConnection) async throws -> R) async throws -> R {
        try await PostgresConnection.with(configuration, body)
    }

    /// A store with its writer running: one of the processes that share the log.
    func withStore<R: Sendable>(_ body: @escaping @Sendable (PostgresEventStore) async throws -> R) async throws -> R {
        let store = PostgresEventStore(configuration, poolLimits: PoolLimits(waitLimit: .seconds(600)))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await store.run() }
            do {
                let result = try await body(store)
                store.shutdown()
                try await group.waitForAll()
                await store.close()
                return result
            } catch {
                store.shutdown()
                await store.close()
                throw error
            }
        }
    }

    /// Several stores at once, as if each were a process of its own.
    func withStores<R: Sendable>(
        _ count: Int, _ body: @escaping @Sendable ([PostgresEventStore]) async throws -> R
    ) async throws -> R {
        try await withStores(count, [], body)
    }

    private func withStores<R: Sendable>(
        _ count: Int, _ opened: [PostgresEventStore],
        _ body: @escaping @Sendable ([PostgresEventStore]) async throws -> R
    ) async throws -> R {
        guard opened.count < count else { return try await body(opened) }
        return try await withStore { store in try await withStores(count, opened + [store], body) }
    }
}

/// A small event.
func draft(_ ids: IDSource = IDSource(), payload: String = "{}") throws -> EventDraft {
    EventDraft(
        id: ids.next(), type: try EventType("race.run"), data: Array(payload.utf8), occurredAt: SystemTimekeeper().now()
    )
}
