import EventModel
import WorkflowDomain

/// What becomes of one finding.
public struct Settlement: Equatable, Sendable {
    /// What is to be so from now on.
    public enum Outcome: Equatable, Sendable {
        /// Both sides are to have this; `nil` for nothing. The winner is the side whose value it is; `nil` for what neither had alone.
        case stands(FieldValue?, winner: Side?)
        /// A person has to decide.
        case waits(Waiting)
        /// Each goes on saying what it says, as the rule allows where a side cannot be told.
        case accepted
    }

    /// Why a person has to decide.
    public enum Waiting: String, Sendable, CaseIterable {
        /// The rule says so.
        case manual
        /// No rule of the policy is about the field.
        case noRule = "no_rule"
        /// The rule has no answer for these values: neither is further, later or greater.
        case undecided
        /// The values cannot be read by whoever compares.
        case unreadable
        /// A side cannot be told what is to stand, as far as its connector declares.
        case unsettable
    }

    /// What was found.
    public let finding: Finding
    /// The place of the rule in the policy that has decided, or says what becomes of it otherwise; `nil` where none was needed, or there is none.
    public let rule: Int?
    /// The place in ``Ownership/handovers`` of the one that has made the owner, who then has decided; `nil` where none has.
    public let handover: Int?
    /// What becomes of it.
    public let outcome: Outcome

    /// The side that has to be told, because it does not say what stands.
    public func isToldTo(_ side: Side, in words: Vocabulary) -> Bool {
        guard finding.isDivergence, case .stands(let value, _) = outcome else { return false }
        return finding[side] != value && finding[side] != value.flatMap(words.word)
    }
}

extension Settlement {
    /// Settles a finding by a policy. Pure: the same input has the same settlement.
    ///
    /// - Parameters:
    ///   - ownership: which side owns which fields by hand-over, before what the policy says.
    ///   - audience: what the sides can be told as they stand.
    public init(
        _ finding: Finding, by policy: Policy, ownership: Ownership = Ownership(), before audience: Audience = .willing
    ) {
        self.finding = finding
        guard finding.kind.isDecided else {
            (rule, handover) = (nil, nil)
            outcome = finding.kind == .unreadable ? .waits(.unreadable) : .stands(finding.newest, winner: finding.side)
            return
        }
        let found = policy.place(of: finding.path)
        let place = ownership.handover(of: finding.path)
        let taken = place.flatMap { ownership.handovers[$0].owner }
        let decision = Self.decide(
            finding, by: found.map { policy.rules[$0].decision },
            owner: taken ?? found.flatMap { policy.rules[$0].owner },
            before: audience)
        outcome = decision.outcome
        let isAccepted = if case .accepted = decision.outcome { true } else { false }
        rule = decision.isByRule && (taken == nil || isAccepted) ? found : nil
        handover = taken == nil ? nil : place
    }

    /// What becomes of it, and whether the rule was asked.
    private static func decide(
        _ finding: Finding, by rule: (rule: Rule, otherwise: Otherwise)?, owner: Side?, before audience: Audience
    ) -> (outcome: Outcome, isByRule: Bool) {
        let unsettable: Outcome = rule?.otherwise == .accept ? .accepted : .waits(.unsettable)
        if let owner {
            let isHeard = audience.hears(owner.other, finding[owner], about: finding)
            return (isHeard ? .stands(finding[owner], winner: owner) : unsettable, true)
        }
        if let side = finding.side, audience.hears(side.other, finding[side], about: finding) {
            return (.stands(finding[side], winner: side), false)
        }
        guard let rule else { return (.waits(finding.side == nil ? .noRule : .unsettable), false) }
        let decided = rule.rule.decide(finding)
        if case .stands(let value, _) = decided {
            return (audience.hears(value, about: finding) ? decided : unsettable, true)
        }
        // Of a change that cannot be told, a rule without an answer says no more than that.
        return (finding.side == nil ? decided : unsettable, true)
    }
}

