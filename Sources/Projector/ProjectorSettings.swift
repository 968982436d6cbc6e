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
    /// Where generations with a checkpoint for each lane read events.
    public var source: ProjectorSource
    /// What the folds do: a generation that was filled by another fold of the same version is not followed.
    public var fingerprints: FoldFingerprints
    /// Clocks and sleep.
    public var time: any Timekeeper
    /// Randomness for pauses.
    public var random: any RandomSource

    /// Settings; the machine's own clocks and randomness by default.
    public init(
        holder: String, timing: LeaseTiming = LeaseTiming(), limits: ProjectorLimits = ProjectorLimits(),
        source: ProjectorSource = .log, fingerprints: FoldFingerprints = .none,
        time: any Timekeeper = SystemTimekeeper(),
        random: any RandomSource = SystemRandomSource()
    ) {
        self.holder = holder
        self.timing = timing
        self.limits = limits
        self.source = source
        self.fingerprints = fingerprints
        self.time = time
        self.random = random
    }

    /// Where a machine of a generation reads. One with a single checkpoint cannot read the topic.
    func feed(of projection: some Projection) -> ProjectorMachine.Feed {
        guard projection.layout != .whole else { return .log }
        return switch source {
        case .log: .log
        case .topic: .topic
        }
    }

    /// The lease of a projection: one name for each generation, so that a rebuilt one can run beside the old one.
    public static func leaseName(of projection: some Projection) -> String {
        share(of: projection).text
    }

    /// The work that processes share which follow a generation with a checkpoint for each lane.
    public static func share(of projection: some Projection) -> ShareName {
        ShareName("projector/\(projection.name)/v\(projection.generation)")
    }
}

/// Where a projector reads events.
public enum ProjectorSource: Sendable {
    /// In the log's database: every process that shares a generation reads all of it.
    case log
    /// In the topic: a group gives the lanes out, and each is read by itself.
    case topic(any LaneTopic)
}

/// The keys of log metadata.
enum LogKey {
    static let projection = "projection"
    static let holder = "holder"
    static let token = "token"
    static let reason = "reason"
    static let key = "key"
    static let lanes = "lanes"
    static let members = "members"
    static let retryAfter = "retry_after"
}
