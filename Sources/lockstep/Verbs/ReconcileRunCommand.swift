import ArgumentParser
import EventSourcing

/// `lockstep reconcile run`.
struct ReconcileRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Compare executions and record what follows.",
        discussion: """
            Without --execution every execution is looked at of which a side can still move, as the read model sync_state shows. With --dry-run \
            nothing is recorded. It may be run at any time, beside serving processes and again: nothing is decided twice. Status 1 when something \
            differs that is neither agreed on nor accepted, or when nothing was heard of an execution that was named.

            Examples:
              lockstep reconcile run --dry-run
              lockstep reconcile run --execution run-17 --execution run-18 --json
            """)

    @OptionGroup var options: ReconcilingOptions
    @Option(name: .long, help: "This execution; may be given several times.")
    var execution: [String] = []
    @Flag(name: .long, help: "Only show what would be recorded.")
    var dryRun = false

    func run() async throws {
        let keys = try execution.map { try options.key($0) }
        let tenant = options.workspace == nil ? nil : try options.tenant()
        var tally = ReconcilingTally()
        tally = try await options.room { room in
            var tally = ReconcilingTally()
            for key in keys {
                try await room.know(key)
                try await look(key, room, &tally)
            }
            if keys.isEmpty { try await room.forEachOpen(in: tenant) { try await look($0, room, &tally) } }
            return tally
        }
        if options.answer.json { tally.line(isDryRun: dryRun) } else { tally.show(isDryRun: dryRun) }
        guard tally.differing == 0 else { throw AnsweredNo() }
    }

    private func look(_ key: ExecutionKey, _ room: ReconcilingRoom, _ tally: inout ReconcilingTally) async throws {
        let report = dryRun ? try await room.desk.preview(key) : try await room.desk.examine(key)
        let answer = ExecutionAnswer(report: report, isDryRun: dryRun)
        tally.add(answer)
        // Of many, only those that there is something to say about.
        guard !execution.isEmpty || answer.standing != .converged || report.positions != nil else { return }
        if options.answer.json { answer.line() } else { answer.show(.output) }
    }
}
