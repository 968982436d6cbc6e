import EventModel
import EventSourcing
import Reconciler
import Reconciliation

/// A conflict that waits, or an effect that is under way.
struct PendingWork: Sendable {
    private enum Kind: Sendable {
        case conflict(QueuedConflict)
        case effect(Ledger.Pending)
    }

    private let key: ExecutionKey
    private let kind: Kind

    var isConflict: Bool { if case .conflict = kind { true } else { false } }

    static func all(_ report: ReconcilingDesk<SealedLog>.Report) -> [PendingWork] {
        report.ledger.queue.values.sorted { $0.finding.path < $1.finding.path }.map {
            PendingWork(key: report.key, kind: .conflict($0))
        } + report.ledger.pending.map { PendingWork(key: report.key, kind: .effect($0)) }
    }

    func line() {
        Answers.object { answer in
            answer.member("workspace", key.workspace.rawValue)
            answer.member("execution", key.execution)
            switch kind {
            case .conflict(let conflict): conflict.write(to: &answer)
            case .effect(let pending):
                pending.effect.write(to: &answer)
                answer.member("progress", pending.word)
            }
        }
    }

    static func show(_ found: [PendingWork]) {
        guard !found.isEmpty else { return StandardOutput.shared.write("Nothing waits, and nothing is under way.") }
        var table = Table([
            ("EXECUTION", .left), ("FIELD", .left), ("STATE", .left), ("WHEN", .left), ("CONFLICT OR EFFECT", .left),
            ("WHAT", .left),
        ])
        let style = Style.output
        for work in found {
            switch work.kind {
            case .conflict(let conflict):
                table.add([
                    .init(text: work.key.execution), .init(text: "\(conflict.finding.path)"),
                    .init(text: "waits", paint: style.bad), .init(text: "since \(conflict.at)"),
                    .init(text: conflict.id.text),
                    .init(text: conflict.reason.sentence),
                ])
            case .effect(let pending):
                table.add([
                    .init(text: work.key.execution),
                    .init(text: pending.effect.fields.map { "\($0)" }.joined(separator: ", ")),
                    .init(text: pending.word, paint: style.warning), .init(text: "until \(pending.effect.deadline)"),
                    .init(text: pending.effect.id.text),
                    .init(text: "\(pending.effect.side.rawValue): \(pending.effect.action.sentence)"),
                ])
            }
        }
        table.print()
        guard found.contains(where: \.isConflict) else { return }
        StandardOutput.shared.write(
            "\(style.faint("next:")) lockstep reconcile resolve EXECUTION CONFLICT --take workflow|journey")
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
