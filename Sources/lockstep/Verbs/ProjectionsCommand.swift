import ArgumentParser
import EventModel
import Operations
import ReadModels

/// `lockstep projections list|status|verify|parked|retry|skip|rebuild|diff|activate|rollback`.
struct ProjectionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "projections",
        abstract: "Look at read models and other consumers, mend what is parked, and make read models anew.",
        discussion: """
            Examples:
              lockstep projections list
              lockstep projections status
              lockstep projections status --json || page-somebody
              lockstep projections verify --completeness
              lockstep projections parked
              lockstep projections rebuild executions --activate
              lockstep projections rollback executions
            """,
        subcommands: [
            ProjectionsListCommand.self, ProjectionsStatusCommand.self, ProjectionsParkedCommand.self,
            ProjectionsRetryCommand.self, ProjectionsSkipCommand.self, ProjectionsRebuildCommand.self,
            ProjectionsDiffCommand.self, ProjectionsActivateCommand.self, ProjectionsRollbackCommand.self,
            ProjectionsVerifyCommand.self,
        ])
}

/// `lockstep projections list`.
struct ProjectionsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Say what the read models of this program show, and what a reader may count on.",
        discussion: """
            Name, version, what a row says, key, columns and the events it needs. Asks no database. With --json also the meaning of every \
            column and the fingerprint of the fold: two programs with the same fingerprint write the same rows.

            Examples:
              lockstep projections list
              lockstep projections list --json
            """)

    @OptionGroup var answer: AnswerOptions

    func run() throws {
        guard answer.json else { return ProjectionAnswer.table(ProjectionCatalogue.all) }
        for projection in ProjectionCatalogue.all { ProjectionAnswer(projection: projection).line() }
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

            With --wait-for it first waits until read models show everything up to a position, for instance the one that `append` answered: who \
            has written reads what was written. Status 1 when that does not come to pass in time.

            Examples:
              lockstep projections status
              lockstep projections status --stall-seconds 10 --json
              lockstep projections status --wait-for 4711 --projection executions --timeout 5
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("Patience with a consumer that does nothing while there is work.", valueName: "seconds"))
    var stallSeconds: Int?
    @OptionGroup(title: "Waiting") var waiting: WaitOptions

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
        let unmet = try await waiting.wait(settings)
        let (all, standings) = try await OpenLog.connection(settings) { connection in
            (try await ConsumerStatusQuery.all(on: connection), try await ReadModelStanding.all(on: connection))
        }
        let judged = all.map { ($0, $0.health(patience: patience)) }
        if answer.json {
            ConsumerAnswer.lines(judged)
        } else {
            ConsumerAnswer.table(judged)
            ReadModelStanding.advise(standings)
        }
        if let unmet { throw unmet }
        guard judged.allSatisfy({ $0.1.isYes }) else { throw AnsweredNo() }
    }
}
