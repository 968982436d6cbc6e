import Audit
import EventModel
import EventSourcing
import Testing

@Suite("Verifying the log") struct LogVerifierTests {
    @Test(arguments: [0, 1, 9, 250]) func `a log that nobody touched is sound, again and again`(_ count: Int)
        async throws
    {
        let log = AlterableLog()
        try await log.fill(count)
        for run in 0..<3 {
            let report = try await LogVerifier(log).verify()
            #expect(report.isSound)
            #expect(report.events == Int64(count))
            #expect(report.digestsCompared == (run == 0 || count == 0 ? 0 : 1))
        }
    }

    @Test(arguments: [1, 7, 120, 250] as [Int64])
    func `one altered byte is found, wherever it is`(_ position: Int64) async throws {
        let log = AlterableLog()
        try await log.fill(120)
        _ = try await LogVerifier(log).verify()
        try await log.fill(130)
        _ = try await LogVerifier(log).verify()
        log.alter { $0.rewritten[position] = Array("{\"n\":-1}".utf8) }
        let report = try await LogVerifier(log).verify()
        let range = position <= 120 ? (after: Int64(0), through: Int64(120)) : (after: 120, through: 250)
        #expect(
            report.findings == [.altered(after: GlobalPosition(range.after), through: GlobalPosition(range.through))])
    }

    @Test func `a missing event is a gap, and spoils the version of its stream`() async throws {
        let log = AlterableLog()
        try await log.fill(20)
        log.alter { $0.removed = [5] }
        let findings = try await LogVerifier(log).verify().findings
        #expect(findings.first == .gap(missing: GlobalPosition(5), found: GlobalPosition(6)))
        #expect(findings.map(\.code) == ["gap", "version_out_of_order"])
    }

    @Test func `a version that does not follow its predecessor is found`() async throws {
        let log = AlterableLog()
        try await log.fill(10)
        log.alter { $0.moved[10] = 11 }
        let stream: StreamName = "account-0"
        let findings = try await LogVerifier(log).verify().findings
        #expect(
            findings == [
                .versionOutOfOrder(
                    position: GlobalPosition(10), stream: stream, expected: StreamVersion(10), found: StreamVersion(11))
            ])
    }

    @Test func `a head that does not name the last event is found`() async throws {
        let log = AlterableLog()
        try await log.fill(10)
        log.alter { $0.head = 12 }
        #expect(
            try await LogVerifier(log).verify().findings == [
                .headElsewhere(head: GlobalPosition(12), end: GlobalPosition(10))
            ])
    }

    @Test func `a log that was cut behind its last digest is found`() async throws {
        let log = AlterableLog()
        try await log.fill(10)
        _ = try await LogVerifier(log).verify()
        log.alter {
            $0.removed = [9, 10]
            $0.head = 8
        }
        #expect(
            try await LogVerifier(log).verify().findings == [
                .endIsMissing(end: GlobalPosition(8), recorded: GlobalPosition(10))
            ])
    }

    @Test func `every altered part is named, and what lies between is known to be intact`() async throws {
        let log = AlterableLog()
        for _ in 0..<4 {
            try await log.fill(10)
            _ = try await LogVerifier(log).verify()
        }
        log.alter {
            $0.rewritten[3] = Array("1".utf8)
            $0.rewritten[31] = Array("1".utf8)
        }
        let report = try await LogVerifier(log).verify()
        #expect(
            report.findings == [
                .altered(after: .start, through: GlobalPosition(10)),
                .altered(after: GlobalPosition(30), through: GlobalPosition(40)),
            ])
        #expect(report.digest == nil && !report.isRecorded)
    }

    @Test func `what is appended and digested meanwhile is no finding`() async throws {
        let log = AlterableLog()
        try await log.fill(20)
        _ = try await LogVerifier(log).verify()
        log.alter { $0.earlierHead = 12 }
        let report = try await LogVerifier(log).verify()
        #expect(report.isSound && report.events == 12 && report.head == GlobalPosition(12))
    }

    @Test func `a head that was taken back while the events stayed is found`() async throws {
        let log = AlterableLog()
        try await log.fill(10)
        log.alter { $0.head = 8 }
        #expect(
            try await LogVerifier(log).verify().findings == [
                .headElsewhere(head: GlobalPosition(8), end: GlobalPosition(10))
            ])
    }

    @Test func `a digest that was kept elsewhere finds what was altered together with the recorded digests`()
        async throws
    {
        let log = AlterableLog()
        try await log.fill(10)
        let digest = try #require(try await LogVerifier(log, isRecording: false).verify().digest)
        #expect(log.digests.isEmpty)
        let kept = LogDigest(position: GlobalPosition(10), digest: digest)
        log.alter { $0.rewritten[4] = Array("1".utf8) }
        _ = try await LogVerifier(log).verify()
        #expect(try await LogVerifier(log).verify().isSound)
        #expect(
            try await LogVerifier(log, against: kept).verify().findings == [.otherDigest(position: GlobalPosition(10))])
        log.alter { $0.rewritten = [:] }
        try await log.fill(10)
        let cut = LogDigest(position: GlobalPosition(25), digest: digest)
        #expect(
            try await LogVerifier(log, against: cut).verify().findings.contains(
                .endIsMissing(end: GlobalPosition(20), recorded: GlobalPosition(25))))
    }

    @Test func `what is stored and is no event is a finding, and nothing is said about the rest`() async throws {
        let log = AlterableLog()
        try await log.fill(10)
        _ = try await LogVerifier(log).verify()
        log.alter { $0.unreadable = 4 }
        let report = try await LogVerifier(log).verify()
        #expect(report.findings == [.unreadable(position: GlobalPosition(4), reason: "not UTF-8")])
    }

    @Test func `a log that may only be read is verified all the same`() async throws {
        let log = AlterableLog()
        try await log.fill(10)
        log.alter { $0.recordingRefusal = "read-only" }
        let report = try await LogVerifier(log).verify()
        #expect(report.isSound && !report.isRecorded && report.recordingRefusal == "read-only")
        #expect(report.digest != nil && report.streams == 1)
    }

    @Test func `what is not sound is not recorded`() async throws {
        let log = AlterableLog()
        try await log.fill(10)
        log.alter { $0.removed = [3] }
        _ = try await LogVerifier(log).verify()
        #expect(log.digests.isEmpty)
    }

    @Test func `a digest covers every column`() async throws {
        let log = AlterableLog()
        try await log.fill(1)
        let event = try #require(try await log.read(EventQuery()).events.first)
        let before = EventDigest.chain(EventDigest.empty, event)
        log.alter { $0.moved[1] = 2 }
        let altered = try #require(try await log.read(EventQuery()).events.first)
        #expect(EventDigest.chain(EventDigest.empty, altered) != before)
    }
}
