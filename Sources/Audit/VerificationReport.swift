import EventModel
import EventSourcing
import FoundationEssentials

/// What a verification found.
public struct VerificationReport: Sendable, Hashable {
    /// Findings that are kept; more are only counted.
    public static let findingLimit = 100

    /// The end of the log when the verification began.
    public let head: GlobalPosition
    /// Which history was verified.
    public let incarnation: UUID
    /// Events read.
    public internal(set) var events: Int64 = 0
    /// Streams that these events belong to.
    public internal(set) var streams = 0
    /// Recorded digests that were compared.
    public internal(set) var digestsCompared = 0
    /// Whether the digest of what was verified has been recorded, so that the next verification compares against this one.
    public internal(set) var isRecorded = false
    /// Why the digest of a sound log could not be recorded: a standby, or a role that may only read.
    public internal(set) var recordingRefusal: String?
    /// The first findings.
    public private(set) var findings: [VerificationFinding] = []
    /// All findings, kept or not.
    public private(set) var findingCount = 0
    /// The running digest at the head; `nil` when the log is not sound. Who keeps it elsewhere can prove later that nothing was altered
    /// up to here, even by somebody who rewrites the recorded digests too.
    public internal(set) var digest: [UInt8]?

    init(head: GlobalPosition, incarnation: UUID) {
        self.head = head
        self.incarnation = incarnation
    }

    /// Whether nothing was found.
    public var isSound: Bool { findingCount == 0 }

    mutating func add(_ finding: VerificationFinding) {
        findingCount += 1
        if findings.count < Self.findingLimit { findings.append(finding) }
    }
}

/// One way in which a log is not what was written.
public enum VerificationFinding: Sendable, Hashable, CustomStringConvertible {
    /// Positions are not contiguous.
    case gap(missing: GlobalPosition, found: GlobalPosition)
    /// The versions of a stream are not contiguous.
    case versionOutOfOrder(position: GlobalPosition, stream: StreamName, expected: StreamVersion, found: StreamVersion)
    /// An event was recorded before its predecessor.
    case timeWentBack(position: GlobalPosition, from: Timestamp, to: Timestamp)
    /// At least one event in a range is not what it was when its digest was recorded.
    case altered(after: GlobalPosition, through: GlobalPosition)
    /// A digest was recorded for a position that the log does not reach any more.
    case endIsMissing(end: GlobalPosition, recorded: GlobalPosition)
    /// `log_head` does not name the last event.
    case headElsewhere(head: GlobalPosition, end: GlobalPosition)
    /// What is stored is no event; nothing behind it was verified.
    case unreadable(position: GlobalPosition, reason: String)
    /// The log does not have the digest that it is said to have had.
    case otherDigest(position: GlobalPosition)

    /// A stable code for programs.
    public var code: String {
        switch self {
        case .gap: "gap"
        case .versionOutOfOrder: "version_out_of_order"
        case .timeWentBack: "time_went_back"
        case .altered: "altered"
        case .endIsMissing: "end_is_missing"
        case .headElsewhere: "head_elsewhere"
        case .unreadable: "unreadable"
        case .otherDigest: "other_digest"
        }
    }

    /// The first position that it is about.
    public var position: GlobalPosition { range.first }

    /// The last position that it is about; the same as ``position`` for a single one.
    public var through: GlobalPosition { range.last }

    private var range: (first: GlobalPosition, last: GlobalPosition) {
        switch self {
        case .gap(let missing, let found): (missing, GlobalPosition(max(missing.rawValue, found.rawValue - 1)))
        case .versionOutOfOrder(let position, _, _, _), .timeWentBack(let position, _, _), .unreadable(let position, _):
            (position, position)
        case .altered(let after, let through): (after.next, through)
        case .endIsMissing(let end, let recorded): (end.next, recorded)
        case .headElsewhere(let head, let end): (min(head, end).next, max(head, end))
        case .otherDigest(let position): (GlobalPosition(1), position)
        }
    }

    /// The stream that it is about, where it is about one.
    public var stream: StreamName? {
        if case .versionOutOfOrder(_, let stream, _, _) = self { stream } else { nil }
    }

    /// One sentence.
    public var description: String {
        switch self {
        case .gap(let missing, let found):
            if found == missing.next {
                "the event at position \(missing) is missing"
            } else if found > missing {
                "the events from position \(missing) to \(through) are missing"
            } else {
                "position \(found) comes where position \(missing) is due"
            }
        case .versionOutOfOrder(let position, let stream, let expected, let found):
            "the event at position \(position) has version \(found) in stream \(stream), version \(expected) is due"
        case .timeWentBack(let position, let from, let to):
            "the event at position \(position) was recorded at \(to), before its predecessor at \(from)"
        case .altered(let after, let through):
            if after.next == through {
                "the event at position \(through) is not what it was when its digest was recorded"
            } else {
                "an event from position \(after.next) to \(through) is not what it was when its digest was recorded"
            }
        case .endIsMissing(let end, let recorded):
            "a digest was recorded at position \(recorded), but the log ends at \(end)"
        case .headElsewhere(let head, let end):
            "the head says \(head), but the last event has position \(end)"
        case .unreadable(let position, let reason):
            "what is stored at or behind position \(position) is no event (\(reason)); nothing behind it was verified"
        case .otherDigest(let position):
            "an event up to position \(position) is not what it was when the digest that you gave was noted"
        }
    }
}
