import EventModel
import FoundationEssentials

/// One look under way.
struct Examiner {
    var ledger: Ledger
    let look: Examination
    let ownership: Ownership
    let audience: Audience
    var result = Examined()
    private var stuck: [Stuck] = []

    init(ledger: Ledger, look: Examination) {
        self.ledger = ledger
        self.look = look
        ownership = ledger.ownership
        audience = Audience(look.sides, look.telling)
    }

    mutating func run() -> Examined {
        hearEchoes()
        result.findings = Comparison(look.sides).findings
        agree()
        let decided = result.findings.filter(\.isDivergence).compactMap { decide($0) }
        carryOut(decided)
        giveUp()
        lapse()
        lookAgain()
        return result
    }

    private mutating func record(_ event: ReconciliationEvent) {
        ledger.receive(event)
        result.events.append(event)
    }

    private mutating func hearEchoes() {
        for pending in ledger.pending where pending.isEchoed(by: look.circumstances) {
            record(.effectConfirmed(EffectConfirmed(effect: pending.effect.id, witness: .echo, at: look.at)))
        }
    }

    /// What both say is their base from now on. What one side alone can tell is not written down: it cannot differ.
    private mutating func agree() {
        let agreed = result.findings.filter { $0.kind == .agreed && !isToDiffer($0.path) && isRecordable($0) }
        var fields = agreed.map { finding in
            AgreedField(finding.path, finding.side.flatMap { finding[$0] } ?? finding.workflow ?? finding.journey)
        }
        fields += comeBack()
        var (part, bytes): ([AgreedField], Int) = ([], 0)
        for field in fields {
            let size = field.value?.bytes ?? 0
            if !part.isEmpty, bytes + size > LedgerLimits.bytes || part.count >= LedgerLimits.recorded {
                record(.agreed(FieldsAgreed(fields: part, parties: look.parties)))
                (part, bytes) = ([], 0)
            }
            part.append(field)
            bytes += size
        }
        if !part.isEmpty { record(.agreed(FieldsAgreed(fields: part, parties: look.parties))) }
    }

    /// Whether a side is on its way from what both say to what was accepted that it says.
    private func isToDiffer(_ path: FieldPath) -> Bool { ledger.accepted[path] != nil && ledger.isPending(path) }

    /// Fields about which something was tried in vain, and in which both sides are where they were: that is agreement as well, and begins a new count.
    private func comeBack() -> [AgreedField] {
        // What is accepted differs, and agreement would end that.
        let found = Set(result.findings.map(\.path.field) + ledger.accepted.keys.map(\.field))
        let tried = ledger.tracks.filter { path, track in
            track.failures > 0 && !found.contains(path.field) && !ledger.isPending(path)
        }
        return tried.keys.sorted().map { AgreedField($0, ledger.base.value(at: $0)) }
    }

    /// Whether what was found fits an event.
    private mutating func isRecordable(_ finding: Finding) -> Bool {
        let size = [finding.base, finding.workflow, finding.journey].reduce(0) { $0 + ($1?.bytes ?? 0) }
        guard size > LedgerLimits.bytes else { return true }
        result.holds[finding.path] = .tooLarge
        return false
    }

    // MARK: One difference

    /// A difference that nobody can be brought to end.
    private struct Stuck {
        let finding: Finding
        let ruling: Receipt.Ruling?
        /// Whether the rule lets it be.
        let isAccepted: Bool
    }

    /// Why there is nobody to talk to about a field: one side was never heard of, or has ended. How it has ended is talked about all the same.
    private func silence(about path: FieldPath) -> Examined.Hold? {
        if look.circumstances.status == nil || look.sides.journey.all.isEmpty { return .notYet }
        guard path != .status else { return nil }
        return look.circumstances.status?.isTerminal == true || !look.circumstances.hasSession ? .over : nil
    }

    /// A difference that is decided, and the sides that have to be told.
    private struct Decided {
        let finding: Finding
        let outcome: FieldValue?
        let winner: Side?
        let ruling: Receipt.Ruling?
        /// The owner by hand-over, who has decided.
        let owner: Side?
        let told: [Side]
    }

    private mutating func decide(_ finding: Finding) -> Decided? {
        let path = finding.path
        if let hold = silence(about: path) {
            result.holds[path] = hold
            return nil
        }
        // What was decided has its time, whatever the rules would say by now.
        if ledger.isPending(path) {
            result.holds[path] = .effectPending
            return nil
        }
        guard isRecordable(finding) else { return nil }
        guard result.recorded < LedgerLimits.recorded else {
            result.holds[path] = .nextLook
            result.again = look.at
            return nil
        }
        // What no rule had an answer to is asked again: the policy may be another, or a side be told by now. The rest is for a person.
        let isAsked = ledger.queue[path].map { $0.finding.saysTheSame(as: finding) } ?? false
        if isAsked { result.holds[path] = .queued }
        if isAsked, ledger.queue[path]?.isForRules == false { return nil }
        let settlement = Settlement(
            finding, by: look.policy, ownership: ownership, before: audience)
        let ruling = look.policy.ruling(settlement)
        switch settlement.outcome {
        case .waits(.unsettable):
            stuck.append(Stuck(finding: finding, ruling: ruling, isAccepted: false))
            return nil
        case .accepted:
            stuck.append(Stuck(finding: finding, ruling: ruling, isAccepted: true))
            return nil
        case .waits(let reason):
            if !isAsked { queue(finding, .policy(reason), ruling) }
            return nil
        case .stands(let value, let winner):
            let told = Side.allCases.filter { side in
                settlement.isToldTo(side, in: side == .workflow ? look.sides.workflowWords : look.sides.journeyWords)
            }
            return hold(
                Decided(
                    finding: finding, outcome: value, winner: winner, ruling: ruling,
                    owner: settlement.handover.flatMap { ownership.handovers[$0].owner }, told: told))
        }
    }

