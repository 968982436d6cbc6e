import EventModel
import EventSourcing
import Ingest

/// What became of the payloads of a file, by what they are about.
struct IngestCounts: Sendable, Equatable {
    struct Part: Sendable, Equatable {
        var payloads = 0
        var appended = 0
        var withoutNews = 0
        var rejected = 0
        var events = 0

        mutating func add(_ verdict: InboundVerdict) {
            payloads += 1
            events += verdict.events
            switch verdict.outcome {
            case .appended: appended += 1
            case .noNews: withoutNews += 1
            case .rejected: rejected += 1
            }
        }
    }

    /// What is of no kind.
    static let unknown = "unknown"

    private(set) var all = Part()
    private(set) var kinds: [String: Part] = [:]
    private(set) var reasons: [InboundRejection.Code: Int] = [:]

    mutating func add(_ verdict: InboundVerdict) {
        all.add(verdict)
        kinds[verdict.kind ?? Self.unknown, default: Part()].add(verdict)
        if let rejection = verdict.rejection { reasons[rejection.code, default: 0] += 1 }
    }
}

/// The answer of `ingest`: always the same keys.
struct IngestAnswer: Sendable {
    let file: String
    let counts: IngestCounts
    let isDryRun: Bool

    var isYes: Bool { counts.all.rejected == 0 }

    var json: [UInt8] {
        Answers.line { object in
            object.member("file", file)
            object.member("dry_run", isDryRun)
            object.part(counts.all)
            object.key("kinds")
            object.object { kinds in
                for (kind, part) in counts.kinds.sorted(by: { $0.key < $1.key }) {
                    kinds.key(kind)
                    kinds.object { $0.part(part) }
                }
            }
            object.key("reasons")
            object.object { reasons in
                for (code, count) in counts.reasons.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                    reasons.key(code.rawValue)
                    reasons.int(count)
                }
            }
        }
    }

    /// For people.
    func print(_ style: Style) {
        var table = Table([
            ("", .left), ("payloads", .right), ("appended", .right), ("no news", .right), ("refused", .right),
            ("events", .right),
        ])
        let parts = counts.kinds.sorted { $0.key < $1.key } + [("all", counts.all)]
        for (name, part) in parts {
            table.add(
                [name] + [part.payloads, part.appended, part.withoutNews, part.rejected, part.events].map { "\($0)" })
        }
        table.print()
        if isDryRun { StandardOutput.shared.write("nothing was appended: this was a dry run") }
    }
}

extension JSONWriter {
    fileprivate mutating func part(_ part: IngestCounts.Part) {
        member("payloads", part.payloads)
        member("appended", part.appended)
        member("no_news", part.withoutNews)
        member("rejected", part.rejected)
        member("events", part.events)
    }
}

/// How far ingesting is, in one line of standard error, where somebody looks.
struct IngestProgress: Sendable {
    let isShown: Bool
    let time: any Timekeeper
    let begun: Duration

    init(isShown: Bool, time: any Timekeeper = SystemTimekeeper()) {
        self.isShown = isShown && StandardError.isTerminal
        self.time = time
        begun = time.steady()
    }

    func show(_ counts: IngestCounts, read: Int64, of total: Int64?) {
        guard isShown else { return }
        StandardError.writePart("\r\u{1b}[2K" + Self.line(counts, read, of: total, after: time.steady() - begun))
    }

    func clear() {
        guard isShown else { return }
        StandardError.writePart("\r\u{1b}[2K")
    }

    /// `ingesting  40%  12000 payloads, 3 refused  15000 events  5000/s`.
    static func line(_ counts: IngestCounts, _ read: Int64, of total: Int64?, after elapsed: Duration) -> String {
        var line = "ingesting"
        if let total, total > 0 { line += "  \(min(100, read * 100 / total))%" }
        line += "  \(counts.all.payloads) payloads, \(counts.all.rejected) refused  \(counts.all.events) events"
        let seconds = elapsed / .seconds(1)
        if seconds > 0 { line += "  \(Int(Double(counts.all.events) / seconds))/s" }
        return line
    }
}
