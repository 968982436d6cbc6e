import PostgresDriver
import PostgresEventStore

/// A migrated database of one test's own.
enum ScratchDatabase {
    /// Few at a time: a server has so many connections.
    private static let turns = Turns(8)

    static func with(
        on server: PostgresConfiguration, _ body: @escaping @Sendable (PostgresConfiguration) async throws -> Void
    ) async throws {
        try await turns.take {
            let name = "lockstep_contract_\(UInt64.random(in: .min ... .max))"
            try await script("create database \(name)", on: server)
            let outcome: Result<Void, any Error>
            do {
                let configuration = server.with(database: name)
                _ = try await Migrator(configuration).up()
                outcome = .success(try await body(configuration))
            } catch {
                outcome = .failure(error)
            }
            try await script("drop database \(name) with (force)", on: server)
            try outcome.get()
        }
    }

    private static func script(_ text: String, on configuration: PostgresConfiguration) async throws {
        try await PostgresConnection.with(configuration) { try await $0.execute(text) }
    }
}

/// Lets only so many work at a time.
private actor Turns {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) {
        free = count
    }

    func take(_ body: @Sendable () async throws -> Void) async throws {
        if free > 0 { free -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
        defer {
            if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
        }
        try await body()
    }
}
