import ArgumentParser
import EventModel
import EventSourcing

/// `lockstep tail`.
struct TailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Print the newest events, and follow.",
        discussion: """
            Following ends with Ctrl-C, and leaves out nothing and repeats nothing: it survives a database that is away for a while.

            Examples:
              lockstep tail                                  # the last 10 events
              lockstep tail --follow                         # … and whatever comes
              lockstep tail --follow --from-end --category workflow
              lockstep tail --follow --from 1 --json | consumer
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @OptionGroup(title: "Selection") var selection: FilterOptions

    @Flag(name: .shortAndLong, help: "Go on with every new event until Ctrl-C.")
    var follow = false
    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("Begin at this position instead of the last events.", valueName: "position"))
    var from: Int64?
    @Flag(name: .long, help: "Begin behind the newest event.")
    var fromEnd = false
    @Option(
        name: [.customShort("n"), .long], parsing: .unconditional,
        help: ArgumentHelp("How many of the last events.", valueName: "count"))
    var lines = 10
    @OptionGroup var personal: PersonalDataOptions

    func validate() throws {
        if let from, from < 1 {
            throw ValidationError("--from is \(from) and must be 1 or more: positions count from 1.")
        }
        guard from == nil || !fromEnd else { throw ValidationError("--from and --from-end exclude each other.") }
        guard (0...10_000).contains(lines) else { throw ValidationError("--lines is \(lines) and must be 0 to 10000.") }
    }

    func run() async throws {
        let settings = try await database.settings()
        let filter = try selection.filter()
        try await Interruption.cancels {
            try await OpenLog.forReading(settings) { store in
                let tail = Tail(
                    store: store, log: try personal.log(store, settings.sealing), filter: filter,
                    printer: EventPrinter(asJSON: answer.json))
                do {
                    let end = try await tail.begin(start)
                    if follow { try await tail.follow(after: end) }
                } catch is CancellationError {
                } catch StoreError.cancelled {
                }
                try tail.printer.flush()
            }
        }
    }

    private var start: Tail.Start {
        if let from { return .position(GlobalPosition(from)) }
        return fromEnd ? .end : .last(lines)
    }
}
