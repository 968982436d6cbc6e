import ArgumentParser
import EventModel
import Reconciler
import Reconciliation

/// `lockstep reconcile resolve`.
struct ReconcileResolveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve", abstract: "Settle a conflict that waits for a person.",
        discussion: """
            Refused, with status 1, when the sides have moved on since the conflict was shown, or when a side cannot be told what is to stand. \
            --value is JSON, or where the field holds words, as status and steps do, one of those: completed, cancelled. \
            Without EXECUTION it is found by the read model divergences; with --wait-for it first waits until that shows everything up to a position.

            Examples:
              lockstep reconcile resolve run-17 0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e01 --take journey --actor ada
              lockstep reconcile resolve run-17 0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e01 --value '"a@example.org"'
              lockstep reconcile resolve run-17 0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e01 --value completed
              lockstep reconcile resolve 0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e01 --accept
            """)

    @OptionGroup var options: ReconcilingOptions
    @Argument(
        help: ArgumentHelp(
            "The execution, which may be left out, and the conflict, as `lockstep reconcile status` names it.",
            valueName: "execution-and-conflict"))
    var words: [String]
    @Option(name: .long, help: "Whose word stands: workflow or journey.")
    var take: String?
    @Option(name: .long, help: "Another value that stands: JSON, or a word where the field holds words.")
    var value: String?
    @Flag(name: .long, help: "The difference stays.")
    var accept = false
    @OptionGroup(title: "Waiting") var waiting: WaitOptions

    func validate() throws {
        guard (1...2).contains(words.count) else { throw ValidationError("Name the execution, then the conflict.") }
        guard [take != nil, value != nil, accept].count(where: { $0 }) == 1 else {
            throw ValidationError("Give one of --take, --value and --accept.")
        }
    }

    func run() async throws {
        let (named, id) = try options.named(words, "conflict", toldBy: "status")
        let given = try value.map { text throws(Failure) in try GivenValue(text) }
        let (choice, tenant) = (try choice(), try options.tenant())
        try await options.wait(waiting)
        let report = try await options.room(decides: true) { room in
            let key = if let named { named } else { try await room.execution(of: id, in: tenant) }
            guard let given else { return try await room.desk.settle(id, of: key, choice) }
            // Which field it is about says what the value is. A conflict's field never changes.
            let waiting = try await room.desk.preview(key).ledger.queue.values.first { $0.id == id }
            guard let path = waiting?.finding.path else { throw DeskFault.rejected(.unknownConflict(id)) }
            return try await room.desk.settle(id, of: key, .value(try given.value(of: path)))
        }
        let answer = ExecutionAnswer(report: report, isDryRun: false)
        if options.answer.json { answer.line() } else { answer.show(.output) }
    }

    /// What is chosen where no value is given.
    private func choice() throws(Failure) -> ReconciliationDecider.Choice {
        guard let take else { return .accept }
        guard let side = Side(rawValue: take) else {
            throw Failure(.usage, "--take \(Table.printable(take)) is no side", hint: "choose workflow or journey")
        }
        return .take(side)
    }
}
