import EventSourcing
import Logging
import PostgresDriver
import PostgresEventStore
import ServiceLifecycle

/// The roles of `lockstep serve` inside of this process, for as long as something is done.
struct DemoServing: Sendable {
    let settings: Deployment

    /// Runs `body` while the roles of the settings are at work, and ends them afterwards.
    func run<R: Sendable>(_ body: @escaping @Sendable () async throws -> R) async throws -> R {
        let store = PostgresEventStore(try settings.database.postgres(), poolLimits: settings.database.poolLimits)
        let pool = PostgresPool(configuration: try settings.database.postgres(), limits: settings.database.poolLimits)
        let logger = Logger(label: "lockstep.demo")
        let services = try await ServingProcess(settings, logger: logger).roles(store, pool)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [StoreService(store: store)] + services, logger: logger))
        let result: Result<R?, any Error>
        do {
            result = .success(
                try await withThrowingTaskGroup(of: R?.self) { tasks in
                    tasks.addTask {
                        try await group.run()
                        return nil
                    }
                    tasks.addTask {
                        let result: Result<R, any Error>
                        do { result = .success(try await body()) } catch { result = .failure(error) }
                        await group.triggerGracefulShutdown()
                        return try result.get()
                    }
                    var answer: R?
                    while let next = try await tasks.next() { answer = next ?? answer }
                    return answer
                })
        } catch {
            result = .failure(error)
        }
        await pool.shutdown()
        await store.close()
        guard let answer = try result.get() else { throw CancellationError() }
        return answer
    }
}
