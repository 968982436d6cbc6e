import EventModel
import FoundationEssentials

/// The state of one stream behind one of its events, put down so that the events before it need not be folded again.
///
/// It may be lost at any time; the events are the truth, and a snapshot counts only as long as everything in it agrees with the log and with the
/// program.
public struct Snapshot: Hashable, Sendable {
    /// Of which stream, by which fold.
    public let key: SnapshotKey
    /// The event behind which it was taken, and the fold that took it.
    public let mark: SnapshotMark
    /// Where that event is in the log.
    public let position: GlobalPosition
    /// Bytes of the payloads that it was folded from: a measure of what it spares.
    public let foldedBytes: Int
    /// The keys that opened the personal data in it; the state is sealed under all of them together, and in plain when there is none.
    public let keys: [SubjectKeyID]
    /// The state, sealed where ``keys`` says so.
    public let state: [UInt8]
    /// SHA-256 of ``state``, as it was when it was put down.
    public let digest: ContentDigest

    /// A snapshot by its parts, as a store has them.
    public init(
        key: SnapshotKey, mark: SnapshotMark, position: GlobalPosition, foldedBytes: Int, keys: [SubjectKeyID],
        state: [UInt8], digest: ContentDigest
    ) {
        self.key = key
        self.mark = mark
        self.position = position
        self.foldedBytes = foldedBytes
        self.keys = keys
        self.state = state
        self.digest = digest
    }

    /// Whether the bytes are those that were put down.
    var isWhole: Bool { ContentDigest(of: state) == digest }
}

/// Of which stream, by which fold.
public struct SnapshotKey: Hashable, Sendable {
    /// The tenant.
    public let workspace: Workspace
    /// The stream.
    public let stream: StreamName
    /// The fold: the category of the events that it takes.
    public let fold: String

    /// A key by its parts.
    public init(workspace: Workspace, stream: StreamName, fold: String) {
        self.workspace = workspace
        self.stream = stream
        self.fold = fold
    }
}

/// What tells one snapshot of a stream from another.
public struct SnapshotMark: Hashable, Sendable {
    /// The version of the last event in it.
    public let version: StreamVersion
    /// The id of that event: a log that was restored or forked holds another one there.
    public let eventID: UUID
    /// What the fold does with samples of every event; see ``SnapshotFold``.
    public let fingerprint: ContentDigest

    /// A mark by its parts.
    public init(version: StreamVersion, eventID: UUID, fingerprint: ContentDigest) {
        self.version = version
        self.eventID = eventID
        self.fingerprint = fingerprint
    }
}

extension Snapshot {
    /// What the state is sealed for: sealed bytes that were put in the place of others cannot be opened.
    static func place(_ key: SnapshotKey, _ mark: SnapshotMark) -> [UInt8] {
        var bytes: [UInt8] = []
        for text in [key.workspace.rawValue, key.stream.rawValue, key.fold, mark.fingerprint.hexadecimal] {
            withUnsafeBytes(of: UInt64(text.utf8.count).bigEndian) { bytes += $0 }
            bytes += text.utf8
        }
        withUnsafeBytes(of: mark.version.rawValue.bigEndian) { bytes += $0 }
        withUnsafeBytes(of: mark.eventID.uuid) { bytes += $0 }
        return bytes
    }
}
