import EventModel
import EventSourcing
import FoundationEssentials
import Reconciliation

/// A conflict that waits, with what whoever is asked needs to know: both sides, what they agreed on last, the rule and its reason, and what was decided and taken
/// back before, where that is why it waits.
struct AskedConflict: Sendable {
    /// A decision that was taken back by a side.
    struct Decided: Sendable {
        let receipt: Receipt
        let position: GlobalPosition
    }

    let conflict: QueuedConflict
    /// The words of the rule's `because`; `nil` where it gives none.
    let because: String?
    /// What was decided before, of a field that flaps, in order.
    let history: [Decided]

    init(
        _ conflict: QueuedConflict, of key: ExecutionKey, in room: ReconcilingRoom, _ reasons: inout RuleReasons
    ) async throws {
        self.conflict = conflict
        because = try await reasons.reason(of: conflict.ruling)
        // Few fields flap: their stream is read again for those alone.
        history =
            conflict.history.isEmpty
            ? [] : Self.decided(conflict.history, in: try await room.history(of: key))
    }

    init(_ conflict: QueuedConflict, because: String?, history: [Decided]) {
        (self.conflict, self.because, self.history) = (conflict, because, history)
    }

    static func decided(_ ids: [UUID], in history: [RecordedReconciliation]) -> [Decided] {
        let wanted = Set(ids)
        return history.compactMap { entry in
            guard case .resolved(let receipt, _) = entry.event, wanted.contains(receipt.id) else { return nil }
            return Decided(receipt: receipt, position: entry.position)
        }
    }

    /// Why it waits, and what the rule says to that.
    var why: String { conflict.reason.sentence + (because.map { ": \($0)" } ?? "") }

    func withholdsData(_ disclosure: Disclosure) -> Bool {
        disclosure.withholds(conflict.finding.base, conflict.finding.workflow, conflict.finding.journey)
            || history.contains { disclosure.withholds($0.receipt.outcome) }
    }

    func write(to writer: inout JSONWriter, as disclosure: Disclosure, at now: Timestamp) {
        conflict.write(to: &writer, as: disclosure)
        writer.member("age_seconds", Age(since: conflict.at, at: now).seconds)
        writer.member("because", because)
        writer.key("history")
        writer.array { list in
            for decided in history {
                list.object { line in
                    line.member("resolution", decided.receipt.id)
                    line.member("position", decided.position.rawValue)
                    line.member("at", "\(decided.receipt.at)")
                    line.member("winner", decided.receipt.winner?.rawValue)
                    line.key("outcome")
                    disclosure.write(decided.receipt.outcome, to: &line)
                    line.members(of: decided.receipt.ruling)
                }
            }
        }
    }

    /// A line for each thing that there is to know, and how it is settled.
    func lines(of key: ExecutionKey, _ disclosure: Disclosure, at now: Timestamp) -> [PaintedLine] {
        let finding = conflict.finding
        func line(_ name: String, _ text: String, _ tone: PaintedLine.Tone = .plain) -> PaintedLine {
            let padding = String(repeating: " ", count: max(0, 10 - name.count))
            return PaintedLine() + ("  \(name)\(padding)", .faint) + (Table.printable(text), tone)
        }
        func said(_ side: Side) -> String {
            let value = disclosure.text(finding[side], cutAt: Self.room)
            return value + (finding.origin(side).map { " (\($0.words))" } ?? "")
        }
        var lines = [
            PaintedLine() + "\n" + (Table.printable("\(key.execution)  \(disclosure.name(finding.path))"), .strong)
                + ("  waits for \(Age(since: conflict.at, at: now).words)", .bad) + ("  since \(conflict.at)", .faint),
            line("agreed", disclosure.text(finding.base, cutAt: Self.room)), line("workflow", said(.workflow)),
            line("journey", said(.journey)), line("rule", conflict.ruling?.words ?? "none"),
        ]
        if let because { lines.append(line("because", because)) }
        lines.append(line("asked", conflict.reason.sentence, .warning))
        for decided in history {
            let receipt = decided.receipt
            let who = receipt.winner.map { "the \($0.rawValue)'s word stood" } ?? "neither side's word stood"
            let value = disclosure.text(receipt.outcome, cutAt: Self.room)
            lines.append(
                line(
                    "before",
                    "\(who): \(value) (position \(decided.position), \(receipt.at), resolution \(receipt.id.text))"))
        }
        let next = "lockstep reconcile resolve \(key.execution) \(conflict.id.text) --take workflow|journey"
        return lines + [PaintedLine() + ("  next: ", .faint) + Table.printable(next)]
    }

    /// Characters of data that are shown of one value where there is a line for it.
    private static let room = 400
}
