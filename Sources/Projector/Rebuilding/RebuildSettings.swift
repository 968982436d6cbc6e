import EventModel
import EventSourcing
import ReadModels

/// What a rebuild gets from outside.
public struct RebuildSettings: Sendable {
    /// Under which name the lease is taken: one that no other process uses.
    public var holder: String
    /// How long leases last.
    public var timing: LeaseTiming
    /// Memory, batches and patience.
    public var limits: RebuildLimits
    /// How long a generation that readers saw is kept after another one has been activated.
    public var retention: Duration
    /// What the folds do: kept with what is built, and compared with what was begun.
    public var fingerprints: FoldFingerprints
    /// How many lanes the log has.
    public var lanes: Int
    /// How a generation that is begun keeps its checkpoints.
    public var layout: LaneLayout
    /// Whether a generation that is gone on with must keep them so, too.
    public var insistsOnLayout: Bool
    /// Clocks and sleep.
    public var time: any Timekeeper
    /// When readers may be changed over.
    let rule = ActivationRule()

    /// Settings; a generation is kept for three days by default.
    public init(
        holder: String, timing: LeaseTiming = LeaseTiming(), limits: RebuildLimits = RebuildLimits(),
        retention: Duration = .seconds(72 * 3_600), fingerprints: FoldFingerprints = .none,
        lanes: Int = Lane.defaultCount, layout: LaneLayout = .whole, insistsOnLayout: Bool = false,
        time: any Timekeeper = SystemTimekeeper()
    ) {
        self.holder = holder
        self.timing = timing
        self.limits = limits
        self.retention = retention
        self.fingerprints = fingerprints
        self.lanes = lanes
        self.layout = layout
        self.insistsOnLayout = insistsOnLayout
        self.time = time
    }
}
