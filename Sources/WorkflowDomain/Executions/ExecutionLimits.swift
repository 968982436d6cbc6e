/// What one execution, and one report about it, may hold at most.
public enum ExecutionLimits {
    /// Bytes of a text with reports.
    public static let reportBytes = 16 << 20
    /// Reports in one text; a run's log counts one for each block.
    public static let reports = 50_000
    /// Bytes of the contents (input, output, error, rest) of one report in canonical form. An event has 1 MiB, of which sealing takes
    /// a third and what is plain 64 KiB.
    public static let contentBytes = 640 << 10
    /// Visits of blocks in one execution.
    public static let visits = 100_000
    /// Attempts of one visit.
    public static let attempts = 100
    /// Different inputs, outputs or errors that are told of one attempt.
    public static let versions = 8
    /// Waits of one execution that are told apart.
    public static let waits = 1_000
    /// Child workflows that one visit is told to have begun.
    public static let instances = 100
    /// Iterations inside iterations.
    public static let frames = 64
    /// Bytes of an identifier of the engine's: a block, a container, a context.
    public static let idBytes = 512
    /// Bytes of a word of the engine's: a status, a trigger, a name.
    public static let wordBytes = 512
    /// Bytes of the plain words that are kept of one report besides.
    public static let originalBytes = 8 << 10
    /// The largest number of an iteration, an attempt or a place in the order.
    public static let ordinal = Int(Int32.max)
}
