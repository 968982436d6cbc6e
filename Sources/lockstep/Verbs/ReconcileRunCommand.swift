import ArgumentParser
import EventSourcing
import FoundationEssentials
import Operations
import WorkflowDomain

/// `lockstep reconcile run`.
struct ReconcileRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Compare executions and record what follows.",
        discussion: """
            Without --execution every execution is looked at of which a side can still move, as the read model sync_state shows, or that is over and in which \
            a conflict waits or an effect is under way; --workspace, \
            --workflow and --since select among them. Those that are stale, in which neither side has moved for long, are left alone. That is a job: a process of `lockstep serve --roles reconciler` works at it, or this one where none serves, \
            and it outlives both. This verb follows it; --detach only files it, and --resume follows one that was filed before, or goes on with one whose process \
            is gone. One that looks at the same and is unfinished is followed instead of another one.

            Of every decision it is told what a side says and what it is to say instead, like a diff: words like statuses always, data only with --plain. \
            With --dry-run nothing is recorded, and executions that a serving reconciler or a job has found converged since they moved \
            last are not read again. It may be run at any time, beside serving processes and again: nothing is decided twice. Status 1 when \
            something differs that is neither agreed on nor accepted, when nothing was heard of an execution that was named, or when a job did not come to its end.

            Examples:
              lockstep reconcile run --dry-run
              lockstep reconcile run --execution run-17 --execution run-18 --json
              lockstep reconcile run --workflow refund-a-customer --since 2026-02-03T04:05:06Z
              lockstep reconcile run --detach
              lockstep reconcile run --resume
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
    @Flag(name: .long, help: "File the job and do not wait for it.")
    var detach = false
    @Flag(name: .long, help: "Follow JOB, or the only one that is unfinished, and go on with it where nobody does.")
    var resume = false
    @OptionGroup var data: DataOptions
    @Argument(help: "The job, with --resume.")
    var job: String?

    func validate() throws {
        guard job == nil || resume else { throw ValidationError("A job is named with --resume.") }
        let selects = !execution.isEmpty || workflow != nil || since != nil || options.workspace != nil
        guard !resume || !(selects || dryRun || detach) else {
            throw ValidationError("--resume goes on with a job as it was filed; leave out what selects executions.")
        }
        guard !data.plain || dryRun || !execution.isEmpty else {
            throw ValidationError(
                "--plain goes with --execution or --dry-run: what a job says is kept, and holds no data.")
        }
        guard !detach || (execution.isEmpty && !dryRun) else {
            throw ValidationError("--detach files a job; --execution and --dry-run look at once.")
        }
    }

    func run() async throws {
        let selection = try selection()
        guard dryRun || !execution.isEmpty else { return try await runJob(selection) }
        let keys = try execution.map { try options.key($0) }
        let disclosure = try data.disclosure(try await options.database.settings())
        let tally = try await options.room(decides: !dryRun) { room in
            var tally = LookTally()
            for key in keys {
                try await room.know(key)
                tell(try await Self.look(key, room, disclosure, isDryRun: dryRun), &tally)
            }
            guard keys.isEmpty else { return tally }
            let rest = try await room.views.rest(of: selection, by: room.shelf)
            for known in rest { tally.converged += known.executions }
            let total = try await room.views.count(of: selection)
            let progress = ProgressDisplay("looking", counting: "execution", isShown: !options.answer.json)
            defer { progress.clear() }
            try await selection.forEachPage(besides: rest, in: room.views) { page in
                var left = page[...]
                while !left.isEmpty {
                    let some = Array(left.prefix(Self.together))
                    left = left.dropFirst(Self.together)
                    let answers = try await some.sideBySide(Self.sideBySide) { [dryRun] key in
                        try await Self.look(key, room, disclosure, isDryRun: dryRun)
                    }
                    for answer in answers { tell(answer, &tally) }
                    progress.show(tally.executions, of: max(total, tally.executions))
                }
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

    /// Executions of which the answers are told together, in order.
    private static let together = 256
    /// Executions that are looked at at a time.
    private static let sideBySide = 16

    private static func look(
        _ key: ExecutionKey, _ room: ReconcilingRoom, _ disclosure: Disclosure, isDryRun: Bool
    ) async throws -> ExecutionAnswer {
        let report = isDryRun ? try await room.desk.preview(key) : try await room.desk.examine(key)
        return ExecutionAnswer(report: report, isDryRun: isDryRun, disclosure: disclosure)
    }

    private func tell(_ answer: ExecutionAnswer, _ tally: inout LookTally) {
        tally.add(answer)
        // Of many, only those that there is something to say about.
        guard !execution.isEmpty || answer.isNews else { return }
        guard !options.answer.json else { return answer.line() }
        answer.show(.output)
        if !execution.isEmpty, answer.withholdsData { StandardOutput.shared.write(DataOptions.note(.output)) }
    }
}

// MARK: As a job

extension ReconcileRunCommand {
    private func runJob(_ selection: ExecutionSelection) async throws {
        guard options.policy.isEmpty else {
            throw Failure(
                .usage,
                "--policy does not go with a job: it is decided by the policies of the process that works at it",
                hint: "set LOCKSTEP_RECONCILER_POLICIES for that, or name executions with --execution")
        }
        let named = try job.map { text throws(Failure) in
            try ReconcilingOptions.id(text, of: "job", toldBy: "jobs --all")
        }
        let ended: ReconcilingJob? = try await Interruption.cancels {
            try await options.room(decides: !detach) { room in
                let job = resume ? try await resumed(named, in: room) : try await filed(selection, in: room)
                guard !detach else { return nil }
                return try await JobFollowing(in: room, asJSON: options.answer.json).follow(job.id)
            }
        }
        try ended?.conclude(asJSON: options.answer.json)
    }

    private func resumed(_ id: UUID?, in room: ReconcilingRoom) async throws -> ReconcilingJob {
        if let id { return try await room.job(id) }
        return try await room.unfinishedJob()
    }

    private func filed(_ selection: ExecutionSelection, in room: ReconcilingRoom) async throws -> ReconcilingJob {
        let request = JobRequest(IDSource().next(), selection: selection, requestedBy: options.actor)
        let (job, isNew) = try await room.views.file(request)
        if !isNew {
            StandardError.write(
                Table.printable(
                    "note: the same is under way as job \(job.id.text), asked for by \(job.requestedBy) at \(job.requestedAt)"
                ))
        } else if !detach, !options.answer.json, StandardError.isTerminal {
            StandardError.write("job \(job.id.text)")
        }
        if detach {
            try await tell(job, isNew: isNew, isServed: ReconcilingStanding.read(room.pool, room.views).heldLanes > 0)
        }
        return job
    }

    private func tell(_ job: ReconcilingJob, isNew: Bool, isServed: Bool) {
        guard !options.answer.json else {
            return Answers.object { answer in
                answer.member("job", job.id)
                answer.member("state", job.state.rawValue)
                answer.member("is_new", isNew)
                answer.member("is_served", isServed)
            }
        }
        StandardOutput.shared.write(job.id.text)
        guard !isServed else { return }
        StandardError.write(
            "note: nobody reconciles now; it begins when `lockstep serve --roles reconciler` runs, or with `lockstep reconcile run --resume \(job.id.text)`"
        )
    }
}
