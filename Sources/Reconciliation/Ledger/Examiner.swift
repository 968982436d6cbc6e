import EventModel
import FoundationEssentials

/// One look under way.
struct Examiner {
    var ledger: Ledger
    let look: Examination
    let ownership: Ownership
    let audience: Audience
    var result = Examined()
    /// What nobody can be brought to end.
    var stuck: [Stuck] = []
    /// What a person has decided and the sides have not heard.
    var unheard: [FieldPath: UnheardWord] = [:]
    /// What the append has room for still.
    private(set) var room = Room()
    /// Whether something did not fit into it that fits into another.
    private var isLeftOver = false

    init(ledger: Ledger, look: Examination) {
        self.ledger = ledger
        self.look = look
        ownership = ledger.ownership
        audience = Audience(look.sides, look.telling)
    }

    mutating func run() -> Examined {
        hearEchoes()
        (result.findings, unheard) = ledger.findings(look.sides)
        agree()
        let decided = result.findings.filter(\.isDivergence).compactMap { decide($0) }
        carryOut(decided)
        giveUp()
        lapse()
        lookAgain()
        return result
    }

    /// Records what belongs together, or nothing of it.
    @discardableResult
    mutating func record(_ events: [ReconciliationEvent]) -> Room.Fit {
        let fit = room.take(Weight(events))
        switch fit {
        case .now:
            for event in events { ledger.receive(event) }
            result.events += events
        case .nextLook: isLeftOver = true
        case .never: break
        }
        return fit
    }

    /// The same; what is not recorded is held.
    mutating func record(_ events: [ReconciliationEvent], about path: FieldPath) {
        if let hold = record(events).hold { result.holds[path] = hold }
    }

    /// Leaves something to the next look, or to nobody.
    mutating func leave(_ decided: some Sequence<Decided>, for fit: Room.Fit) {
        for decision in decided {
            result.holds[decision.finding.path] = fit.hold
            isLeftOver = isLeftOver || fit == .nextLook
        }
    }

    private mutating func hearEchoes() {
        for pending in ledger.pending where pending.isEchoed(by: look.circumstances) {
            record([.effectConfirmed(EffectConfirmed(effect: pending.effect.id, witness: .echo, at: look.at))])
        }
    }

    /// What both say is their base from now on. What one side alone can tell is not written down: it cannot differ.
    private mutating func agree() {
        let agreed = result.findings.filter { $0.kind == .agreed && !isToDiffer($0.path) }
        var fields = agreed.map { finding in
            AgreedField(finding.path, finding.side.flatMap { finding[$0] } ?? finding.workflow ?? finding.journey)
        }
        fields += comeBack()
        let frame = ReconciliationEvent.frameBytes + look.parties.storedBytes
        var (part, bytes): ([AgreedField], Int) = ([], frame)
        for field in fields {
            let size = field.storedBytes
            guard frame + size <= LedgerLimits.eventBytes else {
                result.holds[field.path] = .tooLarge
                continue
            }
            if bytes + size > LedgerLimits.eventBytes {
                guard record([.agreed(FieldsAgreed(fields: part, parties: look.parties))]) == .now else { return }
                (part, bytes) = ([], frame)
            }
            part.append(field)
            bytes += size
        }
        if !part.isEmpty { record([.agreed(FieldsAgreed(fields: part, parties: look.parties))]) }
    }

    /// Whether a person has decided that it is to be otherwise.
    private func isToDiffer(_ path: FieldPath) -> Bool { unheard.keys.contains { $0.overlaps(path) } }

    /// Fields about which something was tried in vain, and in which both sides are where they were: that is agreement as well, and begins a new count.
    private func comeBack() -> [AgreedField] {
        let tried = ledger.tracks.filter { $0.value.failures > 0 && !$0.key.isHidden && !ledger.isPending($0.key) }
        guard !tried.isEmpty else { return [] }
        // What is accepted differs all the same: neither side says what the other does.
        var sides = look.sides
        sides.base = Agreement(sides.base.fields)
        let differing = ledger.base.accepted.isEmpty ? [] : Comparison(sides).findings
        let found = Set((result.findings + differing).map(\.path.field))
        return tried.keys.filter { !found.contains($0.field) }.sorted().map {
            AgreedField($0, ledger.base.value(at: $0))
        }
    }

    // MARK: Afterwards

    /// What nobody can be told is given up, but not before what was asked for has been done: the side may come there by itself then.
    private mutating func giveUp() {
        for stuck in stuck {
            if !ledger.pending.isEmpty {
                result.holds[stuck.finding.path] = .effectPending
            } else if stuck.reason == .policy(.unsettable), mayStillCome(to: stuck.finding) {
                result.holds[stuck.finding.path] = .ahead
            } else if stuck.isAccepted, hasRoomToAccept(stuck.finding.path) {
                accept(stuck.finding, stuck.ruling)
            } else if ledger.queue[stuck.finding.path]?.finding.saysTheSame(as: stuck.finding) != true {
                queue(stuck.finding, stuck.reason, stuck.ruling)
            }
        }
    }

    /// Whether the conversation is ahead at a block, and a run under way may still come to where it can be told.
    private func mayStillCome(to finding: Finding) -> Bool {
        guard finding.path.root == .steps || finding.path.root == .inputs, finding.journey != nil,
            look.circumstances.goesOn, ledger.queue[finding.path] == nil, let block = finding.path.names.first
        else { return false }
        switch look.sides.workflow[.step(block)]?.value {
        case .step(.started)?: return true
        case nil: return isReachable(block)
        default: return false
        }
    }

    /// Whether a way through the journey leads from where the run is at work to a block; also where nobody knows.
    private func isReachable(_ block: ElementID) -> Bool {
        guard let names = look.names, let graph = names.graph, let goal = names.states(of: block).first else {
            return true
        }
        let places = look.sides.workflow.all.compactMap { claim -> ElementID? in
            guard claim.path.root == .steps, claim.value == .step(.started) else { return nil }
            return claim.path.names.first.flatMap { names.states(of: $0).last }
        }
        return places.isEmpty || places.contains { graph.leads(from: $0, to: goal) }
    }

    /// A conflict that waits is none any more when nothing differs there, or when there is nobody left to hear what a person would say. Nor is it where
    /// something else is found that no event can hold: nobody could decide about what was shown.
    private mutating func lapse() {
        let differing = Dictionary(result.differences.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        for (path, conflict) in ledger.queue.sorted(by: { $0.key < $1.key }) {
            if let finding = differing[path],
                result.holds[path] != .tooLarge || finding.saysTheSame(as: conflict.finding)
            {
                continue
            }
            record([.conflictLapsed(ConflictLapsed(conflict: conflict.id, field: path.field))])
        }
    }

    private mutating func lookAgain() {
        for pending in ledger.pending where pending.effect.deadline > look.at {
            let deadline = pending.effect.deadline
            result.again = min(result.again ?? deadline, deadline)
        }
        // A look that has recorded nothing would be the same once more.
        if isLeftOver, !result.events.isEmpty { result.again = look.at }
    }
}