extension PolicyRule {
    /// The words of it that a decision needs: nothing that has to be retained.
    fileprivate var decision: (rule: Rule, otherwise: Otherwise) { (rule, otherwise) }
}

extension Rule {
    /// What the rule says of a finding, whoever can be told of it.
    fileprivate func decide(_ finding: Finding) -> Settlement.Outcome {
        let winner: Side?
        switch self {
        case .workflowWins: winner = .workflow
        case .journeyWins: winner = .journey
        case .latest: winner = finding.later
        case .first: winner = finding.later?.other
        case .furthest: winner = finding.further
        case .max: winner = finding.greater
        case .min: winner = finding.greater?.other
        case .manual: return .waits(.manual)
        case .refuse: return finding.base == .hidden ? .waits(.unreadable) : .stands(finding.base, winner: nil)
        case .union: return finding.union.map { .stands($0.value, winner: $0.winner) } ?? .waits(.undecided)
        }
        return winner.map { .stands(finding[$0], winner: $0) } ?? .waits(.undecided)
    }
}

extension Finding {
    /// What is so now, where there is nothing to decide: of two values that mean the same, the one that says more is the side's that is named.
    fileprivate var newest: FieldValue? {
        if let side { return self[side] }
        return workflow ?? journey
    }

    /// The side that has spoken last. A side that says nothing has taken its value away, and nobody knows when: then there is none. A member of data
    /// was said when the data was.
    fileprivate var later: Side? {
        guard self.workflow != nil, self.journey != nil, let workflow = workflowOrigin?.position,
            let journey = journeyOrigin?.position
        else { return nil }
        return workflow == journey ? nil : workflow > journey ? .workflow : .journey
    }

    /// The side that is further on.
    fileprivate var further: Side? {
        let (workflow, journey) = (Self.progress(workflow), Self.progress(journey))
        return workflow == journey ? nil : workflow > journey ? .workflow : .journey
    }

    /// How far on a value is. What has ended otherwise has not ended further on.
    private static func progress(_ value: FieldValue?) -> Int {
        switch value {
        case nil: 0
        case .status(.queued)?: 1
        case .status(.running)?, .status(.waiting)?, .status(.paused)?: 2
        case .status(.completed)?, .status(.failed)?, .status(.cancelled)?: 3
        case .step(.started)?: 1
        case .step(.completed)?, .step(.failed)?, .step(.skipped)?: 2
        case .content?, .hidden?: 0
        }
    }

    /// The side whose number is greater.
    fileprivate var greater: Side? {
        guard let workflow = workflow?.number, let journey = journey?.number else { return nil }
        // Large whole numbers are not all different as floating point.
        if let workflow = workflow.int, let journey = journey.int {
            return workflow == journey ? nil : workflow > journey ? .workflow : .journey
        }
        let (left, right) = (workflow.double, journey.double)
        guard left.isFinite, right.isFinite, left != right else { return nil }
        return left > right ? .workflow : .journey
    }

    /// What either has.
    fileprivate var union: (value: FieldValue, winner: Side?)? {
        switch (workflow, journey) {
        case (let workflow?, nil): return (workflow, .workflow)
        case (nil, let journey?): return (journey, .journey)
        case (.content(.array(let workflow))?, .content(.array(let journey))?):
            // In an order of its own, so that it does not matter whose elements come first.
            var elements = (workflow + journey).map { (bytes: $0.canonicalBytes(), value: $0) }
            elements.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
            var distinct: [JSONValue] = []
            for (place, element) in elements.enumerated() where place == 0 || elements[place - 1].bytes != element.bytes
            {
                distinct.append(element.value)
            }
            return (FieldValue(.array(distinct)), nil)
        default: return nil
        }
    }
}

extension FieldValue {
    fileprivate var number: JSONNumber? {
        guard case .content(let value) = self else { return nil }
        return value.number
    }
}
