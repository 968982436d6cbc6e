import EventModel
import FoundationEssentials

/// What another policy makes of what is on record: a look that was taken is taken again by it, with the sides, the base, the owners, the pending effects and
/// the time as they were. Pure; nothing is written.
///
/// Each look is taken again for itself: what would have come of another decision later is not played on.
public enum WhatIf {
    /// What has become of a difference, or would become of it.
    public struct Outcome: Equatable, Sendable {
        /// How it stands afterwards.
        public enum Standing: Equatable, Sendable {
            /// Both sides are to have this; `nil` for nothing. The winner is the side whose value it is; `nil` for what neither had alone.
            case stands(FieldValue?, winner: Side?)
            /// A person is asked, for whatever reason.
            case waits
            /// Each goes on saying what it says.
            case accepted
            /// Nothing is done about it for the time being.
            case held(Examined.Hold)
        }

        /// How it stands afterwards.
        public let standing: Standing
        /// The rule that says so; `nil` where none was needed, or there is none.
        public let ruling: Receipt.Ruling?

        /// An outcome by its parts.
        public init(standing: Standing, ruling: Receipt.Ruling?) {
            self.standing = standing
            self.ruling = ruling
        }

        /// A stable word for it: `workflow`, `journey`, `neither`, `a person`, `accepted`, `nobody yet`.
        public var word: String {
            switch standing {
            case .stands(_, let winner): winner?.rawValue ?? "neither"
            case .waits: "a person"
            case .accepted: "accepted"
            case .held: "nobody yet"
            }
        }
    }

    /// One decision, conflict or accepted difference, as it was and as it would be.
    public struct Retrial: Equatable, Sendable {
        /// The decision, the conflict or the accepted difference.
        public let id: UUID
        /// The field, or the member of its data.
        public let path: FieldPath
        /// What has become of it.
        public let was: Outcome
        /// What would become of it.
        public let wouldBe: Outcome

        /// A retrial by its parts.
        public init(id: UUID, path: FieldPath, was: Outcome, wouldBe: Outcome) {
            self.id = id
            self.path = path
            self.was = was
            self.wouldBe = wouldBe
        }

        /// Whether that is something else: another value, another winner, or nobody's where it was somebody's. Another rule alone is no change.
        public var isChanged: Bool { was.standing != wouldBe.standing }
    }

    /// Why something on record is not tried again.
    public enum Untried: String, Sendable, CaseIterable {
        /// The policy is not for the execution.
        case outside
        /// What was said, or what a side would be told, is sealed or erased for whoever asks.
        case hidden
        /// What is on record of the sides does not show this difference any more: a mapping or a journey is not in the log as it was.
        case unknown
    }

    /// What became of one of the things that were to be tried again.
    public enum Answer: Equatable, Sendable {
        /// It was.
        case tried(Retrial)
        /// It was not.
        case untried(UUID, FieldPath, Untried)
    }

    /// Takes a look again.
    ///
    /// - Parameters:
    ///   - events: what was recorded by it. What a person has decided in it is no rule's, and is left out.
    ///   - look: what it saw, with the policy to be tried.
    ///   - ledger: what was known before.
    public static func answers(
        to events: [ReconciliationEvent], at look: Examination, knowing ledger: Ledger
    ) -> [Answer] {
        let records = Record.all(in: events)
        guard !records.isEmpty else { return [] }
        let again = LookAgain(look, ledger)
        return records.map(again.answer)
    }

    /// Where and when a look was taken by which these were recorded; `nil` when there is nothing to try again among them.
    public static func look(by events: [ReconciliationEvent]) -> (parties: Parties, at: Timestamp)? {
        Record.all(in: events).first.map { ($0.parties, $0.at) }
    }

    /// That none of these are tried again.
    public static func untried(_ events: [ReconciliationEvent], _ reason: Untried) -> [Answer] {
        Record.all(in: events).map { .untried($0.id, $0.finding.path, reason) }
    }
}

/// What a rule, an owner or nobody but the comparison has made of a difference.
private struct Record {
    let id: UUID
    let finding: Finding
    let was: WhatIf.Outcome
    let parties: Parties
    let at: Timestamp

    /// What there is to try again among the events of one look. What comes with a person's decision is that person's as well.
    static func all(in events: [ReconciliationEvent]) -> [Record] {
        events.contains(where: \.isPersonsDecision) ? [] : events.compactMap(Record.init)
    }

