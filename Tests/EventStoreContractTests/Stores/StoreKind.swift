import EventSourcing
import EventSourcingTesting
import Foundation
import PostgresDriver
import PostgresEventStore
import Testing

/// The stores that must agree. Every test of this suite runs over each of them that is available.
///
/// PostgreSQL takes part when `LOCKSTEP_DATABASE_URL` names a server on which the role may create databases.
enum StoreKind: String, Sendable, CustomTestStringConvertible {
    case inMemory = "in memory"
    case postgres = "PostgreSQL"
    case sealedInMemory = "sealing, in memory"
    case sealedPostgres = "sealing, PostgreSQL"

    private static let databaseURL = ProcessInfo.processInfo.environment["LOCKSTEP_DATABASE_URL"]

    static var available: [StoreKind] {
        databaseURL == nil ? [.inMemory, .sealedInMemory] : [.inMemory, .postgres, .sealedInMemory, .sealedPostgres]
    }

    var testDescription: String { rawValue }

    /// Runs `body` over an empty log of its own.
    func withStore(_ body: @escaping @Sendable (StoreUnderTest) async throws -> Void) async throws {
        switch self {
        case .inMemory: try await body(StoreUnderTest(InMemoryEventStore()))
        case .postgres: try await Self.withDatabase { store, _ in try await body(store) }
        case .sealedInMemory, .sealedPostgres:
            try await SealingWorld.with(self == .sealedPostgres) { world in
                try await body(StoreUnderTest(try world.sealing(), over: world.log))
            }
        }
    }

    /// Runs `body` over an empty log of its own in PostgreSQL, and tells it where that is.
    static func withDatabase(
        _ body: @escaping @Sendable (StoreUnderTest, PostgresConfiguration) async throws -> Void
    ) async throws {
        let url = try #require(databaseURL)
        try await ScratchDatabase.with(on: try PostgresConfiguration(url)) { configuration in
            let store = PostgresEventStore(
                configuration, poolLimits: PoolLimits(maxConnections: 4, waitLimit: .seconds(600)))
            try await store.whileRunning { try await body(StoreUnderTest(store), configuration) }
        }
    }

    /// Runs `body` over a store of its own in PostgreSQL that appends nothing, as its writer does not run, and tells it where that is.
    static func withIdleStore(
        _ body: @escaping @Sendable (PostgresEventStore, PostgresConfiguration) async throws -> Void
    ) async throws {
        try await withDatabase { _, configuration in
            let store = PostgresEventStore(configuration, poolLimits: PoolLimits(waitLimit: .seconds(600)))
            do { try await body(store, configuration) } catch {
                await store.close()
                throw error
            }
            await store.close()
        }
    }
}

extension InMemoryEventStore: WholeStore {}
extension PostgresEventStore: WholeStore {}

extension PostgresEventStore {
    /// Drives the writer while `body` runs.
    func whileRunning(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let outcome = await withTaskGroup(of: Void.self) { group -> Result<Void, any Error> in
            group.addTask { await self.run() }
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
            self.shutdown()
            await group.waitForAll()
            return outcome
        }
        await close()
        try outcome.get()
    }
}
