import EventModel
import EventSourcing
import Reconciler
import Reconciliation

/// A conflict that waits, or an effect that is under way.
struct PendingWork: Sendable {
    enum Kind: Sendable {
        case conflict(AskedConflict)
        case effect(Ledger.Pending)
    }

    let key: ExecutionKey
    let kind: Kind

    var isConflict: Bool { if case .conflict = kind { true } else { false } }

    var conflict: AskedConflict? { if case .conflict(let conflict) = kind { conflict } else { nil } }

    static func all(
        _ report: ReconcilingDesk<SealedLog>.Report, in room: ReconcilingRoom, _ reasons: inout RuleReasons
    ) async throws -> [PendingWork] {
        var found: [PendingWork] = []
        for conflict in report.ledger.queue.values.sorted(by: { $0.finding.path < $1.finding.path }) {
            let asked = try await AskedConflict(conflict, of: report.key, in: room, &reasons)
            found.append(PendingWork(key: report.key, kind: .conflict(asked)))
        }
        return found + report.ledger.pending.map { PendingWork(key: report.key, kind: .effect($0)) }
    }

    func line(_ disclosure: Disclosure, at now: Timestamp) {
        Answers.object { answer in
            answer.member("workspace", key.workspace.rawValue)
            answer.member("execution", key.execution)
            switch kind {
            case .conflict(let asked): asked.write(to: &answer, as: disclosure, at: now)
            case .effect(let pending):
                pending.effect.write(to: &answer, as: disclosure)
                answer.member("progress", pending.word)
            }
        }
    }

    /// - Parameter inDetail: whether what there is to say of each conflict is told behind the table, instead of the way to ask for it.
    static func show(_ found: [PendingWork], _ disclosure: Disclosure, at now: Timestamp, inDetail: Bool) {
        guard !found.isEmpty else { return StandardOutput.shared.write("Nothing waits, and nothing is under way.") }
        let style = Style.output
        var table = Table([
            ("EXECUTION", .left), ("FIELD", .left), ("STATE", .left), ("FOR", .left), ("AGREED", .left),
            ("WORKFLOW", .left), ("JOURNEY", .left), ("CONFLICT OR EFFECT", .left), ("RULE", .left), ("WHAT", .left),
        ])
        for work in found {
            switch work.kind {
            case .conflict(let asked):
                let finding = asked.conflict.finding
                table.add([
                    .init(text: work.key.execution), .init(text: disclosure.name(finding.path)),
                    .init(text: "waits", paint: style.bad),
                    .init(text: Age(since: asked.conflict.at, at: now).words),
                    .init(text: disclosure.text(finding.base)), .init(text: disclosure.text(finding.workflow)),
                    .init(text: disclosure.text(finding.journey)), .init(text: asked.conflict.id.text),
                    .init(text: asked.conflict.ruling?.words ?? "none"), .init(text: asked.why),
                ])
            case .effect(let pending):
                let side = pending.effect.side.rawValue
                table.add([
                    .init(text: work.key.execution),
                    .init(text: pending.effect.fields.map(disclosure.name).joined(separator: ", ")),
                    .init(text: pending.word, paint: style.warning), .init(text: "until \(pending.effect.deadline)"),
                    .init(text: "-"), .init(text: "-"), .init(text: "-"), .init(text: pending.effect.id.text),
                    .init(text: "-"), .init(text: "\(side): \(pending.effect.action.sentence)"),
                ])
            }
        }
        table.print()
        let conflicts = found.compactMap { work in work.conflict.map { (work.key, $0) } }
        guard !conflicts.isEmpty else { return }
        if inDetail {
            for (key, asked) in conflicts {
                for line in asked.lines(of: key, disclosure, at: now) { StandardOutput.shared.write(line.text(style)) }
            }
        } else {
            StandardOutput.shared.write(
                "\(style.faint("next:")) lockstep reconcile resolve EXECUTION CONFLICT --take workflow|journey; more of one with lockstep reconcile status --execution EXECUTION"
            )
        }
        if conflicts.contains(where: { $0.1.withholdsData(disclosure) }) {
            StandardOutput.shared.write(DataOptions.note(style))
        }
    }
}

extension Ledger.Pending {
    /// How far it has come, in one word.
    var word: String {
        switch progress {
        case .requested: "requested"
        case .sent: "sent"
        case .unknown: "unknown"
        }
    }
}
