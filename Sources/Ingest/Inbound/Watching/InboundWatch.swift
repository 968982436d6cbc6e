import EventModel
import EventSourcing
import Logging
import ServiceLifecycle

/// Records every few seconds how far the inbound topic goes, so that what remains to be read is judged from outside: it takes no part in
/// reading, needs no lease, and goes on when reading stands still.
public struct InboundWatch<Topic: InboundTopic, Observations: InboundObservations>: Service {
    private let topic: Topic
    private let observations: Observations
    private let interval: Duration
    private let time: any Timekeeper
    private let logger: Logger

    /// A watch of `topic`.
    ///
    /// - Parameter interval: between two looks.
    public init(
        of topic: Topic, recording observations: Observations, every interval: Duration = .seconds(5),
        time: any Timekeeper = SystemTimekeeper(), logger: Logger = Logger(label: "lockstep.ingest.watch")
    ) {
        self.topic = topic
        self.observations = observations
        self.interval = interval
        self.time = time
        self.logger = logger
    }

    /// Looks until a graceful shutdown. A broker or a log that is away is looked for again: that nobody has looked for long shows as well.
    public func run() async throws {
        while !Task.isShuttingDownGracefully {
            do {
                try await look()
            } catch is CancellationError {
                return
            } catch {
                logger.info("the inbound topic cannot be looked at", metadata: ["reason": "\(error)"])
            }
            try? await cancelWhenGracefulShutdown { try await time.sleep(for: interval) }
            if Task.isCancelled { return }
        }
    }

    /// Looks once.
    public func look() async throws {
        let name = try await topic.prepare()
        let partitions = try await topic.partitions()
        try await observations.observe(try await topic.ends(of: partitions), of: name)
    }
}
