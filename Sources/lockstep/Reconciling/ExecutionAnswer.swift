import EventModel
import EventSourcing
import FoundationEssentials
import Reconciler
import Reconciliation

/// What a look at one execution has come to, for people and for programs.
struct ExecutionAnswer: Sendable {
    let report: ReconcilingDesk<SealedLog>.Report
    let isDryRun: Bool
    /// What is shown. What is kept beside the log holds neither data nor names inside of data: nobody would erase them there.
    var disclosure = Disclosure.words

    var standing: LookOutcome {
        let holds = report.examined.holds.values
        if report.examined.isConverged { return .converged }
        if holds.contains(.queued) || recordedConflicts > 0 { return .queued }
        let isDecided = report.events.contains { if case .resolved = $0 { true } else { false } }
        return isDecided || holds.contains(.effectPending) ? .underWay : .held
    }

    private var recordedConflicts: Int {
        report.events.count { if case .conflictQueued = $0 { true } else { false } }
    }

    var resolutions: [Receipt] {
        report.events.compactMap { if case .resolved(let receipt, _) = $0 { receipt } else { nil } }
    }

    var conflicts: [QueuedConflict] {
        report.events.compactMap { if case .conflictQueued(let conflict, _) = $0 { conflict } else { nil } }
    }

    var accepted: [AcceptedDivergence] {
        report.events.compactMap { if case .divergenceAccepted(let divergence, _) = $0 { divergence } else { nil } }
    }

    var effects: [Effect] {
        report.events.compactMap { if case .effectRequested(let effect, _) = $0 { effect } else { nil } }
    }

    var agreed: Int {
        report.events.reduce(0) { count, event in
            if case .agreed(let fields) = event { count + fields.fields.count } else { count }
        }
    }

    /// Whether there is anything to say of it where many were looked at.
    var isNews: Bool { standing != .converged || report.positions != nil }

    /// One JSON object.
    func line() { StandardOutput.shared.write(json) }

    /// The same as bytes.
    var json: [UInt8] {
        Answers.line { answer in
            answer.member("workspace", report.key.workspace.rawValue)
            answer.member("execution", report.key.execution)
            answer.member("standing", standing.rawValue)
            answer.member("recorded", !isDryRun && report.positions != nil)
            answer.member("agreed", agreed)
            answer.key("resolutions")
            answer.array { list in for receipt in resolutions { list.object { receipt.write(to: &$0, as: disclosure) } }
            }
            answer.key("effects")
            answer.array { list in for effect in effects { list.object { effect.write(to: &$0, as: disclosure) } } }
            answer.key("conflicts")
            answer.array { list in
                for conflict in conflicts { list.object { conflict.write(to: &$0, as: disclosure) } }
            }
            answer.key("accepted")
            answer.array { list in
                for divergence in accepted { list.object { divergence.write(to: &$0, as: disclosure) } }
            }
            answer.key("held")
            answer.array { list in
                for (path, hold) in report.examined.holds.sorted(by: { $0.key < $1.key }) {
                    list.object { held in
                        held.member("path", disclosure.name(path))
                        held.member("because", hold.rawValue)
                    }
                }
            }
            answer.key("structure")
            answer.array { list in
                for finding in report.structure {
                    list.object { found in
                        found.member("kind", finding.kind.rawValue)
                        found.member("message", "\(finding)")
                    }
                }
            }
        }
    }

    func show(_ style: Style) {
        for line in lines { StandardOutput.shared.write(line.text(style)) }
    }

    /// Whether anything of it is left out that could be shown.
    var withholdsData: Bool {
        let findings = resolutions.map(\.finding) + conflicts.map(\.finding) + accepted.map(\.finding)
        return findings.contains { disclosure.withholds($0.base, $0.workflow, $0.journey) }
    }

