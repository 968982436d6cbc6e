import EventModel
import FoundationEssentials

// What the sides are told of what was decided.

extension Examiner {
    mutating func carryOut(_ decided: [Decided]) {
        var undertaking = undertaking(decided)
        note(undertaking)
        // Nearly always there is room for everything.
        if hasUnfinishedInputs(undertaking.ready) || room.fit(Weight(undertaking.events)) != .now {
            undertaking = self.undertaking(admit(withoutUnfinishedInputs(undertaking.ready)))
            note(undertaking)
        }
        record(undertaking.events)
    }

    /// What is done about decisions, and what stands in the way of the others.
    private struct Undertaking {
        var ready: [Decided]
        /// What a side cannot be told yet.
        var later: [Decided] = []
        /// What would move the conversation back.
        var behind: [Decided] = []
        /// What a side can never be told.
        var never: [Decided] = []
        /// What is recorded of it, all at once: each decision with what carries it out.
        var events: [ReconciliationEvent] = []
    }

    private func undertaking(_ decided: [Decided]) -> Undertaking {
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
                    EffectPlanning.Order(finding: $0.finding, value: $0.outcome, isPersons: $0.word != nil)
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
        let effects = effects(of: steps, carrying: Set(ready.map(\.finding.path)))
        let carriers = carriers(effects)
        return Undertaking(
            ready: ready,
            later: decided.filter { later.contains($0.finding.path) && !never.contains($0.finding.path) },
            behind: decided.filter { decision in
                let path = decision.finding.path
                return behind.contains(path) && !later.contains(path) && !never.contains(path)
            },
            never: decided.filter { never.contains($0.finding.path) },
            // A person's decision is on record already: only what carries it out is asked for anew.
            events: ready.filter { $0.word == nil }.flatMap {
                overtaken($0.finding.path) + [resolved($0, by: carriers)]
            } + effects.map { .effectRequested($0, subject: subject(of: $0, carrying: ready)) })
    }

    private func subject(of effect: Effect, carrying ready: [Decided]) -> String {
        let fields = Set(effect.fields)
        return look.parties.subject(
            of: ready.filter { fields.contains($0.finding.path) }.map { ($0.finding.path, $0.winner) })
    }

    private mutating func note(_ undertaking: Undertaking) {
        stuck += undertaking.never.map(giveUp)
        for decision in undertaking.later { result.holds[decision.finding.path] = .notYet }
        for decision in undertaking.behind { result.holds[decision.finding.path] = .ahead }
    }

    /// What becomes of a decision of which a side can never be told. The rule says what becomes of it, also where it was not asked who wins.
    private func giveUp(_ decision: Decided) -> Stuck {
        let path = decision.finding.path
        guard decision.word == nil else {
            let attempts = max(1, ledger.tracks[path]?.failures ?? 0)
            return Stuck(
                finding: decision.finding, ruling: nil, isAccepted: false, reason: .unreachable(attempts: attempts))
        }
        let found = look.policy.rule(for: path)
        let isAccepted = found?.rule.otherwise == .accept
        return Stuck(
            finding: decision.finding,
            ruling: decision.owner == nil || isAccepted ? found.map { look.policy.ruling(at: $0.place) } : nil,
            isAccepted: isAccepted)
    }

    private func effects(of steps: [EffectPlanning.Step], carrying paths: Set<FieldPath>) -> [Effect] {
        steps.compactMap { step in
            let fields = step.fields.filter(paths.contains).sorted()
            let resolutions = fields.map { unheard[$0]?.receipt.id ?? look.id("resolution \($0)") }
            guard !fields.isEmpty else { return nil }
            let failures = fields.compactMap { ledger.tracks[$0]?.failures }.max() ?? 0
            return Effect(
                id: look.id("effect \(step.action.name) \(step.action.side.rawValue) \(fields[0])"),
                action: step.action,
                fields: fields, resolutions: resolutions, attempt: failures + 1,
                deadline: look.at.advanced(by: look.limits.patience),
                premise: look.circumstances.premise(of: step.action))
        }
    }

    /// The effects by the fields that they are to settle.
    private func carriers(_ effects: [Effect]) -> [FieldPath: [UUID]] {
        var carriers: [FieldPath: [UUID]] = [:]
        for effect in effects { for field in effect.fields { carriers[field, default: []].append(effect.id) } }
        return carriers
    }

