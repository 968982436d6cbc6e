import EventModel
import Projector
import ReadModels

/// How a rebuild, a comparison and a change of generations are told.
enum RebuildAnswer {
    static func line(_ report: RebuildReport, _ progress: RebuildProgress?, _ activated: Generation?) {
        Answers.object { object in
            object.member("projection", report.shadow.projection)
            object.member("generation", report.shadow.number)
            object.member("version", report.shadow.version)
            object.member("active_generation", report.active.number)
            object.member("position", report.comparison.shadow.least.rawValue)
            object.member("active_position", report.comparison.active.least.rawValue)
            object.member("rows", report.comparison.shadowRows)
            object.member("active_rows", report.comparison.activeRows)
            object.member("parked_keys", report.parkedInShadow)
            object.member("active_parked_keys", report.parkedInActive)
            object.member("differing", report.comparison.differing)
            object.member("declared", report.count(.declared))
            object.member("behind", report.count(.behind))
            object.member("unexplained", report.count(.unexplained))
            object.member("report", report.kept.digest.hexadecimal)
            object.member("activated", activated != nil)
            object.member("events", progress?.events)
            object.member("events_per_s", seconds: progress.map { $0.eventsPerSecond.rounded() } ?? 0)
            object.key("differences")
            object.value(.array(report.differences.map(\.value)))
        }
    }

    static func show(_ report: RebuildReport, _ progress: RebuildProgress?, _ activated: Generation?) {
        let style = Style.output
        let output = StandardOutput.shared
        if let progress, progress.events > 0 {
            output.write(
                "\(progress.events) events folded at \(Int(progress.eventsPerSecond)) events/s "
                    + "(\(RebuildDisplay.tenths(progress.bytesPerSecond / 1e6)) MB/s)")
        }
        var table = Table([
            ("GENERATION", .left), ("VERSION", .right), ("POSITION", .right), ("ROWS", .right), ("PARKED", .right),
        ])
        table.add([
            "\(report.active.number) (readers see it)", "\(report.active.version)",
            "\(report.comparison.active.least)", "\(report.comparison.activeRows)", "\(report.parkedInActive)",
        ])
        table.add([
            "\(report.shadow.number) (new)", "\(report.shadow.version)", "\(report.comparison.shadow.least)",
            "\(report.comparison.shadowRows)", "\(report.parkedInShadow)",
        ])
        table.print()
        output.write(verdict(report, style))
        for difference in report.differences.prefix(shownRows) { output.write(Self.text(difference, style)) }
        let rest = report.comparison.differing - Int64(min(shownRows, report.differences.count))
        if rest > 0 {
            output.write("  and \(rest) more: `lockstep projections diff \(report.shadow.projection) --json`")
        }
        if let standing = standing(report) { output.write(standing) }
        output.write(next(report, activated, style))
    }

    /// Where readers are, if that is why rows differ.
    static func standing(_ report: RebuildReport) -> String? {
        let (active, shadow) = (report.comparison.active, report.comparison.shadow)
        guard report.comparison.differing > 0, active.greatest > .start, active.isBehind(shadow)
        else { return nil }
        return "what readers see stands at position \(active.least), the new one at \(shadow.least): "
            + "`lockstep projections status` says who is behind"
    }

    private static let shownRows = 10

    private static func verdict(_ report: RebuildReport, _ style: Style) -> String {
        guard report.comparison.differing > 0 else { return style.good("✓ every row is the same") }
        let parts = RebuildReport.Reason.allCases.compactMap { reason in
            report.count(reason) == 0 ? nil : "\(report.count(reason)) \(reason.rawValue)"
        }
        let text = "\(report.comparison.differing) rows differ: \(parts.joined(separator: ", "))"
        return report.isExplained ? style.good("✓ \(text)") : style.bad("✗ \(text)")
    }

    private static func text(_ difference: RebuildReport.Difference, _ style: Style) -> String {
        let key = Table.printable(difference.key.joined(separator: " / "))
        if let side = difference.onlyIn {
            return "  \(key)  \(difference.reason.rawValue): only in the \(side == .active ? "active" : "new") one"
        }
        let columns = difference.columns.map { column in
            "\(column.name) \(Table.printable(column.active.shown)) → \(Table.printable(column.shadow.shown))"
        }
        return "  \(key)  \(difference.reason.rawValue): \(columns.joined(separator: ", "))"
    }

    private static func next(_ report: RebuildReport, _ activated: Generation?, _ style: Style) -> String {
        let name = report.shadow.projection
        if let activated {
            return
                "readers see generation \(activated.number) now; `lockstep projections rollback \(name)` returns to the one before"
        }
        guard !report.isExplained else { return "next: lockstep projections activate \(name)" }
        return "next: look at the rows, then lockstep projections activate \(name) --accept-diff FILE, "
            + "with the FILE of lockstep projections diff \(name) --out FILE"
    }

    static func line(_ estimate: RebuildEstimate, of name: String) {
        Answers.object { object in
            object.member("projection", name)
            object.member("dry_run", true)
            object.member("events", estimate.events)
            object.member("bytes", estimate.bytes)
            object.member("sampled", estimate.sampled)
            object.member("seconds_least", seconds: estimate.seconds.lowerBound)
            object.member("seconds_most", seconds: estimate.seconds.upperBound)
        }
    }

    static func show(_ estimate: RebuildEstimate, of name: String) {
        let seconds = estimate.seconds
        StandardOutput.shared.write(
            """
            \(name): \(estimate.events) events, about \(RebuildDisplay.tenths(Double(estimate.bytes) / 1e6)) MB; reading and folding takes \
            about \(RebuildDisplay.tenths(seconds.lowerBound)) to \(RebuildDisplay.tenths(seconds.upperBound)) s \
            (from \(estimate.sampled) events of all parts of the log)
            nothing was written
            """)
    }

    static func tell(_ generation: Generation, _ json: Bool) {
        guard json else {
            StandardOutput.shared.write("readers see generation \(generation.number) of \(generation.projection) now")
            return
        }
        Answers.object { object in
            object.member("projection", generation.projection)
            object.member("generation", generation.number)
            object.member("version", generation.version)
            object.member("activated", true)
        }
    }
}