    /// Like a diff: what is told to whom, what waits, and why.
    var lines: [PaintedLine] {
        let name = PaintedLine() + (Table.printable(report.key.execution), .strong) + "  " + painted
        var lines = [agreed > 0 ? name + ("  \(Counted.of(agreed, "field")) agreed", .faint) : name]
        for finding in report.structure {
            lines.append(PaintedLine() + "  " + ("!", .warning) + " \(Table.printable("\(finding)"))")
        }
        for receipt in resolutions { lines.append(receipt.diff(disclosure)) }
        for divergence in accepted {
            let finding = divergence.finding
            let sides = "workflow \(disclosure.text(finding.workflow)), journey \(disclosure.text(finding.journey))"
            lines.append(
                PaintedLine() + "  = \(Table.printable(disclosure.name(finding.path))): may differ: \(sides) "
                    + ("(\(Table.printable(divergence.ruling.map { "by \($0.words)" } ?? "by a person"))", .faint)
                    + (", divergence \(divergence.id.text))", .faint))
        }
        for effect in effects {
            lines.append(
                PaintedLine() + "    " + ("→ \(effect.side.rawValue):", .faint)
                    + " \(Table.printable(effect.action.sentence))")
        }
        for conflict in conflicts {
            lines.append(PaintedLine() + "  " + ("?", .bad) + " \(Table.printable(conflict.sentence(disclosure)))")
        }
        for (path, hold) in report.examined.holds.sorted(by: { $0.key < $1.key }) where hold != .queued {
            lines.append(
                PaintedLine() + "  " + ("· \(Table.printable(disclosure.name(path))): \(hold.sentence)", .faint))
        }
        return lines
    }

    private var painted: (String, PaintedLine.Tone) {
        switch standing {
        case .converged: ("converged", .good)
        case .underWay: (isDryRun ? "would be brought together" : "being brought together", .warning)
        case .held: ("held", .warning)
        case .queued: ("waits for a person", .bad)
        }
    }
}

extension Examined.Hold {
    /// Why nothing is done, for people.
    var sentence: String {
        switch self {
        case .effectPending: "waits until what was asked for is done"
        case .pausing: "is tried again after a pause"
        case .notYet: "there is nobody, or nothing, to tell yet"
        case .ahead: "the conversation is ahead of it, and is not moved back"
        case .queued: "waits for a person"
        case .over: "the side that would be told is over"
        case .tooLarge: "it is too large, or nested too deep, to be put on record; settle it at the engines"
        case .nextLook: "the next look goes on with it"
        }
    }
}

extension Effect.Action {
    /// What is done, without the data itself: that may be personal.
    var sentence: String {
        switch self {
        case .resume(let block, let context, _): "resume at \(block), wait \(context)"
        case .cancel: "cancel"
        case .enter(let journey, let state, _): "enter state \(state) of journey \(journey)"
        case .leave(let journey, _): "leave journey \(journey)"
        case .close: "walk for the execution no more"
        case .tell(let told):
            "tell " + (told.values.keys + told.inputs.keys.map { "inputs of \($0)" }).joined(separator: ", ")
        }
    }
}

extension QueuedConflict {
    /// What waits, and why.
    func sentence(_ disclosure: Disclosure) -> String {
        "\(finding.sentence(disclosure)); \(finding.data(disclosure))\(reason.sentence) (conflict \(id.text))"
    }

    func write(to writer: inout JSONWriter, as disclosure: Disclosure) {
        writer.member("conflict", id)
        writer.member("path", disclosure.name(finding.path))
        writer.member("kind", finding.kind.rawValue)
        writer.member("reason", reason.written.word)
        writer.member("message", sentence(disclosure))
        writer.member("since", "\(at)")
        writer.members(of: ruling)
        finding.writeSides(to: &writer, as: disclosure)
    }
}

extension QueuedConflict.Reason {
    /// Why it waits, for people.
    var sentence: String {
        switch self {
        case .policy(.manual): "the policy leaves it to a person"
        case .policy(.noRule): "no rule of the policy is about it"
        case .policy(.undecided): "the rule has no answer for these values"
        case .policy(.unreadable): "it cannot be read"
        case .policy(.unsettable): "the side that would have to change cannot be told"
        case .flapping: "the sides keep taking back what was decided"
        case .unreachable(let attempts): "the side could not be brought to it in \(attempts) tries"
        }
    }
}

extension Effect {
    func write(to writer: inout JSONWriter, as disclosure: Disclosure) {
        writer.member("effect", id)
        writer.member("side", side.rawValue)
        writer.member("action", action.name)
        writer.member("kind", kind.rawValue)
        writer.member("fields", fields.map(disclosure.name))
        writer.member("attempt", attempt)
        writer.member("deadline", "\(deadline)")
    }
}