    private func resolved(_ decision: Decided, by carriers: [FieldPath: [UUID]]) -> ReconciliationEvent {
        let path = decision.finding.path
        return .resolved(
            Receipt(
                id: look.id("resolution \(path)"), finding: decision.finding, outcome: decision.outcome,
                winner: decision.winner, ruling: decision.ruling, owner: decision.owner, cause: .comparison,
                at: look.at, effects: carriers[path] ?? []), look.parties)
    }
}

// MARK: What there is room for

extension Examiner {
    /// Of decisions that are too much for one append the first ones, as many as surely fit with what carries them out. The others are for the next look; what fits
    /// no append is left to people.
    private mutating func admit(_ ready: [Decided]) -> [Decided] {
        var rest = wholes(ready)[...]
        while let first = rest.first {
            switch room.fit(weight(first)) {
            case .never:
                leave(first, for: .never)
                rest.removeFirst()
            case .nextLook:
                leave(rest.joined(), for: .nextLook)
                return []
            case .now:
                var count = most(of: rest)
                while count > 1, room.fit(weight(rest.prefix(count).joined())) != .now { count = count * 3 / 4 }
                leave(rest.dropFirst(count).joined(), for: .nextLook)
                return Array(rest.prefix(count).joined())
            }
        }
        return []
    }

    private func weight(_ decided: some Sequence<Decided>) -> Weight { Weight(undertaking(Array(decided)).events) }

    /// How many there is room for if nobody had to be told of them; at least one.
    private func most(of wholes: some Sequence<[Decided]>) -> Int {
        var left = room
        return max(1, wholes.prefix { left.take(Weight($0.map { resolved($0, by: [:]) })) == .now }.count)
    }

    /// What has to be told at once, in the order in which it is: a workflow goes on with all that was decided of its input. A conversation is told values before
    /// it is moved, because what it says next may need them.
    private func wholes(_ ready: [Decided]) -> [[Decided]] {
        var (first, values, moves): ([[Decided]], [[Decided]], [[Decided]]) = ([], [], [])
        var places: [ElementID: Int] = [:]
        for decision in ready {
            let path = decision.finding.path
            if let block = decision.blockToGoOnFrom {
                if let place = places[block] {
                    first[place].append(decision)
                } else {
                    places[block] = first.count
                    first.append([decision])
                }
            } else if decision.told.contains(.workflow) {
                first.append([decision])
            } else if path.root == .variables || path.root == .inputs {
                values.append([decision])
            } else {
                moves.append([decision])
            }
        }
        return first + values + moves
    }

    /// Whether there are inputs of which something is not on record, or is being told.
    private func hasUnfinishedInputs(_ ready: [Decided]) -> Bool {
        result.holds.contains { $0.key.root == .inputs && $0.value.leavesUnfinished }
            || ready.contains { $0.overrulesInput }
    }

    /// A workflow does not go on with an input of which something is still to be put on record, cannot be, or is being told: what the conversation says of it may be
    /// what was just overruled.
    private mutating func withoutUnfinishedInputs(_ ready: [Decided]) -> [Decided] {
        for decision in ready where room.fit(Weight([resolved(decision, by: [:])])) == .never {
            leave([decision], for: .never)
        }
        var unfinished: [ElementID: Examined.Hold] = [:]
        for (path, hold) in result.holds.sorted(by: { $0.key < $1.key }) where path.root == .inputs {
            guard let block = path.names.first, hold.leavesUnfinished else { continue }
            if unfinished[block] == nil || hold == .tooLarge { unfinished[block] = hold }
        }
        for decision in ready where decision.overrulesInput {
            guard let block = decision.finding.path.names.first, unfinished[block] == nil else { continue }
            unfinished[block] = .effectPending
        }
        for decision in ready {
            guard let hold = decision.blockToGoOnFrom.flatMap({ unfinished[$0] }) else { continue }
            result.holds[decision.finding.path] = hold
        }
        return ready.filter { result.holds[$0.finding.path]?.leavesUnfinished != true }
    }
}

extension Examined.Hold {
    /// Whether something is still to be put on record of what is held, cannot be, or is being told.
    fileprivate var leavesUnfinished: Bool {
        switch self {
        case .tooLarge, .nextLook, .effectPending, .pausing: true
        case .notYet, .ahead, .over, .queued: false
        }
    }
}

extension Examiner.Decided {
    /// Whether the conversation is to take another input than it has collected.
    fileprivate var overrulesInput: Bool { finding.path.root == .inputs && told.contains(.journey) }

    /// The block from which the workflow goes on with this, if it is told of it.
    fileprivate var blockToGoOnFrom: ElementID? {
        guard told.contains(.workflow), finding.path.root == .steps || finding.path.root == .inputs else { return nil }
        return finding.path.names.first
    }
}
