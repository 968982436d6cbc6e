import ArgumentParser
import EventModel
import EventSourcing
import KafkaPublishing
import PostgresEventStore
import PostgresReadModels
import ReadModels
import Replaying

/// `lockstep replay`.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Hand events of the log out once more: to standard output, a file, a topic or a view of their own.",
        discussion: """
            Nothing is appended to the log, no live topic or view is written to, and no effect is fired. The events up to the end of the log, as \
            it is when the replay begins, are handed out in log order. Ctrl-C ends it behind a whole event and says how to go on; whoever is \
            killed leaves a file, topic or view that --resume goes on with, so that it becomes what it would have been.

            stdout  one JSON object for each event, as `lockstep read --json` prints it
            file    the same in a file; one that exists is refused without --resume
            kafka   records as the publisher makes them, in a topic of their own whose partitions chain their own records
            view    a read model as of the last position, as lockstep_scratch.<name>; without --name it is called as the projection

            Status: 0 everything was replayed, 1 interrupted or refused, 2 not understood, 3 no database or no broker.

            Examples:
              lockstep replay --to stdout --stream order-7
              lockstep replay --to file --out march.jsonl --since 2026-03-01T00:00:00Z --until 2026-03-31T23:59:59Z
              lockstep replay --to file --out march.jsonl --since 2026-03-01T00:00:00Z --until 2026-03-31T23:59:59Z --resume
              lockstep replay --to kafka --topic staging.replay --category workflow_execution --speed x10
              lockstep replay --to view --projection executions --to-position 4711 --name executions_then
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Option(name: .long, help: "Where to.")
    var to: ReplayPlace
    @Option(name: .long, help: ArgumentHelp("The file, for --to file.", valueName: "file"))
    var out: String?
    @Option(
        name: .long,
        help: ArgumentHelp("The topic, for --to kafka: a new one, or one of an earlier run.", valueName: "name"))
    var topic: String?
    @Option(name: .long, help: ArgumentHelp("The projection, for --to view.", valueName: "name"))
    var projection: String?
    @Option(name: .long, help: ArgumentHelp("The view is lockstep_scratch.<name>.", valueName: "name"))
    var name: String?
    @Flag(name: .long, help: "Go on behind what an earlier run of the same selection has left.")
    var resume = false
    @Flag(name: .long, help: "Make a scratch view anew that is there already.")
    var replace = false

    @OptionGroup(title: "Selection") var selection: FilterOptions
    @Option(
        name: [.long, .customLong("from-position")], parsing: .unconditional,
        help: ArgumentHelp("The first position, from 1.", valueName: "position"))
    var from: Int64 = 1
    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("The last position. Default: the end of the log.", valueName: "position"))
    var toPosition: Int64?
    @OptionGroup var times: TimeOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "max, realtime (as the events were recorded), or x10 (ten times as fast).", valueName: "speed"))
    var speed = ReplaySpeed.max
    @Option(name: .long, help: ArgumentHelp("The longest wait between two events, with --speed.", valueName: "seconds"))
    var maxWait = Int(ReplayPace.longestWait.components.seconds)

    @OptionGroup(title: "Broker") var kafka: KafkaOptions
    @OptionGroup var personal: PersonalDataOptions

    func validate() throws {
        guard from >= 1 else {
            throw ValidationError("--from is \(from) and must be 1 or more: positions count from 1.")
        }
        if let toPosition, toPosition < from {
            throw ValidationError("--to-position (\(toPosition)) lies before --from (\(from)).")
        }
        guard (1...604_800).contains(maxWait) else {
            throw ValidationError("--max-wait is \(maxWait) and must be 1 to 604800 seconds.")
        }
        for (option, value) in [("--out", out), ("--topic", topic), ("--projection", projection)] {
            guard (value != nil) == (option == to.option) else {
                throw ValidationError(
                    value == nil
                        ? "--to \(to.rawValue) needs \(option)." : "\(option) does not go with --to \(to.rawValue).")
            }
        }
        if name != nil || replace, to != .view { throw ValidationError("--name and --replace go with --to view.") }
        if resume, to == .stdout { throw ValidationError("--resume does not go with --to stdout; use --from.") }
        if resume, replace { throw ValidationError("--resume and --replace exclude each other.") }
        if personal.plain, to == .kafka || to == .view {
            throw ValidationError(
                "--plain goes with --to stdout and file: personal data stays sealed in topics and views.")
        }
    }

    func run() async throws {
        let source = try await database.source()
        let settings = try DatabaseSettings(source, url: database.database)
        let verb = ReplayVerb(
            settings: ReplaySettings(
                filter: try selection.filter(), range: try times.range(from: from, through: toPosition),
                pace: ReplayPace(speed.speed, longestWait: .seconds(maxWait))),
            isResuming: resume, isForPrograms: answer.json)
        let run = try body(verb, settings, source)
        let result = try await Interruption.cancels {
            try await OpenLog.forReading(settings) { store in try await run(store) }
        }
        result.print(asJSON: answer.json)
        guard result.progress.isComplete else { throw result.continuation }
    }

    /// What is run with the log; names are checked before anything is opened.
    private func body(
        _ verb: ReplayVerb, _ settings: DatabaseSettings, _ source: SettingsSource
    ) throws -> @Sendable (PostgresEventStore) async throws -> ReplayAnswer {
        switch to {
        case .stdout:
            return { [personal] in try await verb.toOutput(try personal.log($0, settings.sealing)) }
        case .file:
            let path = out ?? ""
            return { [personal] in try await verb.toFile(path, try personal.log($0, settings.sealing)) }
        case .kafka:
            let name = try ReplayTopicName(topic ?? "")
            let broker = try kafka.settings(source)
            return { try await verb.toTopic(name, broker, $0) }
        case .view:
            let projection = try RebuildVerb.projection(
                named: projection ?? "", lanes: KafkaSettings.lanes(source))
            let name = try ScratchName(name ?? projection.name)
            return { [replace] in try await verb.toView(name, of: projection, replacing: replace, settings, $0) }
        }
    }
}
