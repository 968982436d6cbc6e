import EventSourcing

/// Whether anybody reconciles, judged from the log, the checkpoints and the leases, not by whoever reconciles about itself.
public struct ReconcilingStanding: Sendable {
    /// Whether somebody does what there is to do.
    public enum Verdict: String, Sendable {
        /// Lanes are held, and an engine is left alone by its breaker, or effects wait in vain for one that nobody is connected to.
        case degraded
        /// There is nothing to do, or somebody does it.
        case ok
        /// There is work, and no process holds a lane.
        case nobody
    }

    /// Lanes that somebody holds now.
    public var heldLanes: Int64 = 0
    /// Events that the furthest lane has not attended to.
    public var lagEvents: Int64 = 0
    /// The age of the oldest of them, in seconds.
    public var lagSeconds = 0.0
    /// Why an execution cannot be looked at, if one cannot.
    public var lastError: String?
    /// How the engines are reached, by every process that lives.
    public var engines: [EngineStanding] = []
    /// Sides that no process that lives is connected to, although effects for them are under way.
    public var unconnected: [UnconnectedSide] = []
    /// Whether anybody has ever reconciled on this log: where nobody has, nobody is missed.
    public var hasEverRun = false

    /// Nothing is known.
    public init() {}

    /// - Parameter hasWork: whether an execution is apart, awaits the end of an effect, or has moved since it was looked at.
    public func verdict(hasWork: Bool) -> Verdict {
        if heldLanes == 0 { return hasWork || lagEvents > 0 ? .nobody : .ok }
        return openBreakers.isEmpty && !unconnected.contains(where: \.isOverdue) ? .ok : .degraded
    }

    /// The engines that a process leaves alone, or tries again for the first time.
    public var openBreakers: [EngineStanding] { engines.filter { $0.circuit.state != .closed } }

    /// The sides whose engine no process is connected to, while somebody reconciles: what they are to be told waits.
    public var sidesWithoutEngine: [String] {
        heldLanes > 0 ? UnconnectedSide.all.filter { side in !engines.contains { $0.side == side } } : []
    }
}
