import EventSourcing
import PostgresDriver
import PostgresEventStore

/// Opens the log for one verb and closes it again.
enum OpenLog {
    /// Runs `body` with a log that seals personal data, and whose writer runs; what is waiting is committed before this returns. Snapshots are
    /// written and checked behind `body`, which has answered by then.
    static func forAppending<R: Sendable>(
        _ settings: DatabaseSettings, _ body: sending (SealedLog) async throws -> R
    ) async throws -> R {
        try await forAppendingRaw(settings) { store in
            let log = try SealedLog(store, settings.sealing)
            // A log that is not there is said at once; one that fails in the middle is waited for.
            _ = try await store.head()
            let result = try await body(log)
            await log.snapshots?.settle()
            return result
        }
    }

    /// Runs `body` with the store itself, for what must not open or seal anything.
    static func forAppendingRaw<R: Sendable>(
        _ settings: DatabaseSettings, _ body: sending (PostgresEventStore) async throws -> R
    ) async throws -> R {
        let store = PostgresEventStore(try settings.postgres(), poolLimits: settings.poolLimits)
        let result: Result<R, any Error>
        // The writer must outlive a cancelled verb: it finishes what was sent, so that every answer is known.
        let writer = Task { await store.run() }
        do { result = .success(try await body(store)) } catch { result = .failure(error) }
        store.shutdown()
        await writer.value
        await store.close()
        return try result.get()
    }

    /// Runs `body` with a store that is only read. It must be on this program's schema.
    static func forReading<R: Sendable>(
        _ settings: DatabaseSettings, _ body: sending (PostgresEventStore) async throws -> R
    ) async throws -> R {
        let store = PostgresEventStore(try settings.postgres(), poolLimits: settings.poolLimits)
        do {
            let result = try await body(store)
            await store.close()
            return result
        } catch {
            await store.close()
            throw error
        }
    }

    /// Runs `body` with one connection, for what no port offers.
    static func connection<R: Sendable>(
        _ settings: DatabaseSettings, _ body: (PostgresConnection) async throws -> R
    ) async throws -> R {
        try await PostgresConnection.with(try settings.postgres(), body)
    }
}
