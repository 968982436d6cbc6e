import ArgumentParser
import EventModel
import EventSourcing
import PostgresEventStore
import Projector
import ReadModels

/// `lockstep projections rebuild`.
struct ProjectionsRebuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Make read models anew beside those that readers see, and compare them.",
        discussion: """
            The whole log is folded into a new generation, which readers do not see; it is followed to the end of the log and compared, row by \
            row, with the one that they see. Readers and writers go on meanwhile. Interrupted, it goes on where it was. Nothing changes for \
            readers before the new generation is activated, which is refused while a row differs without a reason.

            Several projections are folded in one pass: the log is read once for all of them. Each has a generation, a checkpoint and a report of \
            its own; one that fails stops none of the others, and goes on alone when it is named again.

            A part (--stream, --workspace, or --from and --to) is folded into a copy of the rows that readers see; all other rows stay as they \
            are. It is refused when an event outside of the part concerns one of its rows, and says which.

            Status: 0 built, and every difference explained; 1 rows differ without a reason, or another rebuild runs; 3 no database. Of several \
            projections, the first that is not 0.

            Examples:
              lockstep projections rebuild executions --dry-run
              lockstep projections rebuild executions
              lockstep projections rebuild executions --parallel 4 --activate
              lockstep projections rebuild executions timeline      # in one pass over the log
              lockstep projections rebuild executions --layout by-lane --activate
              lockstep projections rebuild executions --anew      # gives up what an earlier run has left
              lockstep projections rebuild workflows --stream workflow-refund
              lockstep projections rebuild timeline --from 4000 --to 4999 --dry-run
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Argument(help: ArgumentHelp("The projections.", valueName: "name"))
    var names: [String]
    @Option(name: .long, help: "How many lanes are folded side by side, of each projection.")
    var parallel: Int = RebuildLimits().workers
    @Flag(name: .long, help: "Say what it would cost, from a sample of the log; write nothing.")
    var dryRun = false
    @Flag(name: .long, help: "Activate it when every difference is explained.")
    var activate = false
    @Flag(name: .long, help: "Give up a generation that an earlier run has left, and begin at the beginning.")
    var anew = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "One checkpoint (whole), or one for each lane (by-lane), which several processes share. Default: LOCKSTEP_PROJECTOR_LAYOUT, else whole.",
            valueName: "layout"))
    var layout: ProjectionSettings.Layout?

    @OptionGroup(title: "A part") var part: RebuildPartOptions

    func validate() throws {
        if layout != nil, try part.part() != nil {
            throw ValidationError("--layout is of a whole rebuild; a part keeps the layout of what readers see.")
        }
        guard (1...64).contains(parallel) else {
            throw ValidationError("--parallel is \(parallel) and must be 1 to 64.")
        }
        guard Set(names).count == names.count else { throw ValidationError("A projection is named twice.") }
        if names.count > 1, try part.part() != nil {
            throw ValidationError("A part is made anew of one projection at a time: name one.")
        }
    }

    func run() async throws {
        let source = try await database.source()
        let lanes = try KafkaSettings.lanes(source)
        let projections = try names.map { try RebuildVerb.projection(named: $0, lanes: lanes) }
        let settings = try DatabaseSettings(source, url: database.database)
        let layout = try (layout ?? ProjectionSettings(source).layout).layout(lanes: lanes)
        let part = try part.part()
        if dryRun {
            for projection in projections {
                guard let part else {
                    try await estimate(projection, settings)
                    continue
                }
                try await preview(part, projection, settings)
            }
            return
        }
        try await build(projections, part, settings, lanes, layout)
    }

    private func build(
        _ projections: [any Projection], _ part: RebuildPart?, _ settings: DatabaseSettings, _ lanes: Int,
        _ layout: LaneLayout
    ) async throws {
        let displays = RebuildDisplays(projections.map(\.name), isShown: !answer.json)
        let limits = RebuildLimits(workers: parallel)
        let insistsOnLayout = self.layout != nil
        let outcomes = try await Interruption.cancels { [activate, anew] in
            try await RebuildVerb.with(
                settings, projections, limits: limits, lanes: lanes, layout: layout, insistsOnLayout: insistsOnLayout,
                observe: { displays.show($0, $1) }
            ) { rebuilds, log in
                defer { displays.clear() }
                let built = try await Self.build(rebuilds, part, over: log, anew: anew)
                var outcomes: [RebuildOutcome] = []
                for (rebuild, result) in zip(rebuilds, built) {
                    outcomes.append(await RebuildOutcome(of: rebuild, result, activating: activate))
                }
                return outcomes
            }
        }
        for (name, outcome) in zip(names, outcomes) {
            outcome.tell(name, displays.last(of: name), isJSON: answer.json, isAlone: names.count == 1)
        }
        // The end of the command tells the first.
        let failures = outcomes.compactMap(\.failure)
        for failure in failures.dropFirst() where !(failure is AnsweredNo) {
            StandardError.report(Failure(failure), asJSON: answer.json)
        }
        if let first = failures.first { throw first }
    }

    private static func build(
        _ rebuilds: [RebuildVerb.Job], _ part: RebuildPart?, over log: PostgresEventStore, anew: Bool
    ) async throws -> [Result<RebuildReport, any Error>] {
        var failures: [Int: any Error] = [:]
        if anew {
            for (index, rebuild) in rebuilds.enumerated() {
                do { _ = try await rebuild.giveUp() } catch { failures[index] = error }
            }
        }
        if let part {
            if let failure = failures[0] { throw failure }
            return [.success(try await rebuilds[0].build(part))]
        }
        let going = rebuilds.indices.filter { failures[$0] == nil }
        var built = await RebuildPass(going.map { rebuilds[$0] }, over: log).build()[...]
        return rebuilds.indices.map { index in
            if let failure = failures[index] { return .failure(failure) }
            return built.removeFirst()
        }
    }

    private func preview(
        _ part: RebuildPart, _ projection: any Projection, _ settings: DatabaseSettings
    ) async throws {
        let (events, rows) = try await Interruption.cancels {
            try await RebuildVerb.with(settings, projection) { try await $0.preview(part) }
        }
        guard answer.json else {
            return StandardOutput.shared.write(
                "\(part): \(Counted.of(events, "event")) for \(Counted.of(rows, "row")) of \(projection.name); no other event concerns them\n"
                    + "nothing was written")
        }
        Answers.object { object in
            object.member("projection", projection.name)
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
        if answer.json {
            RebuildAnswer.line(estimate, of: projection.name)
        } else {
            RebuildAnswer.show(estimate, of: projection.name)
        }
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
        let source = try await database.source()
        let projection = try RebuildVerb.projection(named: name, lanes: KafkaSettings.lanes(source))
        let settings = try DatabaseSettings(source, url: database.database)
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
        let source = try await database.source()
        let projection = try RebuildVerb.projection(named: name, lanes: KafkaSettings.lanes(source))
        let accepted = try acceptDiff.map { (path) throws(Failure) in try ReportFile.digest(of: path) }
        let settings = try DatabaseSettings(source, url: database.database)
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
        let source = try await database.source()
        let projection = try RebuildVerb.projection(named: name, lanes: KafkaSettings.lanes(source))
        let settings = try DatabaseSettings(source, url: database.database)
        let generation = try await Interruption.cancels {
            try await RebuildVerb.with(settings, projection) { try await $0.rollBack() }
        }
        RebuildAnswer.tell(generation, answer.json)
    }
}

extension ProjectionSettings.Layout: ExpressibleByArgument {}
