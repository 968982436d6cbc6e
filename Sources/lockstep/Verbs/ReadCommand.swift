import ArgumentParser
import EventModel
import EventSourcing
import PostgresEventStore

/// `lockstep read`.
struct ReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Print events of the log, oldest first.",
        discussion: """
            On a terminal each event is a line for people; elsewhere, and with --json, it is one JSON object with the columns of \
            lockstep.event_log. "data" is what was appended, byte for byte, but for line breaks between values.

            Examples:
              lockstep read --limit 20
              lockstep read --stream workflow-refund --json
              lockstep read --since 2026-02-03T00:00:00Z --until 2026-02-03T23:59:59Z
              lockstep read --type workflow.revised --backwards --limit 5
              lockstep read --category order --from 1000 --to 2000 > orders.jsonl
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @OptionGroup(title: "Selection") var selection: FilterOptions

    @Option(
        name: .long, parsing: .unconditional, help: ArgumentHelp("The first position, from 1.", valueName: "position"))
    var from: Int64 = 1
    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("The last position. Default: the end of the log.", valueName: "position"))
    var to: Int64?
    @OptionGroup var times: TimeOptions
    @Option(name: .long, parsing: .unconditional, help: ArgumentHelp("The most events.", valueName: "count"))
    var limit: Int?
    @Flag(name: .long, help: "Newest first.")
    var backwards = false
    @OptionGroup var personal: PersonalDataOptions

    func validate() throws {
        guard from >= 1 else {
            throw ValidationError("--from is \(from) and must be 1 or more: positions count from 1.")
        }
        if let to, to < from { throw ValidationError("--to (\(to)) lies before --from (\(from)).") }
        if let limit, limit < 1 { throw ValidationError("--limit is \(limit) and must be 1 or more.") }
    }

    func run() async throws {
        let settings = try await database.settings()
        let filter = try selection.filter()
        let range = try times.range(from: from, through: to)
        try await Interruption.cancels {
            try await OpenLog.forReading(settings) { store in
                let printer = EventPrinter(asJSON: answer.json)
                let log = try personal.log(store, settings.sealing)
                var reading = EventReading(log, filter, from: range.from, through: range.through)
                if range.since != nil || range.until != nil {
                    let positions = try await range.positions(in: log, head: log.head().position)
                    guard positions.from <= positions.through else { return }
                    (reading.from, reading.through) = positions
                }
                reading.direction = backwards ? .backwards : .forwards
                reading.limit = limit ?? .max
                do { try await reading.forEach { try printer($0) } } catch is CancellationError {}
                try printer.flush()
            }
        }
    }
}
