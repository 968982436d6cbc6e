import ArgumentParser
import EventModel
import EventSourcing
import JourneyDomain
import ParlantConnector

/// `lockstep parlant`.
struct ParlantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parlant",
        abstract: "Bring journeys to a Parlant server; see and set where its conversations stand.",
        discussion: """
            The server must have the module in ops/parlant loaded. `lockstep serve` follows its conversations into the log when \
            LOCKSTEP_PARLANT_URL names it.

            Examples:
              lockstep parlant status --parlant http://127.0.0.1:8800
              lockstep parlant push refund --dry-run
              lockstep parlant bind Ag2PYqEnIC run-42
              lockstep parlant state Ag2PYqEnIC
            """,
        subcommands: [
            ParlantStatusCommand.self, ParlantPushCommand.self, ParlantBindCommand.self, ParlantStateCommand.self,
        ])
}

/// Where the Parlant server is.
struct ParlantOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("http://host:port of the server. Default: LOCKSTEP_PARLANT_URL.", valueName: "url"))
    var parlant: String?

    func settings(_ source: SettingsSource) throws(Failure) -> ParlantServerSettings {
        try ParlantServerSettings(source, url: parlant)
    }
}

/// `lockstep parlant status`.
struct ParlantStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what runs there, how far its conversations are taken in, and how its journeys stand to ours.",
        discussion: """
            Journeys are in step, behind (there is a newer revision here), changed there (since they were pushed), missing (after a restart, \
            for instance), or only there. Status 1 when one that was pushed is not in step.

            Examples:
              lockstep parlant status
              lockstep parlant status --json
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var parlant: ParlantOptions
    @OptionGroup var answer: AnswerOptions
    @Option(name: .long, help: "The tenant. Default: default.")
    var workspace: String?

    func run() async throws {
        let source = try await database.source()
        let settings = try DatabaseSettings(source, url: database.database)
        let parlant = try parlant.settings(source)
        let workspace = try Workspace(option: workspace)
        let standing = try await ParlantStanding.read(parlant, settings)
        let journeys = try await OpenLog.forReading(settings) { store in
            try await JourneyStandingThere.all(
                standing.journeys, at: parlant.name, in: try SealedLog(store, settings.sealing), workspace)
        }
        let status = StatusAnswer(server: parlant.name, standing: standing, journeys: journeys)
        if answer.json { StandardOutput.shared.write(status.json) } else { status.print() }
        guard journeys.allSatisfy({ $0.state == .inStep || $0.state == .onlyThere }) else { throw AnsweredNo() }
    }
}

/// `lockstep parlant push ID`.
struct ParlantPushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Create or update a journey there with its whole graph, at once or not at all.",
        discussion: """
            Takes the id of a journey of the log, or of a workflow that was converted to one. What was changed there since the last push is not \
            overwritten unasked. Pushing again changes nothing. Status 1 when it was not done.

            Examples:
              lockstep parlant push refund --dry-run
              lockstep parlant push refund
              lockstep parlant push refund --overwrite
              lockstep parlant push refund --recreate
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var parlant: ParlantOptions
    @OptionGroup var answer: AnswerOptions
    @Option(name: .long, help: "The tenant. Default: default.")
    var workspace: String?
    @Option(name: .long, help: "Who pushes, as it is recorded.")
    var actor: String?
    @Flag(name: .long, help: "Show what would change, and change nothing.")
    var dryRun = false
    @Flag(name: .long, help: "Replace what was changed there, or another journey of this id.")
    var overwrite = false
    @Flag(name: .long, help: "Delete and create it when fields differ that can only be set at creation.")
    var recreate = false
    @Argument(help: ArgumentHelp("The id of a journey or of a workflow.", valueName: "id"))
    var id: String

    func run() async throws {
        let source = try await database.source()
        let settings = try DatabaseSettings(source, url: database.database)
        let parlant = try parlant.settings(source)
        let workspace = try Workspace(option: workspace)
        let outcome = try await OpenLog.forAppending(settings) { [actor, id, overwrite, recreate, dryRun] log in
            try await parlant.connected { connector in
                try await JourneyPushing(
                    connector: connector, server: parlant.name, log: log, workspace: workspace, actor: actor
                ).push(
                    id, PushPlan.Permissions(overwrites: overwrite, recreates: recreate), isDryRun: dryRun)
            }
        }
        let push = PushAnswer(push: outcome)
        if answer.json { StandardOutput.shared.write(push.json) } else { push.print() }
        guard let failure = push.failure else { return }
        if answer.json { throw AnsweredNo() }
        throw failure
    }
}

/// `lockstep parlant bind SESSION EXECUTION`.
struct ParlantBindCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bind",
        abstract: "Let a session walk for an execution, for good.",
        discussion: """
            The binding is kept with the session and comes into the log with it. Status 1 when the session belongs to another execution.

            Examples:
              lockstep parlant bind Ag2PYqEnIC run-42
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var parlant: ParlantOptions
    @OptionGroup var answer: AnswerOptions
    @Argument(help: "The session's id.")
    var session: String
    @Argument(help: "The execution's id.")
    var execution: String

    func run() async throws {
        let parlant = try parlant.settings(try await database.source())
        let state = try await parlant.connected { [session, execution] in
            try await $0.bind(session, to: execution)
        }
        let found = SessionAnswer(state: state)
        if answer.json { StandardOutput.shared.write(found.json) } else { found.print() }
    }
}

/// `lockstep parlant state SESSION`.
struct ParlantStateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "Show where a session stands in its journeys, or set it.",
        discussion: """
            Setting adds the state to the session's path in the journey; the engine goes on from there in its next turn. A session that \
            moves meanwhile, or whose turn is under way, is left alone, with status 1.

            Examples:
              lockstep parlant state Ag2PYqEnIC
              lockstep parlant state Ag2PYqEnIC --set refund.approve --journey refund
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var parlant: ParlantOptions
    @OptionGroup var answer: AnswerOptions
    @Option(name: .long, help: ArgumentHelp("The state to set.", valueName: "state"))
    var set: String?
    @Option(name: .long, help: ArgumentHelp("The state's journey. Default: the one it is in.", valueName: "id"))
    var journey: String?
    @Argument(help: "The session's id.")
    var session: String

    func run() async throws {
        let parlant = try parlant.settings(try await database.source())
        let state = try await parlant.connected { connector in
            let state = try await connector.state(of: session, settling: .seconds(5))
            guard let set else { return state }
            let move = try SessionMove(to: set, in: journey, from: state)
            return try await connector.force(session, paths: [move.journey: move.path], ifAt: state.place)
        }
        let found = SessionAnswer(state: state)
        if answer.json { StandardOutput.shared.write(found.json) } else { found.print() }
    }
}
