import ArgumentParser
import EventModel
import EventSourcing
import Ingest
import PostgresEventStore

/// `lockstep ingest`.
struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Take in what happened: executions of workflows, conversations, and whole workflows.",
        discussion: """
            What is written to Kafka is taken in by `lockstep serve --roles ingest`; this takes in files, and looks after what was refused.

            Examples:
              lockstep ingest events.ndjson
              exporter | lockstep ingest - --workspace acme --json
              lockstep ingest rejections                # what was refused, and why
              lockstep ingest retry --all               # after the cause was mended
            """,
        subcommands: [IngestFileCommand.self, IngestRejectionsCommand.self, IngestRetryCommand.self],
        defaultSubcommand: IngestFileCommand.self)
}

/// `lockstep ingest file`, which is what `ingest` alone does.
struct IngestFileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "file",
        abstract: "Take in the payloads of a file (the default).",
        discussion: """
            A file is a JSON array, or one JSON value per line, or JSON values one after the other. What each is, is told by its structure: \
            execution events, runs, logs and results of Sim, sessions and events of Parlant, the neutral forms for other engines, and whole \
            workflows; see Schemas/ingest. What is in the log already is recognised, so ingesting again is safe, and goes on where it was \
            interrupted. What is refused is kept with its reason, the rest goes on, and the status is 1.

            Examples:
              lockstep ingest events.ndjson
              exporter | lockstep ingest - --workspace acme --json
              lockstep ingest log.json --dry-run
              lockstep ingest events.ndjson --rejected refused.ndjson
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions

    @Option(name: .long, help: "The tenant. Default: default.")
    var workspace: String?
    @Option(name: .long, help: "Who says it, as it is recorded.")
    var actor: String?
    @Flag(name: .long, help: "Read and decide, and append nothing.")
    var dryRun = false
    @Option(
        name: .long, help: ArgumentHelp("Keep what is refused here, a line each with its reason.", valueName: "file"))
    var rejected: String?
    @Argument(help: ArgumentHelp("A file of JSON, or - for standard input.", valueName: "file"))
    var file: String

    func run() async throws {
        let settings = try await database.settings()
        let workspace = try readWorkspace()
        try checkActor()
        let kept = try RejectedPayloads(path: rejected, asJSON: answer.json)
        let isYes = try await Interruption.cancels {
            try await OpenLog.forAppendingRaw(settings) { store in
                let log = try SealedLog(store, settings.sealing)
                guard dryRun else {
                    let desk = InboundDesk(into: log, workspace: workspace, remembering: store)
                    let isYes = show(try await ingesting(desk, store, kept).run(file))
                    await log.snapshots?.settle()
                    return isYes
                }
                let ledger = RehearsalLedger(ledger: store)
                let desk = InboundDesk(into: RehearsalStore(store: log), workspace: workspace, remembering: ledger)
                return show(try await ingesting(desk, ledger, kept).run(file))
            }
        }
        guard isYes else { throw AnsweredNo() }
    }

    /// - Returns: whether everything was taken in.
    private func show(_ result: IngestCounts) -> Bool {
        let given = IngestAnswer(file: file, counts: result, isDryRun: dryRun)
        if answer.json {
            StandardOutput.shared.write(given.json)
        } else {
            given.print(Style(isColoured: StandardOutput.shared.isTerminal))
        }
        if result.all.payloads == 0 {
            StandardError.write("\(Table.printable(file)) holds no payload; nothing was taken in")
        }
        return given.isYes
    }

    private func ingesting<Ledger: InboundLedger>(
        _ desk: InboundDesk<Ledger>, _ ledger: Ledger, _ rejected: RejectedPayloads
    ) -> FileIngesting<Ledger> {
        FileIngesting(
            desk: desk, ledger: ledger, actor: actor, isDryRun: dryRun, rejected: rejected,
            progress: IngestProgress(isShown: !answer.json), time: SystemTimekeeper())
    }

    private func readWorkspace() throws(Failure) -> Workspace {
        guard let workspace else { return .default }
        do throws(NameFlaw) { return try Workspace(workspace) } catch {
            throw Failure(.usage, error.description, hint: "see `lockstep ingest --help`")
        }
    }

    /// Every event would be refused otherwise.
    private func checkActor() throws(Failure) {
        guard let actor else { return }
        guard (1...AppendLimits.actorBytes).contains(actor.utf8.count),
            !actor.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f })
        else {
            throw Failure(
                .usage, "--actor must have 1 to \(AppendLimits.actorBytes) bytes and no control characters",
                hint: "see `lockstep ingest --help`")
        }
    }
}
