import ArgumentParser
import EventModel
import EventSourcing
import FoundationEssentials
import Reconciler
import Reconciliation

/// `lockstep reconcile what-if`.
struct ReconcileWhatIfCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "what-if",
        abstract: "Try another policy on recorded decisions and conflicts, without writing anything.",
        discussion: """
            Every look by which a rule has decided something, asked a person or accepted a difference is taken again by the policy of FILE, with the \
            sides as they were then and what they could be told. Shown is what would have come out otherwise, with the rule that was asked and the one \
            that would be, and the sum by rule and field. What persons have decided stays theirs. Executions that the policy is not for, what is \
            sealed or erased, and what the log does not show any more is left out and counted. Without executions, all are looked at in which anything was decided or waits, open or over, as the read model divergences \
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
        var scope = tenant
        if scope == nil { scope = policy.scope.workspace }
        let tally = try await options.room { [scope] room in
            let retrospect = Retrospect(room.log, policy: policy, telling: room.shelf.telling)
            var tally = WhatIfTally()
            func look(_ key: ExecutionKey) async throws {
                do {
                    try await retrospect.tryAgain(key, since: since) { answer in
                        tally.count(answer)
                        if case .tried(let retrial) = answer, retrial.isChanged { show(key, retrial) }
                    }
                } catch let flaw as EventFlaw {
                    throw DeskFault.unreadable(key, reason: "\(flaw)")
                }
            }
            for key in keys {
                try await room.know(key)
                try await look(key)
            }
            if keys.isEmpty { try await room.forEachDiverged(in: scope, since: since) { try await look($0) } }
            return tally
        }
        if options.answer.json {
            Answers.object { tally.write(to: &$0, policy) }
        } else {
            for line in tally.lines(policy, Style.output) { StandardOutput.shared.write(line) }
        }
        guard tally.changed == 0 else { throw AnsweredNo() }
    }

    private func show(_ key: ExecutionKey, _ retrial: WhatIf.Retrial) {
        let held: Examined.Hold? = if case .held(let hold) = retrial.wouldBe.standing { hold } else { nil }
        if options.answer.json {
            Answers.object { answer in
                answer.member("workspace", key.workspace.rawValue)
                answer.member("execution", key.execution)
                answer.member("id", retrial.id)
                answer.member("path", Disclosure.words.name(retrial.path))
                answer.member("was", retrial.was.word)
                answer.member("would_be", retrial.wouldBe.word)
                answer.member("was_rule", retrial.was.ruling)
                answer.member("would_be_rule", retrial.wouldBe.ruling)
                answer.member("held", held?.rawValue)
            }
        } else {
            let style = Style.output
            let isSameWord = retrial.was.word == retrial.wouldBe.word
            let now =
                retrial.wouldBe.word + (isSameWord ? " with another value" : held.map { " (\($0.rawValue))" } ?? "")
            StandardOutput.shared.write(
                "\(Table.printable(key.execution))  \(Table.printable(Disclosure.words.name(retrial.path))): \(retrial.was.word) → \(style.strong(now))  "
                    + style.faint(Table.printable("\(retrial.was.ruling.words) → \(retrial.wouldBe.ruling.words)")))
        }
    }
}
