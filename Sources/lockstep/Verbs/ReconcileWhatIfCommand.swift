import ArgumentParser
import EventSourcing
import Reconciliation

/// `lockstep reconcile what-if`.
struct ReconcileWhatIfCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "what-if",
        abstract: "Try another policy on recorded decisions and conflicts, without writing anything.",
        discussion: """
            Every decision and every conflict that is on record is settled once more by the policy of FILE. Shown is what would have come out \
            otherwise. Without executions, all are looked at in which anything was decided or waits, open or over, as the read model divergences \
            shows; with --wait-for it first waits until that shows everything up to a position. Status 1 when something changes.

            Examples:
              lockstep reconcile what-if house.yaml
              lockstep reconcile what-if house.yaml --since 2026-03-01T00:00:00Z
              lockstep reconcile what-if house.yaml run-17 --json
            """)

    @OptionGroup var options: ReconcilingOptions
    @Argument(help: "The policy.")
    var file: String
    @Argument(help: "Executions.")
    var executions: [String] = []
    @Option(
        name: .long,
        help: ArgumentHelp("Only what was recorded then or later: 2026-02-03T04:05:06Z.", valueName: "time"))
    var since: String?
    @OptionGroup(title: "Waiting") var waiting: WaitOptions

    func run() async throws {
        let judgements = try PolicyJudgement.all([file])
        guard let judgement = judgements.first, let policy = judgement.policy, judgement.isValid else {
            throw Failure(
                .usage, "the policy in \(Table.printable(file)) cannot be used",
                hint: "run `lockstep policy check \(file)`")
        }
        let keys = try executions.map { try options.key($0) }
        let tenant = options.workspace == nil ? nil : try options.tenant()
        let since = try TimeOptions.moment(since, "--since") ?? .earliest
        try await options.wait(waiting)
        let outcomes = try await options.room { room in
            var outcomes: [(ExecutionKey, WhatIf.Outcome)] = []
            func look(_ key: ExecutionKey) async throws {
                let history = try await room.history(of: key).filter { $0.at >= since }.map(\.event)
                outcomes += WhatIf.outcomes(of: history, under: policy).map { (key, $0) }
            }
            for key in keys {
                try await room.know(key)
                try await look(key)
            }
            if keys.isEmpty { try await room.forEachDiverged(in: tenant, since: since) { try await look($0) } }
            return outcomes
        }
        for (key, outcome) in outcomes where outcome.isChanged { show(key, outcome) }
        let changed = outcomes.count { $0.1.isChanged }
        if options.answer.json {
            Answers.object { answer in
                answer.member("decisions", outcomes.count)
                answer.member("changed", changed)
                answer.member("policy", policy.name)
                answer.member("version", policy.version)
            }
        } else {
            StandardOutput.shared.write(
                "\(changed) of \(Counted.of(outcomes.count, "decision")) would come out otherwise under \(policy.name) \(policy.version)"
            )
        }
        guard changed == 0 else { throw AnsweredNo() }
    }

    private func show(_ key: ExecutionKey, _ outcome: WhatIf.Outcome) {
        if options.answer.json {
            Answers.object { answer in
                answer.member("workspace", key.workspace.rawValue)
                answer.member("execution", key.execution)
                answer.member("id", outcome.id)
                answer.member("path", "\(outcome.path)")
                answer.member("was", outcome.was)
                answer.member("would_be", outcome.wouldBe)
            }
        } else {
            StandardOutput.shared.write(
                "\(Table.printable(key.execution))  \(Table.printable("\(outcome.path)")): \(outcome.was) → \(Style.output.strong(outcome.wouldBe))"
            )
        }
    }
}
