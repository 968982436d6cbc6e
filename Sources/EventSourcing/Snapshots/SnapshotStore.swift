import EventModel

/// Where snapshots are kept. Losing all of it costs time and nothing else.
public protocol SnapshotStore: Sendable {
    /// The snapshot of a stream by a fold; `nil` when there is none, and while its fold is distrusted; see ``record(_:)``.
    func snapshot(_ key: SnapshotKey) async throws(StoreError) -> Snapshot?

    /// Keeps a snapshot in the place of the one before it, when that one is of an earlier version or is the one that was seen and found useless.
    ///
    /// - Parameter seen: the snapshot in whose place it was made; `nil` when none was seen.
    func keep(_ snapshot: Snapshot, over seen: SnapshotMark?) async throws(StoreError) -> SnapshotAnswer

    /// Notes that a snapshot was folded anew and agrees with its events.
    func confirm(_ mark: SnapshotMark, of key: SnapshotKey) async throws(StoreError)

    /// Drops every snapshot that its fold has made under the same fingerprint, and distrusts them from now on: none is kept or handed out
    /// until ``forgiveMismatches(of:)``, or until the fold has another fingerprint.
    func record(_ mismatch: SnapshotMismatch) async throws(StoreError)

    /// The mismatches that are on record, the newest first.
    func snapshotMismatches(limit: Int) async throws(StoreError) -> [SnapshotMismatch]

    /// Takes mismatches off the record.
    ///
    /// - Parameter fold: those of one fold; `nil`: all.
    /// - Returns: how many there were.
    func forgiveMismatches(of fold: String?) async throws(StoreError) -> Int

    /// What is known of the snapshots of a selection, by workspace, stream and fold.
    ///
    /// - Parameter limit: the most that are answered.
    func snapshots(
        of selection: SnapshotSelection, behind key: SnapshotKey?, limit: Int
    ) async throws(StoreError) -> [SnapshotEntry]

    /// Drops the snapshots of a selection.
    ///
    /// - Returns: how many there were.
    func dropSnapshots(of selection: SnapshotSelection) async throws(StoreError) -> Int
}

/// What became of a snapshot that was to be kept.
public enum SnapshotAnswer: String, Sendable, Hashable, CaseIterable {
    /// It is kept.
    case kept
    /// There is one of the same version or a later one, which somebody else has made meanwhile.
    case overtaken
    /// One of its keys was destroyed meanwhile.
    case erased
    /// Snapshots of its fold are distrusted.
    case distrusted
}

/// Which snapshots.
public struct SnapshotSelection: Sendable, Hashable {
    /// Of one tenant; `nil`: of all.
    public var workspace: Workspace?
    /// Of one stream; `nil`: of all.
    public var stream: StreamName?
    /// By one fold; `nil`: by all.
    public var fold: String?

    /// A selection; all of them unless said otherwise.
    public init(workspace: Workspace? = nil, stream: StreamName? = nil, fold: String? = nil) {
        self.workspace = workspace
        self.stream = stream
        self.fold = fold
    }
}

/// What is known of a snapshot without looking into it.
public struct SnapshotEntry: Sendable, Hashable {
    /// Of which stream, by which fold.
    public let key: SnapshotKey
    /// Which one it is.
    public let mark: SnapshotMark
    /// Where its last event is in the log.
    public let position: GlobalPosition
    /// Bytes of the state as it is kept.
    public let bytes: Int
    /// Bytes of the payloads that it was folded from.
    public let foldedBytes: Int
    /// How many keys it is sealed under; 0 for a state in plain.
    public let keys: Int
    /// When it was put down, by the server's clock.
    public let keptAt: Timestamp
    /// When it was last folded anew and found to agree; `nil` when it was not.
    public let confirmedAt: Timestamp?

    /// An entry by its parts.
    public init(
        key: SnapshotKey, mark: SnapshotMark, position: GlobalPosition, bytes: Int, foldedBytes: Int, keys: Int,
        keptAt: Timestamp, confirmedAt: Timestamp?
    ) {
        self.key = key
        self.mark = mark
        self.position = position
        self.bytes = bytes
        self.foldedBytes = foldedBytes
        self.keys = keys
        self.keptAt = keptAt
        self.confirmedAt = confirmedAt
    }
}

/// A snapshot that is not what its events amount to. Whoever decided on it may have decided wrongly: what was appended to its stream behind
/// ``mark`` is to be looked at by a person.
public struct SnapshotMismatch: Sendable, Hashable {
    /// Of which stream, by which fold.
    public let key: SnapshotKey
    /// Which one it was.
    public let mark: SnapshotMark
    /// When it was found, by the clock of whoever found it.
    public let foundAt: Timestamp

    /// A mismatch by its parts.
    public init(key: SnapshotKey, mark: SnapshotMark, foundAt: Timestamp) {
        self.key = key
        self.mark = mark
        self.foundAt = foundAt
    }
}
