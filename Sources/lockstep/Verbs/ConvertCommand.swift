import ArgumentParser
import Converting
import EventModel

/// `lockstep convert`.
struct ConvertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Turn a workflow into a journey, or the reverse; nothing is lost on the way.",
        discussion: """
            What the other side has no form for is kept beside it and comes back on the way back. Where a database is named, the file is \
            imported, and result, mapping and report are stored with it, all or nothing; converting the same content again changes nothing. \
            Of a refused conversion only the refusal is stored: --history shows it, and conversions that are under way. \
            A file may have 5000 blocks; the journey that is stored, and the mapping, may have 983040 bytes each, which some 1300 agents with \
            short prompts take. `lockstep validate` tells beforehand.

            Examples:
              lockstep convert workflow refund.json
              lockstep convert workflow refund.json --to mermaid
              lockstep convert journey refund-journey.json --out refund.json
              lockstep convert --history refund
            """,
        subcommands: [ConvertWorkflowCommand.self, ConvertJourneyCommand.self])

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @OptionGroup var tenant: TenantOptions
    @Option(name: .long, help: ArgumentHelp("Show the conversions of a workflow or journey.", valueName: "id"))
    var history: String?

    func run() async throws {
        guard let id = history else {
            throw Failure(
                .usage, "it is not said what to convert", hint: "see `lockstep convert --help` for examples")
        }
        let settings = try await database.settings()
        let workspace = try Workspace(option: tenant.workspace)
        let runs = try await OpenLog.forReading(settings) { store in
            _ = try await store.head()
            return try await ConversionService(store, workspace: workspace).history(of: id)
        }
        ConversionHistory(id: id, runs: runs).show(asJSON: answer.json)
        guard !runs.isEmpty else { throw AnsweredNo() }
    }
}

/// Whose streams they are. A verb and its subcommands share these options, so that they mean the same wherever they stand.
struct TenantOptions: ParsableArguments {
    @Option(name: .long, help: "The tenant. Default: default.")
    var workspace: String?
}

/// What both ways take.
struct ConversionOptions: ParsableArguments {
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions

    @OptionGroup var tenant: TenantOptions
    @Option(name: .long, help: "The id of what is converted, instead of the file's own.")
    var id: String?
    @Option(name: .long, help: "Who converts, as it is recorded.")
    var actor: String?
    @Option(name: .long, help: "Write the result as a document: json, or mermaid, which draws the journey.")
    var to: ConversionDocument.Form?
    @Option(
        name: .long, help: ArgumentHelp("Where to write the document. Default: standard output.", valueName: "file"))
    var out: String?
    @Flag(name: .long, help: "Convert and store nothing; needs no database.")
    var dryRun = false
    @Flag(name: .long, help: "Convert although validation finds errors.")
    var tolerateErrors = false
    @Flag(
        name: .long,
        help: ArgumentHelp(
            "Replace a result that was changed on its own side since the last conversion, or what was changed since the file was exported."
        ))
    var replaceChanges = false

    /// Where it is stored; `nil` when it is not.
    func settings() async throws(Failure) -> DatabaseSettings? {
        let source = try await database.source()
        guard !dryRun, database.database != nil || source.text("database.url", isSecret: true) != nil else {
            return nil
        }
        return try DatabaseSettings(source, url: database.database)
    }

    /// Whose streams they are.
    var workspace: String? { tenant.workspace }
}

/// `lockstep convert workflow FILE`.
struct ConvertWorkflowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workflow",
        abstract: "Turn a workflow of Sim into a journey for Parlant.",
        discussion: """
            Status 1 when validation finds errors, when the journey was changed on its own side since the last conversion, or when the file is \
            older than a change that came from there.

            Examples:
              lockstep convert workflow refund.json
              lockstep convert workflow refund.json --to json --out refund-journey.json
              lockstep convert workflow refund.json --to mermaid --dry-run
            """)

    @OptionGroup var options: ConversionOptions
    @Argument(
        help: ArgumentHelp(
            "A workflow in any format of Sim's, or a ZIP of them; - is standard input.", valueName: "file"))
    var file: String

    func run() async throws {
        try await FileConversion(options: options).workflows(file)
    }
}

/// `lockstep convert journey FILE`.
struct ConvertJourneyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journey",
        abstract: "Turn a journey into a workflow of Sim.",
        discussion: """
            A journey that came from a workflow gives that workflow back, with whatever was edited since. Status 1 when validation finds \
            errors, when the workflow was changed on its own side since the last conversion, or when the journey was changed since the file \
            was exported.

            Examples:
              lockstep convert journey refund-journey.json --out refund.json
              lockstep convert journey graph.json --to mermaid --dry-run
            """)

    @OptionGroup var options: ConversionOptions
    @Argument(
        help: ArgumentHelp("A journey, or Parlant's answer with its graph; - is standard input.", valueName: "file"))
    var file: String

    func run() async throws {
        try await FileConversion(options: options).journey(file)
    }
}
