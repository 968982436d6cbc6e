import ArgumentParser
import EventModel
import EventSourcing
import FoundationEssentials

/// `lockstep append`.
struct AppendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append",
        abstract: "Append an event, or a file of events.",
        discussion: """
            The expected version is the one your decision was made against: noStream, exists, any, or a number. When somebody else \
            was faster, nothing is stored, the answer is "conflict" with what is there, and the status is 1.

            A line of a file has the fields stream, expected, type and data, and may have metadata, event_id, workspace, actor, \
            correlation_id, causation_id, occurred_at and schema_version. "data" is stored byte for byte as it stands. Lines are answered \
            in order, one JSON object each; a bad line is refused and the others go on. Give every line an event_id: then the file can be \
            appended again after any interruption, and nothing is in the log twice.

            Examples:
              lockstep append --stream order-7 --expected noStream --type order.placed --data '{"total":12}'
              lockstep append --stream order-7 --expected 1 --type order.paid --data '{}' --actor ada --json
              lockstep append --file events.jsonl
              generate | lockstep append --file - > answers.jsonl
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @OptionGroup(title: "One event") var event: EventOptions

    @Option(name: .long, help: ArgumentHelp("JSON lines to append; - is standard input.", valueName: "file"))
    var file: String?

    func validate() throws {
        guard let file else { return try event.requireAll() }
        guard !file.isEmpty else { throw ValidationError("--file needs a name, or - for standard input.") }
        guard event.isEmpty else { throw ValidationError("--file and the options of one event exclude each other.") }
    }

    func run() async throws {
        let settings = try await database.settings()
        if let file {
            let reader = try LineReader(path: file)
            try await Interruption.cancels { try await Self.append(reader, to: settings, asJSON: answer.json) }
        } else {
            let line = try event.line()
            try await Interruption.cancels { try await Self.append(line, to: settings, asJSON: answer.json) }
        }
    }

    private static func append(_ line: AppendLine, to settings: DatabaseSettings, asJSON: Bool) async throws {
        let outcome = try await OpenLog.forAppending(settings) { store in try await RetryingAppend(store)(line.request)
        }
        let answer = AppendAnswer.outcome(outcome)
        if asJSON {
            StandardOutput.shared.write(answer.json)
        } else {
            StandardOutput.shared.write(answer.text(.output))
        }
        guard answer.isYes else { throw AnsweredNo() }
    }

    private static func append(_ reader: LineReader, to settings: DatabaseSettings, asJSON: Bool) async throws {
        // The answers to a file are for programs unless somebody looks.
        let isForPeople = !asJSON && StandardOutput.shared.isTerminal
        let isAllYes = try await OpenLog.forAppending(settings) { store in
            let appending = FileAppending(
                append: RetryingAppend(store), ids: IDSource(), time: SystemTimekeeper()
            ) { (answer) throws(BrokenPipe) in
                if isForPeople {
                    StandardOutput.shared.write(answer.text(.output))
                } else {
                    StandardOutput.shared.write(answer.json)
                }
                try StandardOutput.shared.flushOrStop()
            }
            return try await appending.run(reader)
        }
        guard isAllYes else { throw AnsweredNo() }
    }
}

/// The options that describe one event.
struct EventOptions: ParsableArguments {
    @Option(name: .long, help: "The stream, <category>-<key>.")
    var stream: String?
    @Option(
        name: .long, parsing: .unconditional, help: "noStream, exists, any, or the version that the stream must have.")
    var expected: String?
    @Option(name: .long, help: "What happened, <category>.<past_tense>.")
    var type: String?
    @Option(name: .long, parsing: .unconditional, help: "The payload, JSON.")
    var data: String?
    @Option(name: .long, help: "What travels beside the payload, a JSON object.")
    var metadata: String?
    @Option(
        name: .long,
        help: ArgumentHelp("The event's id; the same id again is a repeat, not a second event.", valueName: "uuid"))
    var id: String?
    @Option(name: .long, help: "The tenant. Default: default.")
    var workspace: String?
    @Option(name: .long, help: "Who did it.")
    var actor: String?
    @Option(name: .long, help: ArgumentHelp("The conversation it belongs to.", valueName: "uuid"))
    var correlation: String?
    @Option(name: .long, help: ArgumentHelp("The message that directly caused it.", valueName: "uuid"))
    var causation: String?
    @Option(name: .long, help: ArgumentHelp("When it happened, RFC 3339. Default: now.", valueName: "time"))
    var occurredAt: String?
    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("The version of the payload's schema. Default: 1.", valueName: "n"))
    var schemaVersion: Int?

    /// Whether no option was given.
    var isEmpty: Bool {
        [stream, expected, type, data, metadata, id, workspace, actor, correlation, causation, occurredAt].allSatisfy {
            $0 == nil
        }
            && schemaVersion == nil
    }

    func requireAll() throws {
        for (name, value) in [("stream", stream), ("expected", expected), ("type", type), ("data", data)]
        where value == nil {
            throw ValidationError("--\(name) is missing. Give --stream, --expected, --type and --data, or --file.")
        }
    }

    /// The append.
    ///
    /// - Throws: ``Failure`` when a value cannot be used.
    func line() throws(Failure) -> AppendLine {
        let fields = AppendFields(
            stream: stream, expected: expected, type: type, data: data.map { Array($0.utf8) },
            metadata: metadata.map { Array($0.utf8) }, id: id, workspace: workspace, actor: actor,
            correlation: correlation,
            causation: causation, occurredAt: occurredAt, schemaVersion: schemaVersion)
        do throws(LineFlaw) {
            return try fields.line(at: SystemTimekeeper().now(), newID: IDSource().next)
        } catch {
            throw Failure(.usage, error.description, hint: "see `lockstep append --help`")
        }
    }
}
