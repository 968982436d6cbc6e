import ArgumentParser
import EventSourcing
import WorkflowDomain

/// `lockstep reconcile run`.
struct ReconcileRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Compare executions and record what follows.",
        discussion: """
            Without --execution every execution is looked at of which a side can still move, as the read model sync_state shows; --workflow and \
            --since select among them. Those that are stale, in which neither side has moved for long, are left alone unless they are named. With --dry-run nothing is recorded, and executions that a serving reconciler has found converged since they moved \
            last are not read again. It may be run at any time, beside serving processes and again: nothing is decided twice. Status 1 when \
            something differs that is neither agreed on nor accepted, or when nothing was heard of an execution that was named.

            Examples:
              lockstep reconcile run --dry-run
              lockstep reconcile run --execution run-17 --execution run-18 --json
              lockstep reconcile run --workflow refund-a-customer --since 2026-02-03T04:05:06Z
            """)

    @OptionGroup var options: ReconcilingOptions
    @Option(name: .long, help: "This execution; may be given several times.")
    var execution: [String] = []
    @Option(name: .long, help: "Only executions of this workflow.")
    var workflow: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only executions of which something was recorded then or later: 2026-02-03T04:05:06Z.", valueName: "time"))
    var since: String?
    @Flag(name: .long, help: "Only show what would be recorded.")
    var dryRun = false

    func run() async throws {
        let keys = try execution.map { try options.key($0) }
        let selection = try selection()
        var tally = ReconcilingTally()
        tally = try await options.room { room in
            var tally = ReconcilingTally()
            for key in keys {
                try await room.know(key)
                try await look(key, room, &tally)
            }
            guard keys.isEmpty else { return tally }
            let total = try await selection.count(in: room)
            let progress = ProgressDisplay("looking", counting: "execution", isShown: !options.answer.json)
            defer { progress.clear() }
            try await selection.forEach(in: room) { standing in
                progress.show(Int64(tally.executions), of: total)
                guard !dryRun || !room.isKnownToRest(standing) else { return tally.addConverged() }
                try await look(standing.key, room, &tally)
            }
            return tally
        }
        if options.answer.json { tally.line(isDryRun: dryRun) } else { tally.show(isDryRun: dryRun) }
        guard tally.differing == 0 else { throw AnsweredNo() }
    }

    private func selection() throws(Failure) -> ExecutionSelection {
        guard execution.isEmpty || (workflow == nil && since == nil) else {
            throw Failure(
                .usage, "--execution names executions, --workflow and --since select among all of them",
                hint: "use one or the other")
        }
        if let workflow, WorkflowID(workflow) == nil {
            throw Failure(
                .usage, "--workflow is \"\(Table.printable(workflow, cutAt: 60))\", which is no id of a workflow",
                hint: "`workflow_id` in lockstep_views.workflows is one")
        }
        return ExecutionSelection(
            workspace: options.workspace == nil ? nil : try options.tenant(), workflow: workflow,
            since: try TimeOptions.moment(since, "--since"))
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
