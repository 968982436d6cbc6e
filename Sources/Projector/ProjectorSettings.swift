import EventSourcing
import ReadModels

/// What a projector gets from outside.
public struct ProjectorSettings: Sendable {
    /// Under which name leases are taken: one that no other process uses.
    public var holder: String
    /// How long leases last.
    public var timing: LeaseTiming
    /// Batch sizes and pauses.
    public var limits: ProjectorLimits
    /// What the folds do: a generation that was filled by another fold of the same version is not followed.
    public var fingerprints: FoldFingerprints
    /// Clocks and sleep.
    public var time: any Timekeeper
    /// Randomness for pauses.
    public var random: any RandomSource

    /// Settings; the machine's own clocks and randomness by default.
    public init(
        holder: String, timing: LeaseTiming = LeaseTiming(), limits: ProjectorLimits = ProjectorLimits(),
        fingerprints: FoldFingerprints = .none, time: any Timekeeper = SystemTimekeeper(),
        random: any RandomSource = SystemRandomSource()
    ) {
        self.holder = holder
        self.timing = timing
        self.limits = limits
        self.fingerprints = fingerprints
        self.time = time
        self.random = random
    }

    /// The lease of a projection: one name for each generation, so that a rebuilt one can run beside the old one.
    public static func leaseName(of projection: some Projection) -> String {
        "projector/\(projection.name)/v\(projection.generation)"
    }
}

/// The keys of log metadata.
enum LogKey {
    static let projection = "projection"
    static let holder = "holder"
    static let token = "token"
    static let reason = "reason"
    static let key = "key"
    static let retryAfter = "retry_after"
}
