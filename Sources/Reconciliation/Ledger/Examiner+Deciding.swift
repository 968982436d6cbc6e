import EventModel
import FoundationEssentials
import WorkflowDomain

// What becomes of one difference.

extension Examiner {
    /// - Returns: what is decided about it; `nil` where that is not for now, or for a person.
    mutating func decide(_ finding: Finding) -> Decided? {
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
        // What no rule had an answer to is asked again: the policy may be another, or a side be told by now. The rest is for a person.
        let isAsked = ledger.queue[path].map { $0.finding.saysTheSame(as: finding) } ?? false
        if isAsked { result.holds[path] = .queued }
        if isAsked, ledger.queue[path]?.isForRules == false { return nil }
        if let word = unheard[path] {
            return hold(
                Decided(
                    finding: finding, outcome: word.receipt.outcome, winner: word.receipt.winner, ruling: nil,
                    owner: nil, told: word.told, word: word.receipt.id))
        }
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
                    owner: settlement.handover.flatMap { ownership.handovers[$0].owner }, told: told, word: nil))
        }
    }

    /// Why there is nobody to talk to about a field: one side was never heard of, or has ended. How it has ended is talked about all the same.
    private func silence(about path: FieldPath) -> Examined.Hold? {
        if look.circumstances.status == nil || look.sides.journey.all.isEmpty { return .notYet }
        guard path != .status else { return nil }
        return look.circumstances.status?.isTerminal == true || !look.circumstances.hasSession ? .over : nil
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

    /// Whether one more difference may stay; behind that a person is asked, whatever the rule says.
    func hasRoomToAccept(_ path: FieldPath) -> Bool {
        ledger.accepted[path] != nil || ledger.accepted.count < LedgerLimits.waiting
    }

    mutating func accept(_ finding: Finding, _ ruling: Receipt.Ruling?) {
        let divergence = AcceptedDivergence(
            id: look.id("accepted \(finding.path)"), finding: finding, ruling: ruling,
            conflict: ledger.queue[finding.path]?.id, at: look.at)
        record([.divergenceAccepted(divergence, look.parties)], about: finding.path)
    }

    mutating func queue(
        _ finding: Finding, _ reason: QueuedConflict.Reason, _ ruling: Receipt.Ruling?, history: [UUID] = []
    ) {
        result.holds[finding.path] = .queued
        guard ledger.queue[finding.path] != nil || ledger.queue.count < LedgerLimits.waiting else { return }
        let conflict = QueuedConflict(
            id: look.id("conflict \(finding.path)"), finding: finding, reason: reason, ruling: ruling, at: look.at,
            history: history)
        record(overtaken(finding.path) + [.conflictQueued(conflict, look.parties)], about: finding.path)
    }

    /// A conflict that waits is none any more when something else is found there, or a rule decides: its end is on record before what takes its place.
    func overtaken(_ path: FieldPath) -> [ReconciliationEvent] {
        guard let conflict = ledger.queue[path] else { return [] }
        return [.conflictLapsed(ConflictLapsed(conflict: conflict.id, field: path.field))]
    }

    /// A difference that is decided, and the sides that have to be told.
    struct Decided {
        let finding: Finding
        let outcome: FieldValue?
        let winner: Side?
        let ruling: Receipt.Ruling?
        /// The owner by hand-over, who has decided.
        let owner: Side?
        let told: [Side]
        /// The person's decision that it is; `nil` where it is taken now.
        let word: UUID?
    }

    /// A difference that nobody can be brought to end.
    struct Stuck {
        let finding: Finding
        let ruling: Receipt.Ruling?
        /// Whether the rule lets it be.
        let isAccepted: Bool
        /// Why a person is asked otherwise.
        var reason = QueuedConflict.Reason.policy(.unsettable)
    }
}
