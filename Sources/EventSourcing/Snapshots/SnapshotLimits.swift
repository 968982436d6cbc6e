/// When snapshots are worth it, and what they may cost.
public struct SnapshotLimits: Sendable, Hashable {
    /// Events of a stream that are read before a snapshot is asked for. Shorter streams, which is most of them, never ask.
    public var askedBehind: Int
    /// Events that a load folds at the most without leaving a snapshot behind.
    public var foldedEvents: Int
    /// Bytes of a state, before it is sealed; a larger one is not kept.
    public var stateBytes: Int
    /// Keys that one state may be sealed under.
    public var keys: Int
    /// One of so many loads that began at a snapshot is checked against the fold of all events; 0: none.
    public var checkedOneIn: Int
    /// Snapshots to be written or checked that wait in a process; what comes on top is left out.
    public var waiting: Int

    /// Limits; by default streams of more than 500 events are asked for, a snapshot is left behind after 1 000, of at most 16 MiB and 100 keys,
    /// and one load of 64 is checked.
    public init(
        askedBehind: Int = 500, foldedEvents: Int = 1_000, stateBytes: Int = 16 << 20, keys: Int = 100,
        checkedOneIn: Int = 64, waiting: Int = 16
    ) {
        precondition(EventQuery.limitRange.contains(askedBehind), "it is the size of a page")
        precondition(foldedEvents >= 0 && stateBytes > 0 && keys >= 0, "a snapshot cannot be less than nothing")
        precondition(checkedOneIn >= 0 && waiting > 0, "work needs room to wait")
        self.askedBehind = askedBehind
        self.foldedEvents = foldedEvents
        self.stateBytes = stateBytes
        self.keys = keys
        self.checkedOneIn = checkedOneIn
        self.waiting = waiting
    }
}

/// What became of snapshots in a process.
public struct SnapshotStatistics: Sendable, Hashable {
    /// Loads that began at a snapshot.
    public var used = 0
    /// Loads that found a snapshot and could not use it, by why not.
    public var useless: [SnapshotFlaw: Int] = [:]
    /// Snapshots that were to be kept, by what became of them.
    public var answers: [SnapshotAnswer: Int] = [:]
    /// States that were too large, or folded from the data of too many subjects.
    public var tooLarge = 0
    /// Snapshots that were checked and agree.
    public var confirmed = 0
    /// Snapshots that were checked and do not.
    public var mismatches = 0
    /// Work that was left out because too much of it waited.
    public var leftOut = 0
    /// Calls of the store that failed; each cost time and nothing else.
    public var failures = 0

    /// Nothing yet.
    public init() {}
}

/// Why a snapshot cannot be used.
public enum SnapshotFlaw: String, Error, Sendable, Hashable, CaseIterable {
    /// The fold of this program does something else than the one that made it.
    case fold
    /// Its bytes are not those that were put down.
    case damaged
    /// Personal data in it was destroyed.
    case erased
    /// This program cannot open it.
    case sealed
    /// This program cannot take the state up.
    case unreadable
    /// The log does not hold its event at its version: it was restored, or is another one.
    case history
}
