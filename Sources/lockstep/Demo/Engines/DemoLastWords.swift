import ArgumentParser
import EventModel
import EventSourcing
import Reconciliation

/// What people ask afterwards, answered by the verbs themselves.
struct DemoLastWords: Sendable {
    let settings: DatabaseSettings
    /// What verbs have to be told to find this log.
    let arguments: [String]
    let policies: DemoPolicies
    /// The executions that were decided about, one of which a rule has decided about first.
    let disputed: [String]

    func say() async throws {
        guard let first = disputed.first else { return }
        let key = ExecutionKey(workspace: .default, execution: first)
        let history = try await ReconcilingRoom.with(
            settings, policies: try PolicyBook.read([policies.inForce]), actor: DemoImports.actor
        ) { try await $0.history(of: key) }
        try await ask("Why is it so?", ["explain", first, "--field", "variables/limit"], ReconcileExplainCommand.self)
        if let receipt = history.firstReceipt {
            try await ask(
                "What if that decision were taken back?", ["flip", first, receipt, "--dry-run"],
                ReconcileFlipCommand.self, with: ["--policy", policies.inForce],
                shown: [
                    "flip", first, receipt, "--dry-run", "--policy", "Schemas/policies/refund_desk.yaml",
                ])
        }
        try await ask(
            "What would another policy have made of it?", ["what-if", policies.instead] + disputed,
            ReconcileWhatIfCommand.self, shown: ["what-if", "Schemas/policies/latest.yaml", first, "…"])
    }

    private func ask(
        _ question: String, _ words: [String], _ verb: (some AsyncParsableCommand).Type, with more: [String] = [],
        shown: [String]? = nil
    ) async throws {
        let style = Style.output
        StandardOutput.shared.write("\n\(style.strong(question))")
        StandardOutput.shared.write(style.faint("$ lockstep reconcile \((shown ?? words).joined(separator: " "))"))
        _ = StandardOutput.shared.flush()
        do {
            var command = try verb.parse(Array(words.dropFirst()) + more + arguments)
            try await command.run()
        } catch is AnsweredNo {
            // It has answered; that something would be otherwise is what was asked.
        } catch {
            let failure = Failure(error)
            guard failure.status == .no else { throw error }
            StandardOutput.shared.write("refused: \(Table.printable(failure.error))")
            StandardOutput.shared.write(style.faint("next: \(Table.printable(failure.hint))"))
        }
        _ = StandardOutput.shared.flush()
    }
}

extension [RecordedReconciliation] {
    /// The first decision that a rule has taken, as verbs name it.
    fileprivate var firstReceipt: String? {
        for entry in self {
            if case .resolved(let receipt, _) = entry.event, receipt.ruling != nil,
                receipt.finding.path.field == FieldPath(.variables, ["limit"])
            {
                return receipt.id.text
            }
        }
        return nil
    }
}
