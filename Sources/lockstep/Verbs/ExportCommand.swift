import ArgumentParser
import EventModel
import EventSourcing
import JourneyDomain
import WorkflowDomain

/// `lockstep export`.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a workflow or a journey of the log as a file.",
        discussion: """
            Examples:
              lockstep export workflow refund --out refund.json
              lockstep export workflow refund --format sim-yaml-1.0
              lockstep export workflow refund --original --out refund.json
              lockstep export journey refund --format mermaid
            """,
        subcommands: [ExportWorkflowCommand.self, ExportJourneyCommand.self])
}

/// What both exports take.
struct ExportOptions: ParsableArguments {
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Option(name: .long, help: "The tenant. Default: default.")
    var workspace: String?
    @Option(name: .long, help: ArgumentHelp("Where to write it. Default: standard output.", valueName: "file"))
    var out: String?
    @Flag(name: .long, help: "Write it although the format cannot hold everything, or values are sealed or erased.")
    var incomplete = false

    /// Runs `body` with the state of a stream, with the right to see personal data where there is a master key.
    func state<D: Decider & SendableMetatype>(
        of category: String, _ id: String, by decider: D.Type, _ body: @Sendable (D.State) throws -> Void
    ) async throws where D.Event: DomainEvent & SendableMetatype {
        try await reading(category, id) { log, workspace, stream in
            try body(try await JointHandler(log, workspace: workspace).state(of: stream, by: decider))
        }
    }

    /// Runs `body` with the log, opened where there is a master key, and the stream that is meant. Snapshots are written and checked behind it,
    /// when it has answered.
    func reading<R: Sendable>(
        _ category: String, _ id: String, _ body: @Sendable (SealedLog, Workspace, StreamName) async throws -> R
    ) async throws -> R {
        if let out { try OutputFile.require(out) }
        let settings = try await database.settings()
        let workspace = try Workspace(option: workspace)
        let stream: StreamName
        do throws(NameFlaw) {
            stream = try StreamName(category: Category(category), key: id)
        } catch {
            throw Failure(.usage, describing: error.description, otherwise: "check the id")
        }
        return try await OpenLog.forReading(settings) { store in
            // A log that is not there is said at once; one that fails in the middle is waited for.
            _ = try await store.head()
            let log = try SealedLog(store, settings.sealing)
            let result = try await body(log, workspace, stream)
            await log.snapshots?.settle()
            return result
        }
    }

    func write(_ document: ExportedDocument) throws {
        guard document.losses.isEmpty || incomplete else { throw document.refusal }
        if let out { try OutputFile.write(document.fileBytes, to: out) }
        if answer.json {
            StandardOutput.shared.write(document.json(out: out))
        } else if let out {
            StandardOutput.shared.write("written to \(Table.printable(out)): \(document.summary)")
        } else {
            StandardOutput.shared.write(exactly: document.fileBytes)
        }
        if !answer.json, let remark = document.remark { StandardError.write(Table.printable(remark)) }
        if !document.losses.isEmpty, !answer.json {
            StandardError.write(
                "\(Counted.of(document.lossCount, "place")) \(document.lossCount == 1 ? "is" : "are") not in the file; the first: \(Table.printable(document.losses[0]))"
            )
        }
    }
}

/// What both exports take to give out an imported file.
struct OriginalOptions: ParsableArguments {
    @Flag(
        name: .customLong("original"), help: "Write the file that was imported, byte for byte; needs the master key.")
    var isWanted = false
    @Option(
        name: .long,
        help: ArgumentHelp(
            "With --original: the revision that the file became. Default: the newest one from a file.", valueName: "n"))
    var revision: Int?

    func validate(hasFormat: Bool, with options: ExportOptions) throws {
        guard isWanted else {
            if revision != nil { throw ValidationError("--revision goes with --original") }
            return
        }
        if hasFormat { throw ValidationError("--original is as it was imported, so no --format goes with it") }
        if options.incomplete {
            throw ValidationError("--original is whole or not at all, so no --incomplete goes with it")
        }
        if let revision, revision < 1 { throw ValidationError("--revision counts from 1") }
    }

    func export<Event: OriginalTelling>(
        _ id: String, as event: Event.Type, with options: ExportOptions
    ) async throws {
        let file = try await options.reading(Event.category, id) { [revision] log, workspace, stream in
            try await OriginalReading<Event, SealedLog>(store: log, workspace: workspace)
                .file(of: stream, revision: revision)
        }
        try options.write(ExportedDocument(file, id: id))
    }
}

