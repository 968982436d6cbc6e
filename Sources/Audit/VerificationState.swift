import EventModel
import EventSourcing

/// What a verification has seen so far. Pure: it is fed events and recorded digests.
struct VerificationState: Sendable {
    private(set) var report: VerificationReport
    /// The digest of everything seen, as it was recorded where that differs.
    private(set) var running = LogDigest.empty
    private let head: LogHead
    private var lastRecordedAt = Timestamp.earliest
    private var isStopped = false
    /// The last position whose recorded digest was compared.
    private var lastCompared = GlobalPosition.start
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

    /// After a difference the comparison goes on from what was recorded: so every altered part of the log is named, and what is intact
    /// is known to be.
    mutating func compare(_ recorded: LogDigest) {
        guard recorded.position == running.position else { return }
        report.digestsCompared += 1
        if recorded.digest != running.digest {
            report.add(.altered(after: lastCompared, through: recorded.position))
            running = recorded
        }
        lastCompared = recorded.position
    }

    /// A digest that somebody kept elsewhere, where this log stands now.
    mutating func compare(kept: LogDigest) {
        if kept.digest != running.digest { report.add(.otherDigest(position: kept.position)) }
    }

    /// What is stored cannot be read as events: nothing can be said about the rest.
    mutating func stop(at position: GlobalPosition, reason: String) {
        isStopped = true
        report.add(.unreadable(position: max(position, running.position.next), reason: reason))
    }

    /// The events up to the head have been read. Meanwhile the log may have grown.
    ///
    /// - Parameters:
    ///   - recorded: the last digest behind what was verified.
    ///   - last: the last event of the log, as it was read after that.
    ///   - now: the head, as it was read after both.
    mutating func finish(recorded: GlobalPosition?, last: GlobalPosition?, now: GlobalPosition) {
        report.streams = versions.count
        guard !isStopped else { return }
        if head.position != running.position {
            report.add(.headElsewhere(head: head.position, end: running.position))
        } else if let last, last > now {
            report.add(.headElsewhere(head: now, end: last))
        }
        if let recorded, recorded > now {
            report.add(.endIsMissing(end: min(running.position, now), recorded: recorded))
        }
        if report.isSound { report.digest = running.digest }
    }

    mutating func note(isRecorded: Bool) { report.isRecorded = isRecorded }

    mutating func note(recordingRefusal reason: String) { report.recordingRefusal = reason }

    private static func hash(of event: RecordedEvent) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        for byte in event.workspace.rawValue.utf8 { mix(byte) }
        mix(0)
        event.withStream { for byte in $0 { mix(byte) } }
        return hash
    }
}
