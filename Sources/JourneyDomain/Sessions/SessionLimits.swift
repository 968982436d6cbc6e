/// What a session takes at most.
public enum SessionLimits {
    /// Bytes of one inbound payload.
    public static let reportBytes = 1 << 20
    /// Reports in one inbound payload.
    public static let reports = 1_000
    /// Events in one report.
    public static let reportedEvents = 1_000
    /// Bytes of one reported event in compact JSON: an event of ours may have 1 MiB, and 64 KiB are left for what goes with it.
    public static let eventBytes = (1 << 20) - (64 << 10)
    /// The highest offset: 2^53 - 1, which every reader of JSON can hold.
    public static let offset = 9_007_199_254_740_991
    /// Bytes of the id of a session or an execution: what names a stream and a subject.
    public static let streamKeyBytes = 180
    /// Bytes of an id, a kind, a source or a status.
    public static let nameBytes = 200
    /// Guidelines, journeys or states that one end of a turn names, and calls of one tool event.
    public static let matches = 1_000
    /// Agent states in one answer, and indexes of one path.
    public static let pathSteps = 10_000
    /// States of one numbering of a journey.
    public static let numberedStates = 10_000
    /// Turns that a rewind lists by name; more of them are counted only.
    public static let listedTurns = 200
    /// Bytes of the name of an error.
    public static let errorBytes = 80
}
