import EventModel

/// How far a replay is, or came.
public struct ReplayProgress: Sendable, Hashable {
    /// The last position of the range.
    public var through: GlobalPosition
    /// Everything up to here has been looked at, and is in the target where it was selected.
    public var position: GlobalPosition
    /// Events that this run has handed to the target. Of a resumed topic some may have been there.
    public var events: Int
    /// Position of the last of them; `nil` before the first.
    public var last: GlobalPosition?
    /// Waits that were shortened to the longest one.
    public var shortenedWaits: Int
    /// Whether an earlier run was gone on with.
    public var isResumed: Bool

    /// Whether nothing is left to do.
    public var isComplete: Bool { position >= through }
}