/// `lockstep export workflow ID`.
struct ExportWorkflowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workflow",
        abstract: "Write a workflow as a file, in any format of Sim's.",
        discussion: """
            Formats: sim-export-1.0 (default), sim-api-v2, sim-state, sim-state-wrapped, sim-state-legacy, sim-serialized, sim-yaml-1.0, \
            sim-yaml-fragment.
            A format that cannot hold everything is refused with what it would lose, unless --incomplete is given.

            --original writes the very bytes that were imported, byte for byte: those of the newest revision that came from a file, or of \
            --revision. Files are kept sealed under the workspace's key, so it needs the master key, and after an erasure nobody can have them.

            Examples:
              lockstep export workflow refund
              lockstep export workflow refund --format sim-serialized --out refund.json
              lockstep export workflow refund --original --out refund.json
              lockstep export workflow refund --original --revision 1
            """)

    /// What is written where nothing else is asked for.
    private static let defaultFormat = WorkflowFormat.export

    @OptionGroup var options: ExportOptions
    @Option(name: .long, help: "The format. Default: \(defaultFormat.rawValue).")
    var format: String?
    @OptionGroup var original: OriginalOptions
    @Argument(help: "The workflow's id.")
    var id: String

    func validate() throws { try original.validate(hasFormat: format != nil, with: options) }

    func run() async throws {
        guard original.isWanted else { return try await exportDefinition() }
        try await original.export(id, as: WorkflowEvent.self, with: options)
    }

    private func exportDefinition() async throws {
        let format = format ?? Self.defaultFormat.rawValue
        guard let format = WorkflowFormat(rawValue: format) else {
            throw Failure(
                .usage, "there is no format \"\(Table.printable(format))\"",
                hint: "choose one of \(WorkflowFormat.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        try await options.state(of: WorkflowEvent.category, id, by: WorkflowDecider.self) { [self] state in
            guard case .present(let workflow) = state else {
                throw Failure(.no, "the log holds no workflow \"\(Table.printable(id))\"", hint: "import it first")
            }
            try write(workflow, as: format)
        }
    }

    private func write(_ workflow: CurrentWorkflow, as format: WorkflowFormat) throws {
        let written: WrittenWorkflow
        do throws(WritingFlaw) {
            written = try workflow.definition.written(as: format, id: WorkflowID(id))
        } catch {
            throw Failure(.no, describing: error.description, otherwise: "choose another --format")
        }
        try options.write(ExportedDocument(written, of: workflow.definition, id: id))
    }
}

/// `lockstep export journey ID`.
struct ExportJourneyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journey",
        abstract: "Write a journey as a file.",
        discussion: """
            Formats: lockstep-journey (default), which holds everything; parlant-graph, the body that sets Parlant's graph; mermaid, what \
            Parlant itself would draw.

            --original writes the very bytes that were imported, byte for byte: those of the newest revision that came from a file, or of \
            --revision. Files are kept sealed under the workspace's key, so it needs the master key, and after an erasure nobody can have them.

            Examples:
              lockstep export journey refund --out refund-journey.json
              lockstep export journey refund --format mermaid
              lockstep export journey refund --original --out refund-journey.json
            """)

    /// What is written where nothing else is asked for.
    private static let defaultFormat = ExportedDocument.JourneyForm.journey

    @OptionGroup var options: ExportOptions
    @Option(name: .long, help: "The format. Default: \(defaultFormat.rawValue).")
    var format: ExportedDocument.JourneyForm?
    @OptionGroup var original: OriginalOptions
    @Argument(help: "The journey's id.")
    var id: String

    func validate() throws { try original.validate(hasFormat: format != nil, with: options) }

    func run() async throws {
        guard original.isWanted else { return try await exportDefinition() }
        try await original.export(id, as: JourneyEvent.self, with: options)
    }

    private func exportDefinition() async throws {
        try await options.state(of: JourneyEvent.category, id, by: JourneyDecider.self) { [self] state in
            guard case .defined(let standing) = state else {
                throw Failure(
                    .no, "the log holds no journey \"\(Table.printable(id))\"", hint: "import or convert it first")
            }
            try options.write(ExportedDocument(standing.content, as: format ?? Self.defaultFormat, id: id))
        }
    }
}
