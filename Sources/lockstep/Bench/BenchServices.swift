import Logging
import ServiceLifecycle

/// The services of a bench, for as long as it measures.
enum BenchServices {
    /// Says nothing unless something is wrong.
    static var logger: Logger {
        var logger = Logger(label: "lockstep.bench")
        logger.logLevel = .warning
        return logger
    }

    /// Runs the services while `body` runs, and shuts them down afterwards.
    static func running<R: Sendable>(
        _ services: [any Service], _ body: @escaping @Sendable () async throws -> R
    ) async throws -> R {
        let group = ServiceGroup(services: services, gracefulShutdownSignals: [], logger: logger)
        return try await withThrowingTaskGroup(of: R?.self) { tasks in
            tasks.addTask {
                try await group.run()
                return nil
            }
            tasks.addTask {
                let result = try await body()
                await group.triggerGracefulShutdown()
                return result
            }
            // Whichever fails ends the other.
            var result: R?
            for try await finished in tasks { result = finished ?? result }
            guard let result else { throw CancellationError() }
            return result
        }
    }
}
