import EventModel
import FoundationEssentials

// What the sides are told of what was decided.

extension Examiner {
    mutating func carryOut(_ decided: [Decided]) {
        let planning = EffectPlanning(sides: look.sides, circumstances: look.circumstances, names: look.names)
        var (later, never, behind): (Set<FieldPath>, Set<FieldPath>, Set<FieldPath>) = ([], [], [])
        var steps: [EffectPlanning.Step] = []
        var ready = decided
        // What one side cannot do now must not be in what the other does.
        repeat {
            steps = []
            let left = later.union(never).union(behind)
            for side in Side.allCases {
                let orders = ready.filter { $0.told.contains(side) }.map {
                    EffectPlanning.Order(finding: $0.finding, value: $0.outcome)
                }
                let outcome = planning.plan(orders, for: side)
                steps += outcome.steps
                later.formUnion(outcome.later)
                never.formUnion(outcome.never)
                behind.formUnion(outcome.behind)
            }
            let out = later.union(never).union(behind)
            guard out != left else { break }
            ready = decided.filter { !out.contains($0.finding.path) }
        } while true
        for decision in decided {
            if never.contains(decision.finding.path) {
                let rule = look.policy.rule(for: decision.finding.path)?.rule
                stuck.append(
                    Stuck(
                        finding: decision.finding, ruling: decision.ruling, isAccepted: rule?.otherwise == .accept))
            } else if later.contains(decision.finding.path) {
                result.holds[decision.finding.path] = .notYet
            } else if behind.contains(decision.finding.path) {
                result.holds[decision.finding.path] = .ahead
            }
        }
        let effects = effects(of: steps, carrying: Set(ready.map(\.finding.path)))
        for decision in ready { resolve(decision, by: effects) }
        for effect in effects { record(.effectRequested(effect, subject: look.parties.journey)) }
    }

    private func effects(of steps: [EffectPlanning.Step], carrying paths: Set<FieldPath>) -> [Effect] {
        steps.compactMap { step in
            let fields = step.fields.filter(paths.contains).sorted()
            guard !fields.isEmpty else { return nil }
            let failures = fields.compactMap { ledger.tracks[$0]?.failures }.max() ?? 0
            return Effect(
                id: look.id("effect \(step.action.name) \(step.action.side.rawValue) \(fields[0])"),
                action: step.action,
                fields: fields, resolutions: fields.map { look.id("resolution \($0)") }, attempt: failures + 1,
                deadline: look.at.advanced(by: look.limits.patience),
                premise: look.circumstances.premise(of: step.action))
        }
    }

    private mutating func resolve(_ decision: Decided, by effects: [Effect]) {
        let path = decision.finding.path
        overtake(path)
        record(
            .resolved(
                Receipt(
                    id: look.id("resolution \(path)"), finding: decision.finding, outcome: decision.outcome,
                    winner: decision.winner, ruling: decision.ruling, owner: decision.owner, cause: .comparison,
                    at: look.at,
                    effects: effects.filter { $0.fields.contains(path) }.map(\.id)), look.parties))
    }
}
