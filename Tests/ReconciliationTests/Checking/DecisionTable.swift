import EventModel
import WorkflowDomain

@testable import Reconciliation

/// The page of the documentation that says what every rule makes of every pair of statuses, worked out by the program itself.
enum DecisionTable {
    static let path = "Sources/Reconciliation/Reconciliation.docc/EveryPairOfStatuses.md"

    static func page() -> String {
        """
        # Every pair of statuses under every rule

        What each rule makes of two sides that stand differently.

        ## Overview

        This page is worked out by the program; a test holds it to what the program does. *later* and *earlier* are whoever spoke last or first, by the place in the log;
        *base* is what both had agreed on; **person** means that the rule has no answer and a person decides. ``Rule/union``, ``Rule/max`` and ``Rule/min``
        have none for two words, and a policy that asks them is refused when it is read. Whoever stands alike has nothing to decide.

        ## How executions stand

        \(table(of: ExecutionStatus.allCases.map { FieldValue.status($0) }, at: .status))

        ## How blocks stand

        \(table(of: VisitStatus.allCases.map { FieldValue.step($0) } + [nil], at: .step("block")))

        ## With Sim and Parlant

        A conversation has fewer words, and neither engine can be told everything. Both began where nothing had been agreed on; the run waits at the block where it is
        *waiting*. An arrow → names who is told, and what. **person** also stands where a side would have to be told, and cannot be.

        ### How executions stand

        \(engines(of: ExecutionStatus.allCases.map { FieldValue.status($0) }, at: .status))

        ### How blocks stand, while the run waits at the block

        \(engines(of: VisitStatus.allCases.map { FieldValue.step($0) } + [nil], at: .step("block"), waiting: true))

        ### How blocks stand, while the run goes on elsewhere

        \(engines(of: VisitStatus.allCases.map { FieldValue.step($0) } + [nil], at: .step("block")))

        """
    }

    private static func header(_ columns: [String]) -> [String] {
        ["| " + columns.joined(separator: " | ") + " |", "|" + columns.map { _ in "---|" }.joined()]
    }

    private static func text(_ value: FieldValue?) -> String { value?.word ?? "nothing" }

    private static func conflict(
        _ path: FieldPath, _ workflow: FieldValue?, _ journey: FieldValue?, isJourneyLast: Bool = true
    ) -> Finding {
        Finding(
            path: path, kind: .conflict, side: nil, base: nil, workflow: workflow, journey: journey,
            workflowOrigin: Origin(GlobalPosition(isJourneyLast ? 1 : 2)),
            journeyOrigin: Origin(GlobalPosition(isJourneyLast ? 2 : 1)))
    }

    private static func policy(_ rule: Rule) -> Policy {
        Policy(name: "p", version: 1, rules: [PolicyRule(.everything, rule)])
    }

    /// Every pair under every rule, whoever can be told.
    private static func table(of values: [FieldValue?], at path: FieldPath) -> String {
        var lines = header(["workflow", "journey"] + Rule.allCases.map { "`\($0.rawValue)`" })
        for workflow in values {
            for journey in values {
                let cells = Rule.allCases.map { rule in
                    guard workflow != journey else { return "" }
                    let outcomes = [true, false].map {
                        Settlement(conflict(path, workflow, journey, isJourneyLast: $0), by: policy(rule)).outcome
                    }
                    guard outcomes[0] == outcomes[1] else {
                        return outcomes[0] == .stands(journey, winner: .journey) ? "later" : "earlier"
                    }
                    if case .stands(let value, let winner) = outcomes[0] { return winner == nil ? "base" : text(value) }
                    return "**person**"
                }
                lines.append("| " + ([text(workflow), text(journey)] + cells).joined(separator: " | ") + " |")
            }
        }
        return lines.joined(separator: "\n")
    }

    /// Every pair that Sim and Parlant can have, and what they would be told.
    private static func engines(of values: [FieldValue?], at path: FieldPath, waiting: Bool = false) -> String {
        var words: [FieldValue?] = []
        for value in values.map({ $0.flatMap(Vocabulary.conversation.word) }) where !words.contains(value) {
            words.append(value)
        }
        let rules = Rule.allCases.filter { $0.fits(.fields(of: path.root)) && $0 != .manual }
        var lines = header(["workflow", "journey"] + rules.map { "`\($0.rawValue)`" })
        for workflow in values {
            for journey in words where workflow.flatMap(Vocabulary.conversation.word) != journey {
                let cells = rules.map { cell($0, path, workflow, journey, waiting: waiting) }
                lines.append("| " + ([text(workflow), text(journey)] + cells).joined(separator: " | ") + " |")
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func cell(
        _ rule: Rule, _ path: FieldPath, _ workflow: FieldValue?, _ journey: FieldValue?, waiting: Bool
    ) -> String {
        func status(_ value: FieldValue?) -> ExecutionStatus? {
            if case .status(let status)? = value { status } else { nil }
        }
        let audience = Audience(
            .engines, workflow: status(workflow) ?? (waiting ? .waiting : .running),
            journey: status(journey) ?? .running,
            waitsAt: waiting ? path.names.first : nil)
        let told = [true, false].map { isJourneyLast in
            let finding = conflict(path, workflow, journey, isJourneyLast: isJourneyLast)
            let settlement = Settlement(finding, by: policy(rule), before: audience)
            guard case .stands(let value, _) = settlement.outcome else { return "**person**" }
            let sides = Side.allCases.filter {
                settlement.isToldTo($0, in: $0 == .workflow ? .everything : .conversation)
            }
            return sides.map { side in
                "→ \(side.rawValue) \(text(value.flatMap((side == .workflow ? Vocabulary.everything : .conversation).word)))"
            }.joined(separator: ", ")
        }
        if told[0] == told[1] { return told[0] }
        return "journey last: \(told[0]); workflow last: \(told[1])"
    }
}