    /// Nothing is decided while a side that would be told is busy, or while a pause lasts; and not for ever.
    private mutating func hold(_ decided: Decided) -> Decided? {
        let path = decided.finding.path
        if decided.told.contains(where: ledger.isPending) {
            result.holds[path] = .effectPending
            return nil
        }
        guard let track = ledger.tracks[path] else { return decided }
        if track.failures >= look.limits.attempts {
            queue(decided.finding, .unreachable(attempts: track.failures), decided.ruling)
            return nil
        }
        let contested = track.contested(within: look.limits.flapWindow, before: look.at)
        if contested.count >= look.limits.flaps {
            queue(decided.finding, .flapping, decided.ruling, history: contested)
            return nil
        }
        if let failedAt = track.failedAt {
            let due = failedAt.advanced(by: look.limits.pause(after: track.failures))
            if look.at < due {
                result.holds[path] = .pausing
                result.again = min(result.again ?? due, due)
                return nil
            }
        }
        return decided
    }

    private mutating func accept(_ finding: Finding, _ ruling: Receipt.Ruling?) {
        guard ledger.accepted[finding.path] != nil || ledger.accepted.count < LedgerLimits.waiting else { return }
        record(
            .divergenceAccepted(
                AcceptedDivergence(
                    id: look.id("accepted \(finding.path)"), finding: finding, ruling: ruling,
                    conflict: ledger.queue[finding.path]?.id, at: look.at), look.parties))
    }

    private mutating func queue(
        _ finding: Finding, _ reason: QueuedConflict.Reason, _ ruling: Receipt.Ruling?, history: [UUID] = []
    ) {
        result.holds[finding.path] = .queued
        guard ledger.queue[finding.path] != nil || ledger.queue.count < LedgerLimits.waiting else { return }
        overtake(finding.path)
        record(
            .conflictQueued(
                QueuedConflict(
                    id: look.id("conflict \(finding.path)"), finding: finding, reason: reason, ruling: ruling,
                    at: look.at,
                    history: history), look.parties))
    }

    /// A conflict that waits is none any more when something else is found there, or a rule decides: its end is on record before what takes its place.
    private mutating func overtake(_ path: FieldPath) {
        guard let conflict = ledger.queue[path] else { return }
        record(.conflictLapsed(ConflictLapsed(conflict: conflict.id, field: path.field)))
    }

    // MARK: What the sides are told

    private mutating func carryOut(_ decided: [Decided]) {
        let planning = EffectPlanning(sides: look.sides, circumstances: look.circumstances, names: look.names)
        var (later, never): (Set<FieldPath>, Set<FieldPath>) = ([], [])
        var steps: [EffectPlanning.Step] = []
        var ready = decided
        // What one side cannot do now must not be in what the other does.
        repeat {
            steps = []
            let left = later.union(never)
            for side in Side.allCases {
                let orders = ready.filter { $0.told.contains(side) }.map {
                    EffectPlanning.Order(finding: $0.finding, value: $0.outcome)
                }
                let outcome = planning.plan(orders, for: side)
                steps += outcome.steps
                later.formUnion(outcome.later)
                never.formUnion(outcome.never)
            }
            guard later.union(never) != left else { break }
            ready = decided.filter { !later.union(never).contains($0.finding.path) }
        } while true
        for decision in decided {
            if never.contains(decision.finding.path) {
                let rule = look.policy.rule(for: decision.finding.path)?.rule
                stuck.append(
                    Stuck(
                        finding: decision.finding, ruling: decision.ruling, isAccepted: rule?.otherwise == .accept))
            } else if later.contains(decision.finding.path) {
                result.holds[decision.finding.path] = .notYet
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
                deadline: look.at.advanced(by: look.limits.patience))
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

    // MARK: Afterwards

    /// What nobody can be told is given up, but not before what was asked for has been done: the side may come there by itself then.
    private mutating func giveUp() {
        for stuck in stuck {
            if !ledger.pending.isEmpty {
                result.holds[stuck.finding.path] = .effectPending
            } else if stuck.isAccepted {
                accept(stuck.finding, stuck.ruling)
            } else if ledger.queue[stuck.finding.path]?.finding.saysTheSame(as: stuck.finding) != true {
                queue(stuck.finding, .policy(.unsettable), stuck.ruling)
            }
        }
    }

    /// A conflict that waits is none any more when nothing differs there, or when there is nobody left to hear what a person would say.
    private mutating func lapse() {
        let differing = Set(result.differences.map(\.path))
        for (path, conflict) in ledger.queue.sorted(by: { $0.key < $1.key }) where !differing.contains(path) {
            record(.conflictLapsed(ConflictLapsed(conflict: conflict.id, field: path.field)))
        }
    }

    private mutating func lookAgain() {
        for pending in ledger.pending where pending.effect.deadline > look.at {
            let deadline = pending.effect.deadline
            result.again = min(result.again ?? deadline, deadline)
        }
    }
}
