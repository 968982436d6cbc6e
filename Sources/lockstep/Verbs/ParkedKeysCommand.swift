import ArgumentParser
import EventModel
import EventSourcing
import ReadModels

/// `lockstep projections parked`.
struct ProjectionsParkedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parked", abstract: "List the keys that projections have set aside, and why.",
        discussion: """
            A key is parked when one of its events cannot be folded, or its row cannot be written. Its later events wait behind it, in order; \
            everything else flows. A key that begins with sync: stands for every event of a sync key, because an event did not tell its row.

            Examples:
              lockstep projections parked
              lockstep projections parked executions --json
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Argument(help: "Of this projection only.")
    var name: String?

    func run() async throws {
        let projections = try name.map { [try ParkingDesk.projection(named: $0)] } ?? ProjectionCatalogue.all
        let found = try await ParkingDesk.with(try await database.settings()) { try await $0.parked(in: projections) }
        if answer.json { found.forEach { $0.line() } } else { ParkedKeyAnswer.table(found) }
    }
}

/// `lockstep projections retry`.
struct ProjectionsRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Ask for parked keys to be tried again.",
        discussion: """
            The projector that holds the lease folds the failed event and what waits behind it, in order, from the log, and parks the key no \
            more. What fails again stays parked, with the new cause. Asking twice does nothing twice. Status 1 when a key is not parked.

            Examples:
              lockstep projections retry executions --key '["default","exec-17"]' --dry-run
              lockstep projections retry executions --all --actor ada
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Argument(help: "The projection.")
    var name: String
    @Option(name: .long, help: "A key, as `lockstep projections parked` names it; may be given several times.")
    var key: [String] = []
    @Flag(name: .long, help: "Every key that is parked now.")
    var all = false
    @Flag(name: .long, help: "Only show which events would be folded.")
    var dryRun = false
    @Option(name: .long, help: "Who asks.")
    var actor: String?

    func validate() throws {
        guard all == key.isEmpty else { throw ValidationError("Name keys with --key, or give --all.") }
    }

    func run() async throws {
        let projection = try ParkingDesk.projection(named: name)
        let keys = all ? nil : key.map { ParkingKey(text: $0) }
        let answers = try await ParkingDesk.with(try await database.settings()) { desk in
            try await desk.retry(keys, of: projection, by: actor, isDryRun: dryRun)
        }
        for each in answers {
            if answer.json { each.line() } else { each.show() }
        }
        if answers.isEmpty, !answer.json { StandardOutput.shared.write("No key of \(projection.name) is parked.") }
        guard answers.allSatisfy(\.isYes) else { throw AnsweredNo() }
    }
}

/// `lockstep projections skip`.
struct ProjectionsSkipCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skip", abstract: "Ask for the failed event of a parked key to be left out, on the record.",
        discussion: """
            Only that one event is left out; what waits behind it is folded. The projector that holds the lease appends \
            projection.event_skipped to the stream projection-NAME, and every rebuild leaves the same event out: there is no way back. \
            Status 1 when the key is not parked, or stands at another event than --position says. Name the position in scripts, so that \
            running one again cannot leave out the next event as well.

            Examples:
              lockstep projections skip executions --key '["default","exec-17"]' --reason "written by hand" --actor ada --dry-run
              lockstep projections skip executions --key '["default","exec-17"]' --position 4711 --reason "written by hand" --actor ada
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Argument(help: "The projection.")
    var name: String
    @Option(name: .long, help: "The key, as `lockstep projections parked` names it.")
    var key: String
    @Option(name: .long, parsing: .unconditional, help: "Where the event must be, as a check.")
    var position: Int64?
    @Option(name: .long, help: "Why, as it is recorded; it stays, so it must not describe a person.")
    var reason: String
    @Option(name: .long, help: "Who decides, as it is recorded.")
    var actor: String
    @Flag(name: .long, help: "Only show what would be left out, and what would be folded.")
    var dryRun = false

    func run() async throws {
        let projection = try ParkingDesk.projection(named: name)
        try Self.check(actor, reason)
        let answers = try await ParkingDesk.with(try await database.settings()) { desk in
            try await desk.skip(
                ParkingKey(text: key), of: projection, at: position.map { GlobalPosition($0) }, because: reason,
                by: actor,
                isDryRun: dryRun)
        }
        for each in answers {
            if answer.json { each.line() } else { each.show() }
        }
        guard answers.allSatisfy(\.isYes) else { throw AnsweredNo() }
    }

    /// What the rule refuses is refused here already, so that nobody waits for a refusal.
    private static func check(_ actor: String, _ reason: String) throws(Failure) {
        let help = "see `lockstep projections skip --help`"
        do throws(SkipDecider.Rejection) { try SkipDecider.check(reason: reason, actor: actor) } catch {
            throw Failure(.usage, describing: error.description, otherwise: help)
        }
        guard !reason.utf8.contains(0) else { throw Failure(.usage, "--reason must not hold a zero byte", hint: help) }
        let limit = AppendLimits.actorBytes
        guard actor.utf8.count <= limit, !actor.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw Failure(.usage, "--actor must have 1 to \(limit) bytes and no control characters", hint: help)
        }
    }
}
