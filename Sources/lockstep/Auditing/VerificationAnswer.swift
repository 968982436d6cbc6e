import Audit
import EventModel

/// How a verification is shown.
enum VerificationAnswer {
    static func line(_ report: VerificationReport) {
        Answers.object { object in
            object.member("verdict", report.isSound ? "sound" : "unsound")
            object.member("events", report.events)
            object.member("streams", report.streams)
            object.member("digests_compared", report.digestsCompared)
            object.member("head", report.head.rawValue)
            object.member("incarnation", report.incarnation)
            object.member("digest", report.digest.map(KeptDigest.hexadecimal))
            object.member("recorded", report.isRecorded)
            object.member("recording_refusal", report.recordingRefusal)
            object.member("finding_count", report.findingCount)
            object.key("findings")
            object.array { list in
                for finding in report.findings { list.finding(finding) }
            }
        }
    }

    static func show(_ report: VerificationReport) {
        for line in lines(report, .output) { StandardOutput.shared.write(line) }
    }

    /// The report for people, line by line.
    static func lines(_ report: VerificationReport, _ style: Style) -> [String] {
        var lines = [verdict(report, style), ""]
        let digests = report.digestsCompared == 1 ? "1 recorded digest" : "\(report.digestsCompared) recorded digests"
        lines.append("  read      \(count(report.events, "event")) of \(count(Int64(report.streams), "stream"))")
        lines.append("  compared  \(digests)")
        lines.append("  head      \(report.head), incarnation \(report.incarnation.text)")
        if let digest = report.digest, report.head > .start {
            lines.append("  keep      \(KeptDigest.text(report.head, digest))")
            lines.append("            \(style.faint(recording(report)))")
        }
        return lines + findings(report, style)
    }

    private static func verdict(_ report: VerificationReport, _ style: Style) -> String {
        guard !report.isSound else {
            return style.good("The log is sound.") + (report.head == .start ? " It is empty." : "")
        }
        return style.bad("The log is not sound: \(count(Int64(report.findingCount), "finding")).")
    }

    private static func recording(_ report: VerificationReport) -> String {
        if report.isRecorded { return "the digest up to the head; it is recorded, and the next run compares with it" }
        guard let reason = report.recordingRefusal else { return "the digest up to the head; it is not recorded" }
        return "the digest up to the head; it could not be recorded: \(Table.printable(reason))"
    }

    private static func findings(_ report: VerificationReport, _ style: Style) -> [String] {
        guard !report.isSound else { return [] }
        var table = Table([("POSITION", .right), ("FINDING", .left), ("PROBLEM", .left)])
        for finding in report.findings {
            table.add([
                .init(text: "\(finding.position)"), .init(text: finding.code, paint: style.bad),
                .init(text: finding.description),
            ])
        }
        var lines = [""] + table.lines(style)
        if report.findingCount > report.findings.count {
            lines.append("… and \(report.findingCount - report.findings.count) more")
        }
        lines.append("")
        lines.append(
            "\(style.faint("next:")) stop writing, and compare these positions with a backup or with the topic, which holds every event"
        )
        return lines
    }

    private static func count(_ number: Int64, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }
}

extension JSONWriter {
    fileprivate mutating func finding(_ finding: VerificationFinding) {
        beginObject()
        member("code", finding.code)
        member("position", finding.position.rawValue)
        member("through", finding.through.rawValue)
        member("stream", finding.stream?.rawValue)
        member("problem", finding.description)
        endObject()
    }
}
