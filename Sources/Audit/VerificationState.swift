import EventModel
import EventSourcing

/// What a verification has seen so far. Pure: it is fed events and recorded digests.
struct VerificationState: Sendable {
    private(set) var report: VerificationReport
    /// The digest of everything seen.
    private(set) var running = LogDigest.empty
    private let head: LogHead
    private var lastRecordedAt = Timestamp.earliest
    /// The last position whose recorded digest agreed.
    private var lastAgreed = GlobalPosition.start
    /// Once the digests differ they differ for ever; only the first difference says where.
    private var digestsDiffer = false
    /// Last version by stream. Streams are told apart by 64 bits of a hash: a log has millions of them, and 16 bytes each are affordable
    /// where names are not. Two streams in 10⁹ log pairs may share a hash; that would be reported as a finding, never hidden.
    private var versions: [UInt64: Int64] = [:]

    init(head: LogHead) {
        self.head = head
        report = VerificationReport(head: head.position, incarnation: head.incarnation)
    }

    mutating func check(_ event: RecordedEvent) {
        let expected = running.position.next
        if event.position != expected {
            report.add(.gap(missing: expected, found: event.position))
        }
        let stream = Self.hash(of: event)
        let version = versions[stream, default: 0] + 1
        if event.version.rawValue != version {
            report.add(
                .versionOutOfOrder(
                    position: event.position, stream: event.stream, expected: StreamVersion(version),
                    found: event.version))
        }
        versions[stream] = event.version.rawValue
        if event.recordedAt < lastRecordedAt {
            report.add(.timeWentBack(position: event.position, from: lastRecordedAt, to: event.recordedAt))
        }
        lastRecordedAt = max(lastRecordedAt, event.recordedAt)
        running.add(event)
        report.events += 1
    }

    mutating func compare(_ recorded: LogDigest) {
        guard recorded.position == running.position else { return }
        report.digestsCompared += 1
        if recorded.digest == running.digest {
            lastAgreed = recorded.position
        } else if !digestsDiffer {
            digestsDiffer = true
            report.add(.altered(after: lastAgreed, through: recorded.position))
        }
    }

    /// A digest of a position that the log does not have any more.
    mutating func compareBeyondEnd(_ recorded: LogDigest) {
        if recorded.position > running.position {
            report.add(.endIsMissing(end: running.position, recorded: recorded.position))
        }
    }

    mutating func finish() {
        if head.position != running.position {
            report.add(.headElsewhere(head: head.position, end: running.position))
        }
        report.digest = running.digest
    }

    private static func hash(of event: RecordedEvent) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        for byte in event.workspace.rawValue.utf8 { mix(byte) }
        mix(0)
        event.withStream { for byte in $0 { mix(byte) } }
        return hash
    }
}
