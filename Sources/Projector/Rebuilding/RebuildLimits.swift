import EventSourcing

/// The limits of a rebuild, each with its unit.
public struct RebuildLimits: Sendable, Hashable {
    /// How many lanes are folded side by side.
    public var workers: Int
    /// Bytes of rows in memory, about, after which they are written.
    public var memoryBytes: Int
    /// Events of one transaction at the most: what an interruption costs.
    public var segmentEvents: Int
    /// Events of one batch while the tail of the log is followed.
    public var followBatch: Int
    /// A generation counts as caught up when it is at most so many events behind.
    public var closeEvents: Int64
    /// Events that are read at the most while live projectors wait for a part to be copied: about a second.
    public var briefEvents: Int64
    /// Differing rows that a report tells in full.
    public var reportedRows: Int
    /// Differing rows beside these for which a reason is looked for: about 150 bytes of memory each.
    public var explainedRows: Int
    /// How long the active generation is waited for, when it is behind the new one.
    public var alignmentPatience: Duration
    /// The most keys that are parked at a time; see ``ProjectorLimits/parkedKeys``.
    public var parkedKeys: Int

    /// Limits; by default 2 workers, 96 MiB of rows, 4 million events to a transaction.
    public init(
        workers: Int = 2, memoryBytes: Int = 96 << 20, segmentEvents: Int = 4_000_000, followBatch: Int = 4_096,
        closeEvents: Int64 = 1_000, briefEvents: Int64 = 65_536, reportedRows: Int = 1_000,
        explainedRows: Int = 500_000,
        alignmentPatience: Duration = .seconds(10),
        parkedKeys: Int = ProjectorLimits().parkedKeys
    ) {
        self.workers = max(1, workers)
        self.memoryBytes = max(1, memoryBytes)
        self.segmentEvents = max(1, segmentEvents)
        self.followBatch = max(1, followBatch)
        self.closeEvents = max(0, closeEvents)
        self.briefEvents = max(0, briefEvents)
        self.reportedRows = max(1, reportedRows)
        self.explainedRows = max(0, explainedRows)
        self.alignmentPatience = alignmentPatience
        self.parkedKeys = max(0, parkedKeys)
    }

    /// What a comparison tells.
    var comparison: ComparisonLimit { ComparisonLimit(rows: reportedRows, keys: explainedRows) }
}
