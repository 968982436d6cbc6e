import ArgumentParser
import EventModel
import ReadModels

/// `lockstep projections list|status|parked|retry|skip`.
struct ProjectionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "projections",
        abstract: "Look at read models and other consumers, and mend what is parked.",
        discussion: """
            Examples:
              lockstep projections list
              lockstep projections status
              lockstep projections status --json || page-somebody
              lockstep projections parked
            """,
        subcommands: [
            ProjectionsListCommand.self, ProjectionsStatusCommand.self, ProjectionsParkedCommand.self,
            ProjectionsRetryCommand.self, ProjectionsSkipCommand.self,
        ])
}

/// `lockstep projections list`.
struct ProjectionsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Name the projections of this program.",
        discussion: """
            Example:
              lockstep projections list --json
            """)

    @OptionGroup var answer: AnswerOptions

    func run() throws {
        var table = Table([("PROJECTION", .left), ("VERSION", .right), ("VIEW", .left), ("EVENTS", .left)])
        for projection in ProjectionCatalogue.all {
            let (view, events) = ("lockstep_views.\(projection.name)", Self.interest(projection.interest))
            table.add([projection.name, "\(projection.version)", view, events])
            guard answer.json else { continue }
            Answers.object { object in
                object.member("projection", projection.name)
                object.member("version", projection.version)
                object.member("view", view)
                object.member("events", events)
            }
        }
        if !answer.json { table.print() }
    }

    private static func interest(_ interest: EventInterest) -> String {
        switch interest {
        case .all: "all"
        case .types(let types): types.map(\.rawValue).sorted().joined(separator: ", ")
        case .categories(let categories): categories.map { "\($0.rawValue).*" }.sorted().joined(separator: ", ")
        }
    }
}

/// `lockstep projections status`.
struct ProjectionsStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say how far every consumer is; status 1 when one is stalled or stopped.",
        discussion: """
            Health is judged from the log and the checkpoints, so it is true also when the worker is dead: ok, behind (work exists and is \
            being done), stalled (work exists and for too long nothing was done), stopped (somebody has to look; last_error says at what). A \
            projection with parked keys is ok as long as everything else flows, and says degraded with their number: the status is 0, because \
            restarting or taking it out of service mends nothing. Alert on parked_keys.

            Examples:
              lockstep projections status
              lockstep projections status --stall-seconds 10 --json
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("Patience with a consumer that does nothing while there is work.", valueName: "seconds"))
    var stallSeconds: Int?

    func validate() throws {
        if let stallSeconds, !ProjectionSettings.stallRange.contains(stallSeconds) {
            throw ValidationError(
                "--stall-seconds is \(stallSeconds) and must be 1 to \(ProjectionSettings.stallRange.upperBound).")
        }
    }

    func run() async throws {
        let source = try await database.source()
        let settings = try DatabaseSettings(source, url: database.database)
        let patience = Double(try stallSeconds ?? ProjectionSettings(source).stallSeconds)
        let all = try await OpenLog.connection(settings) { try await ConsumerStatusQuery.all(on: $0) }
        let judged = all.map { ($0, $0.health(patience: patience)) }
        if answer.json { ConsumerAnswer.lines(judged) } else { ConsumerAnswer.table(judged) }
        guard judged.allSatisfy({ $0.1.isYes }) else { throw AnsweredNo() }
    }
}