    private init?(_ event: ReconciliationEvent) {
        switch event {
        case .resolved(let receipt, let parties):
            guard receipt.cause == .comparison else { return nil }
            (id, finding, self.parties, at) = (receipt.id, receipt.finding, parties, receipt.at)
            was = WhatIf.Outcome(
                standing: .stands(receipt.outcome, winner: receipt.winner), ruling: receipt.ruling)
        case .conflictQueued(let conflict, let parties):
            (id, finding, self.parties, at) = (conflict.id, conflict.finding, parties, conflict.at)
            was = WhatIf.Outcome(standing: .waits, ruling: conflict.ruling)
        case .divergenceAccepted(let accepted, let parties):
            // Of a conflict that waited it is a person who says so, unless a rule is named.
            guard accepted.ruling != nil || accepted.conflict == nil else { return nil }
            (id, finding, self.parties, at) = (accepted.id, accepted.finding, parties, accepted.at)
            was = WhatIf.Outcome(standing: .accepted, ruling: accepted.ruling)
        case .agreed, .conflictLapsed, .effectRequested, .effectSent, .effectUnknown, .effectConfirmed, .effectStale,
            .ownershipTaken, .wentStale:
            return nil
        }
    }
}

extension ReconciliationEvent {
    fileprivate var isPersonsDecision: Bool {
        guard case .resolved(let receipt, _) = self else { return false }
        return receipt.cause != .comparison
    }
}

/// A look that is taken again.
private struct LookAgain {
    let look: Examination
    let ledger: Ledger
    let audience: Audience
    let examined: Examined
    private var outcomes: [FieldPath: WhatIf.Outcome] = [:]

    init(_ look: Examination, _ ledger: Ledger) {
        (self.look, self.ledger) = (look, ledger)
        audience = Audience(look.sides, look.telling)
        examined = ledger.examine(look)
        for event in examined.events {
            switch event {
            case .resolved(let receipt, _):
                outcomes[receipt.finding.path] = WhatIf.Outcome(
                    standing: .stands(receipt.outcome, winner: receipt.winner), ruling: receipt.ruling)
            case .conflictQueued(let conflict, _):
                outcomes[conflict.finding.path] = WhatIf.Outcome(standing: .waits, ruling: conflict.ruling)
            case .divergenceAccepted(let accepted, _):
                outcomes[accepted.finding.path] = WhatIf.Outcome(standing: .accepted, ruling: accepted.ruling)
            case .agreed, .conflictLapsed, .effectRequested, .effectSent, .effectUnknown, .effectConfirmed,
                .effectStale, .ownershipTaken, .wentStale:
                continue
            }
        }
    }

    func answer(_ record: Record) -> WhatIf.Answer {
        let path = record.finding.path
        let found = examined.findings.first { $0.path == path }
        guard !record.finding.isHidden, found?.isHidden != true, !needsHidden(path) else {
            return .untried(record.id, path, .hidden)
        }
        guard let found, found.saysTheSame(as: record.finding), let wouldBe = outcomes[path] ?? unrecorded(found)
        else { return .untried(record.id, path, .unknown) }
        return .tried(WhatIf.Retrial(id: record.id, path: path, was: record.was, wouldBe: wouldBe))
    }

    /// What becomes of a difference about which nothing would be recorded: it waits, as it did, or is held.
    private func unrecorded(_ finding: Finding) -> WhatIf.Outcome? {
        guard let hold = examined.holds[finding.path] else { return nil }
        let settlement = Settlement(finding, by: look.policy, ownership: ledger.ownership, before: audience)
        return WhatIf.Outcome(
            standing: hold == .queued ? .waits : .held(hold), ruling: look.policy.ruling(settlement))
    }

    /// Whether a block could have been passed with what was collected for it, if anybody could read that still.
    private func needsHidden(_ path: FieldPath) -> Bool {
        guard path.root == .steps, let block = path.names.first else { return false }
        let collected = FieldPath(.inputs, [block])
        return look.sides.journey[collected]?.value.holdsHidden == true
            || look.sides.workflow[collected]?.value.holdsHidden == true
    }
}

extension Finding {
    /// Whether something in it cannot be read.
    fileprivate var isHidden: Bool {
        [base, workflow, journey].contains { $0?.holdsHidden == true }
    }
}
