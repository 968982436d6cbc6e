import EventSourcing
import Logging
import Reconciliation

/// Says again and again how this process reaches the engines, for whoever looks from outside.
public struct EngineReporting: Sendable {
    /// Between two reports; whoever reads takes one that is many times older for that of a process that is gone.
    public static let interval = Duration.seconds(5)

    private let engines: Engines
    private let board: any EngineStandings
    private let holder: String
    private let time: any Timekeeper
    private let logger: Logger

    /// Reports of a process.
    ///
    /// - Parameter holder: a name that no other process uses.
    public init(
        _ engines: Engines, to board: any EngineStandings, as holder: String,
        time: any Timekeeper = SystemTimekeeper(), logger: Logger = Logger(label: "lockstep.reconciler")
    ) {
        self.engines = engines
        self.board = board
        self.holder = holder
        self.time = time
        self.logger = logger
    }

    /// Reports until it is cancelled. A store that does not answer is told the next time.
    public func run() async throws(CancellationError) {
        while !Task.isCancelled {
            do throws(StoreError) { try await board.record(standings) } catch {
                logger.debug("nobody is told how the engines are reached", metadata: ["reason": "\(error)"])
            }
            try await time.sleep(for: Self.interval)
        }
    }

    /// How the engines are reached now; none for one that nobody is connected to.
    var standings: [EngineStanding] {
        [(Side.workflow, engines.workflow), (.journey, engines.journey)].compactMap { side, engine in
            engine.map { EngineStanding(side: side.rawValue, holder: holder, circuit: $0.standing) }
        }
    }
}
