import ArgumentParser
import EventModel
import EventSourcing
import Ingest
import PostgresEventStore

/// `lockstep import workflow`.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import files of workflows and journeys.",
        discussion: """
            Examples:
              lockstep import workflow refund.json
              lockstep import workflow exports/ --workspace acme --json
              lockstep import journey refund-journey.json
            """,
        subcommands: [ImportWorkflowCommand.self, ImportJourneyCommand.self])
}

/// What both imports take.
struct ImportOptions: ParsableArguments {
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions

    @Option(name: .long, help: "The tenant. Default: default.")
    var workspace: String?
    @Option(name: .long, help: "The id of what is imported, instead of the file's own; for one file.")
    var id: String?
    @Option(name: .long, help: "Who imports, as it is recorded.")
    var actor: String?

    /// Imports `files`, and the files of directories among them.
    ///
    /// - Parameter importing: imports files by their paths, and says whether all of them are in the log now.
    func run(
        _ files: [String], importing: @escaping @Sendable (SealedLog, Workspace, [String]) async throws -> Bool
    ) async throws {
        let settings = try await database.settings()
        let workspace = try Workspace(option: workspace)
        let paths = WorkflowFiles.expand(files)
        guard paths.count(where: { $0 == "-" }) < 2 else {
            throw Failure(.usage, "standard input can be read once only", hint: "name - once")
        }
        guard id == nil || paths.count == 1 else {
            throw Failure(
                .usage, "--id goes with one file, and \(paths.count) are named", hint: "import them one by one")
        }
        try await Interruption.cancels {
            let isAllYes = try await OpenLog.forAppending(settings) { store in
                try await importing(store, workspace, paths)
            }
            guard isAllYes else { throw AnsweredNo() }
        }
    }
}

/// `lockstep import workflow FILE…`.
struct ImportWorkflowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workflow",
        abstract: "Import workflow files of Sim, in any of its formats.",
        discussion: """
            A workflow that the log holds already as it is in the file is left alone, so importing again is safe. A file that cannot be \
            imported is refused with every problem in it, and so is one that would be the same workflow as another file of the same import; \
            the others go on, and the status is 1.

            Examples:
              lockstep import workflow refund.json
              lockstep import workflow exports/ more/triage.yaml
              lockstep import workflow draft.json --id refund --workspace acme --json
            """)

    @OptionGroup var options: ImportOptions

    @Argument(
        help: ArgumentHelp(
            "Files, directories of *.json, *.yaml, *.yml and *.zip, and - for standard input.", valueName: "file"))
    var files: [String]

    func run() async throws {
        try await options.run(files) { store, workspace, paths in
            let importer = WorkflowImporter(into: store, workspace: workspace, actor: options.actor)
            return try await FileImporting(importer: importer, chosenID: options.id, asJSON: options.answer.json)
                .run(paths)
        }
    }
}

/// `lockstep import journey FILE…`.
struct ImportJourneyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journey",
        abstract: "Import journeys: files of Lockstep's own form, or Parlant's answers with their graphs.",
        discussion: """
            A journey that the log holds already as it is in the file is left alone. A file that cannot be imported is refused with every \
            problem in it, and so is one that would be the same journey as another file of the same import; the others go on, and the status is 1.

            Examples:
              lockstep import journey refund-journey.json
              lockstep import journey graph.json --id refund --json
            """)

    @OptionGroup var options: ImportOptions

    @Argument(help: ArgumentHelp("Files, directories of *.json, and - for standard input.", valueName: "file"))
    var files: [String]

    func run() async throws {
        try await options.run(files) { store, workspace, paths in
            let importer = JourneyImporter(into: store, workspace: workspace, actor: options.actor)
            return try await JourneyFileImporting(
                importer: importer, chosenID: options.id, asJSON: options.answer.json
            ).run(paths)
        }
    }
}
