import ArgumentParser
import EventSourcing
import Reconciliation

/// `lockstep reconcile flip`.
struct ReconcileFlipCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flip", abstract: "Take a decision back: the loser's word stands from now on.",
        discussion: """
            A new decision against what is so now, with winner and loser exchanged. What was only asked for, and nobody has tried, is asked for no \
            more. Refused, with status 1, when the sides have moved on since, or when a side cannot be told; with --apart such a side keeps what it \
            says, the other gets its own word back, and the difference is accepted. With --dry-run what would follow is listed, and what of it cannot be taken back. Without EXECUTION it is \
            found by the read model divergences; with --wait-for it first waits until that shows everything up to a position.

            Examples:
              lockstep reconcile flip run-17 0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e01 --dry-run
              lockstep reconcile flip 0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e01 --apart
            """)

    @OptionGroup var options: ReconcilingOptions
    @Argument(
        help: ArgumentHelp(
            "The execution, which may be left out, and the decision, as `lockstep reconcile explain` names it.",
            valueName: "execution-and-decision"))
    var words: [String]
    @Flag(name: .long, help: "Let a side that cannot be told keep what it says, and accept the difference.")
    var apart = false
    @Flag(name: .long, help: "Only show what would follow.")
    var dryRun = false
    @OptionGroup(title: "Waiting") var waiting: WaitOptions

    func validate() throws {
        guard (1...2).contains(words.count) else { throw ValidationError("Name the execution, then the decision.") }
    }

    func run() async throws {
        let (named, id) = try options.named(words, "decision", toldBy: "explain EXECUTION")
        let tenant = try options.tenant()
        try await options.wait(waiting)
        let events = try await options.room(decides: !dryRun) { room in
            let key = if let named { named } else { try await room.execution(of: id, in: tenant) }
            guard let receipt = try await room.history(of: key).receipt(id) else {
                throw Failure(
                    .no, "execution \(key.execution) has no decision \(id.text)",
                    hint: "see `lockstep reconcile explain \(key.execution)`")
            }
            return dryRun
                ? try await room.desk.previewFlip(receipt, of: key, apart: apart)
                : try await room.desk.flip(receipt, of: key, apart: apart).events
        }
        for event in events { show(event) }
    }

    private func show(_ event: ReconciliationEvent) {
        let style = Style.output
        switch event {
        case .resolved(let receipt, _):
            if options.answer.json {
                Answers.object { answer in
                    receipt.write(to: &answer, as: .words)
                    answer.member("dry_run", dryRun)
                }
            } else {
                StandardOutput.shared.write("\(dryRun ? "would be " : "")\(Table.printable(receipt.sentence(.words)))")
            }
        case .effectRequested(let effect, _):
            if options.answer.json {
                Answers.object { answer in
                    effect.write(to: &answer, as: .words)
                    answer.member("reversible", effect.action.isReversible)
                    answer.member("dry_run", dryRun)
                }
            } else {
                let note = effect.action.isReversible ? "" : style.bad("  cannot be taken back")
                StandardOutput.shared.write(
                    "  → \(effect.side.rawValue): \(Table.printable(effect.action.sentence))\(note)")
            }
        case .effectStale(let end):
            if options.answer.json {
                Answers.object { answer in
                    answer.member("effect", end.effect.text)
                    answer.member("withdrawn", true)
                    answer.member("dry_run", dryRun)
                }
            } else {
                StandardOutput.shared.write("  ← effect \(end.effect.text) is asked for no more; nobody had tried")
            }
        case .divergenceAccepted(let divergence, _):
            if options.answer.json {
                Answers.object { answer in
                    answer.member("divergence", divergence.id.text)
                    answer.member("path", Disclosure.words.name(divergence.finding.path))
                    answer.member("accepted", true)
                    answer.member("dry_run", dryRun)
                }
            } else {
                StandardOutput.shared.write(
                    "  = \(Table.printable(Disclosure.words.name(divergence.finding.path))) may differ: the side that cannot be told keeps its word"
                )
            }
        case .agreed, .conflictQueued, .conflictLapsed, .effectSent, .effectUnknown, .effectConfirmed, .ownershipTaken,
            .wentStale:
            break
        }
    }
}
