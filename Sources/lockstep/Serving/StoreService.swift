import PostgresEventStore
import ServiceLifecycle

/// Drives the store's writer and its notifications for as long as the other services run.
struct StoreService: Service {
    let store: PostgresEventStore

    func run() async throws {
        await withGracefulShutdownHandler {
            await store.run()
        } onGracefulShutdown: {
            store.shutdown()
        }
    }
}
