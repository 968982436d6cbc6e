import EventSourcingTesting

/// Where a process is struck that brings an effect to its engine, and how.
struct EffectPlan: Hashable, Sendable {
    /// What is about to be put on record, or what the engine is about to do.
    enum Step: String, CaseIterable, Sendable {
        /// A decision and its effects are stored.
        case deciding = "reconciliation.effect_requested"
        /// It is stored that an effect is tried.
        case sending = "reconciliation.effect_sent"
        /// The engine was asked and has not heard it yet.
        case ordering
        /// The engine has done it, and its answer does not come.
        case answering
        /// It is stored that nobody knows whether it was carried out.
        case doubting = "reconciliation.effect_unknown"
        /// It is stored that it was carried out.
        case confirming = "reconciliation.effect_confirmed"

        /// Whether the step is one of the log, which the server of the database can stop.
        var isStored: Bool { self != .ordering && self != .answering }
    }

    enum Strike: String, CaseIterable, Sendable {
        /// `kill -9` before it has happened.
        case kill
        /// `kill -9` right behind it.
        case killBehind
        /// SIGSTOP until its lease has run out and the other one has looked, then SIGCONT.
        case pause
        /// The engine is killed, and comes back where it was.
        case killEngine
    }

    let step: Step
    let strike: Strike

    /// Everything that can be done.
    static let repertoire = Step.allCases.flatMap { step in
        Strike.allCases.filter { $0 != .killEngine || !step.isStored }.map { EffectPlan(step: step, strike: $0) }
    }

    /// A seed's plans: of a long run every one has its turn, and the steps take turns in a short one as well.
    static func plans(_ count: Int, seed: UInt64) -> [EffectPlan] {
        var random = SeededGenerator(seed: seed)
        var plans: [EffectPlan] = []
        while plans.count < count {
            var rest = repertoire.shuffled(using: &random)
            while !rest.isEmpty {
                for step in Step.allCases.shuffled(using: &random) {
                    guard let place = rest.firstIndex(where: { $0.step == step }) else { continue }
                    plans.append(rest.remove(at: place))
                }
            }
        }
        return Array(plans.prefix(count))
    }
}

extension EffectPlan: CustomStringConvertible {
    var description: String { "\(strike.rawValue) at \(step)" }
}
