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
            says, the other gets its own word back, and the difference is accepted. With --dry-run what would follow is listed, and what of it \
            cannot be taken back.

            Examples:
              lockstep reconcile flip run-17 0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e01 --dry-run
              lockstep reconcile flip run-17 0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e01 --apart
            """)

    @OptionGroup var options: ReconcilingOptions
    @Argument(help: "The execution.")
    var execution: String
    @Argument(help: "The decision, as `lockstep reconcile explain` names it.")
    var resolution: String
    @Flag(name: .long, help: "Let a side that cannot be told keep what it says, and accept the difference.")
    var apart = false
    @Flag(name: .long, help: "Only show what would follow.")
    var dryRun = false

    func run() async throws {
        let (key, id) = (
            try options.key(execution),
            try ReconcilingOptions.id(resolution, of: "decision", toldBy: "explain EXECUTION")
        )
        let events = try await options.room { room in
            guard let receipt = try await room.history(of: key).receipt(id) else {
                throw Failure(
                    .no, "execution \(execution) has no decision \(id.text)",
                    hint: "see `lockstep reconcile explain \(execution)`")
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
                    receipt.write(to: &answer)
                    answer.member("dry_run", dryRun)
                }
            } else {
                StandardOutput.shared.write("\(dryRun ? "would be " : "")\(Table.printable(receipt.sentence))")
            }
        case .effectRequested(let effect, _):
            if options.answer.json {
                Answers.object { answer in
                    effect.write(to: &answer)
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
                    answer.member("path", "\(divergence.finding.path)")
                    answer.member("accepted", true)
                    answer.member("dry_run", dryRun)
                }
            } else {
                StandardOutput.shared.write(
                    "  = \(Table.printable("\(divergence.finding.path)")) may differ: the side that cannot be told keeps its word"
                )
            }
        case .agreed, .conflictQueued, .conflictLapsed, .effectSent, .effectUnknown, .effectConfirmed, .ownershipTaken:
            break
        }
    }
}
