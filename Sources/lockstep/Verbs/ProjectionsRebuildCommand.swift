import ArgumentParser
import EventSourcing
import Projector
import ReadModels

/// `lockstep projections rebuild`.
struct ProjectionsRebuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Make a read model anew beside the one that readers see, and compare the two.",
        discussion: """
            The whole log is folded into a new generation, which readers do not see; it is followed to the end of the log and compared, row by \
            row, with the one that they see. Readers and writers go on meanwhile. Interrupted, it goes on where it was. Nothing changes for \
            readers before the new generation is activated, which is refused while a row differs without a reason.

            A part (--stream, --workspace, or --from and --to) is folded into a copy of the rows that readers see; all other rows stay as they \
            are. It is refused when an event outside of the part concerns one of its rows, and says which.

            Status: 0 built, and every difference explained; 1 rows differ without a reason, or another rebuild runs; 3 no database.

            Examples:
              lockstep projections rebuild executions --dry-run
              lockstep projections rebuild executions
              lockstep projections rebuild executions --parallel 4 --activate
              lockstep projections rebuild executions --anew      # gives up what an earlier run has left
              lockstep projections rebuild workflows --stream workflow-refund
              lockstep projections rebuild timeline --from 4000 --to 4999 --dry-run
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Argument(help: ArgumentHelp("The projection.", valueName: "name"))
    var name: String
    @Option(name: .long, help: "How many lanes are folded side by side.")
    var parallel: Int = RebuildLimits().workers
    @Flag(name: .long, help: "Say what it would cost, from a sample of the log; write nothing.")
    var dryRun = false
    @Flag(name: .long, help: "Activate it when every difference is explained.")
    var activate = false
    @Flag(name: .long, help: "Give up a generation that an earlier run has left, and begin at the beginning.")
    var anew = false

    @OptionGroup(title: "A part") var part: RebuildPartOptions

    func validate() throws {
        guard (1...64).contains(parallel) else {
            throw ValidationError("--parallel is \(parallel) and must be 1 to 64.")
        }
    }

    func run() async throws {
        let projection = try RebuildVerb.projection(named: name)
        let settings = try await database.settings()
        let part = try part.part()
        if dryRun {
            guard let part else { return try await estimate(projection, settings) }
            return try await preview(part, projection, settings)
        }
        let limits = RebuildLimits(workers: parallel)
        let display = RebuildDisplay(name, isShown: !answer.json)
        let (report, activated) = try await Interruption.cancels { [activate, anew] in
            try await RebuildVerb.with(settings, projection, limits: limits, observe: { display.show($0) }) { rebuild in
                defer { display.clear() }
                if anew { _ = try await rebuild.giveUp() }
                let report = if let part { try await rebuild.build(part) } else { try await rebuild.build() }
                let isChanged = activate && report.isExplained
                return (report, isChanged ? try await rebuild.activate() : nil)
            }
        }
        if answer.json {
            RebuildAnswer.line(report, display.last, activated)
        } else {
            RebuildAnswer.show(report, display.last, activated)
        }
        guard report.isExplained else { throw AnsweredNo() }
    }

    private func preview(
        _ part: RebuildPart, _ projection: any Projection, _ settings: DatabaseSettings
    ) async throws {
        let (events, rows) = try await Interruption.cancels {
            try await RebuildVerb.with(settings, projection) { try await $0.preview(part) }
        }
        guard answer.json else {
            return StandardOutput.shared.write(
                "\(part) has \(Counted.of(events, "event")) for \(Counted.of(rows, "row")) of \(name), and no other event concerns them\n"
                    + "nothing was written")
        }
        Answers.object { object in
            object.member("projection", name)
            object.member("dry_run", true)
            object.member("part", part.description)
            object.member("events", events)
            object.member("rows", rows)
        }
    }

    private func estimate(_ projection: any Projection, _ settings: DatabaseSettings) async throws {
        let estimate = try await OpenLog.forReading(settings) { store in
            try await RebuildEstimate.sample(projection, from: store)
        }
        if answer.json { RebuildAnswer.line(estimate, of: name) } else { RebuildAnswer.show(estimate, of: name) }
    }
}

/// `lockstep projections diff`.
struct ProjectionsDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare the generation that waits with the one that readers see.",
        discussion: """
            Every row that differs is declared (the new version of the fold says that it changes these columns), behind (what readers see \
            stands still and has not handled an event of the row), or unexplained. The report is kept with its digest; --out writes it to a \
            file, which `projections activate --accept-diff` takes.

            Status: 0 every difference is explained, 1 some are not, or no generation waits.

            Examples:
              lockstep projections diff executions
              lockstep projections diff executions --out executions.diff.json
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Argument(help: ArgumentHelp("The projection.", valueName: "name"))
    var name: String
    @Option(name: .long, help: ArgumentHelp("Write the report to a file.", valueName: "file"))
    var out: String?

    func run() async throws {
        let projection = try RebuildVerb.projection(named: name)
        let settings = try await database.settings()
        let report = try await Interruption.cancels {
            try await RebuildVerb.with(settings, projection) { try await $0.compare() }
        }
        if let out { try ReportFile.write(report.kept.text, to: out) }
        if answer.json { RebuildAnswer.line(report, nil, nil) } else { RebuildAnswer.show(report, nil, nil) }
        guard report.isExplained else { throw AnsweredNo() }
    }
}

/// `lockstep projections activate`.
struct ProjectionsActivateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activate", abstract: "Show the generation that waits to readers.",
        discussion: """
            One transaction changes the view; readers never go back in time. Refused while rows differ without a reason, unless --accept-diff \
            names the very report that somebody has looked at. The generation that readers saw stays, so that `rollback` can return to it.

            Examples:
              lockstep projections activate executions
              lockstep projections activate executions --accept-diff executions.diff.json
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Argument(help: ArgumentHelp("The projection.", valueName: "name"))
    var name: String
    @Option(name: .long, help: ArgumentHelp("The report whose differences are accepted.", valueName: "file"))
    var acceptDiff: String?

    func run() async throws {
        let projection = try RebuildVerb.projection(named: name)
        let accepted = try acceptDiff.map { (path) throws(Failure) in try ReportFile.digest(of: path) }
        let settings = try await database.settings()
        let generation = try await Interruption.cancels {
            try await RebuildVerb.with(settings, projection) { try await $0.activate(accepting: accepted) }
        }
        RebuildAnswer.tell(generation, answer.json)
    }
}

/// `lockstep projections rollback`.
struct ProjectionsRollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Return to the generation that readers saw before.",
        discussion: """
            The present one stays as the previous one, so that this can be undone in the same way.

            Example:
              lockstep projections rollback executions
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Argument(help: ArgumentHelp("The projection.", valueName: "name"))
    var name: String

    func run() async throws {
        let projection = try RebuildVerb.projection(named: name)
        let settings = try await database.settings()
        let generation = try await Interruption.cancels {
            try await RebuildVerb.with(settings, projection) { try await $0.rollBack() }
        }
        RebuildAnswer.tell(generation, answer.json)
    }
}
