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
    /// Recorded digests that were compared.
    public internal(set) var digestsCompared = 0
    /// The first findings.
    public private(set) var findings: [VerificationFinding] = []
    /// All findings, kept or not.
    public private(set) var findingCount = 0
    /// The running digest at the head.
    public internal(set) var digest = EventDigest.empty

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

    /// A stable code for programs.
    public var code: String {
        switch self {
        case .gap: "gap"
        case .versionOutOfOrder: "version_out_of_order"
        case .timeWentBack: "time_went_back"
        case .altered: "altered"
        case .endIsMissing: "end_is_missing"
        case .headElsewhere: "head_elsewhere"
        }
    }

    /// One sentence.
    public var description: String {
        switch self {
        case .gap(let missing, let found):
            "position \(missing) is missing; the next event has position \(found)"
        case .versionOutOfOrder(let position, let stream, let expected, let found):
            "the event at position \(position) has version \(found) in stream \(stream), version \(expected) is due"
        case .timeWentBack(let position, let from, let to):
            "the event at position \(position) was recorded at \(to), before its predecessor at \(from)"
        case .altered(let after, let through):
            "an event from position \(after.next) to \(through) is not what it was when its digest was recorded"
        case .endIsMissing(let end, let recorded):
            "a digest was recorded at position \(recorded), but the log ends at \(end)"
        case .headElsewhere(let head, let end):
            "the head says \(head), but the last event has position \(end)"
        }
    }
}
