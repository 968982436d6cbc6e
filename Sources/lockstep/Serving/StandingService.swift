import EventSourcing
import Logging
import ServiceLifecycle

/// Keeps a role standing. A role that refuses to go on, because somebody has to look, says why and looks again after a while; the
/// other roles of the process go on meanwhile. Whether the work gets done is judged from the checkpoints, not from the process (L8).
struct StandingService: Service {
    /// Between two looks.
    static let pause = Duration.seconds(30)

    let name: String
    let logger: Logger
    var time: any Timekeeper = SystemTimekeeper()
    let make: @Sendable () async throws -> any Service

    init(name: String, logger: Logger, make: @escaping @Sendable () async throws -> any Service) {
        self.name = name
        self.logger = logger
        self.make = make
    }

    func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                try await make().run()
                if Task.isShuttingDownGracefully { return }
                logger.error("the role ended by itself; starting it again", metadata: ["role": "\(name)"])
            } catch is CancellationError {
                return
            } catch StoreError.cancelled where Task.isShuttingDownGracefully || Task.isCancelled {
                return
            } catch {
                logger.error(
                    "the role stands still until somebody has looked",
                    metadata: ["role": "\(name)", "reason": "\(error)", "again_after": "\(Self.pause)"])
            }
            try? await cancelWhenGracefulShutdown { try await time.sleep(for: Self.pause) }
        }
    }
}
