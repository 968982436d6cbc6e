import EventModel

/// What follows from a comparison under a policy: what both sides agree on from now on, what each has to be told, and what waits for a person. A pure
/// function; nothing is done by it.
public struct Plan: Equatable, Sendable {
    /// Something that a side is to be told.
    public struct Order: Equatable, Sendable {
        /// The side.
        public let side: Side
        /// The field, or the member of its data.
        public let path: FieldPath
        /// What it is to hold; `nil` for nothing.
        public let value: FieldValue?
        /// What the side says now: it is told only while it still does.
        public let present: FieldValue?
    }

    /// What becomes of each finding, ordered by path.
    public let settlements: [Settlement]
    /// What the sides are to be told, ordered by path.
    public let orders: [Order]
    /// What both sides had agreed on before.
    private let base: Agreement

    /// Settles every finding of a comparison.
    ///
    /// - Parameters:
    ///   - ownership: which side owns which fields by hand-over, before what the policy says.
    ///   - telling: what the sides can be told. What stands and has to be told can be.
    public init(
        _ sides: Comparison.Sides, under policy: Policy, ownership: Ownership = Ownership(),
        telling: Telling = .everything
    ) {
        let findings = Comparison(sides).findings
        base = sides.base
        guard !findings.isEmpty else {
            (settlements, orders) = ([], [])
            return
        }
        let audience = Audience(sides, telling)
        var settlements: [Settlement] = []
        settlements.reserveCapacity(findings.count)
        var orders: [Order] = []
        for finding in findings {
            let settlement = Settlement(finding, by: policy, ownership: ownership, before: audience)
            settlements.append(settlement)
            guard finding.isDivergence, case .stands(let value, _) = settlement.outcome else { continue }
            func tell(_ side: Side, in words: Vocabulary) {
                guard settlement.isToldTo(side, in: words) else { return }
                if orders.isEmpty { orders.reserveCapacity(findings.count) }
                orders.append(Order(side: side, path: finding.path, value: value, present: finding[side]))
            }
            tell(.workflow, in: sides.workflowWords)
            tell(.journey, in: sides.journeyWords)
        }
        self.settlements = settlements
        self.orders = orders
    }

    /// What both sides agree on from now on. What waits for a person stays what it was, and accepted differences are in it. It is worked out each time it is
    /// asked for: whoever only looks at what is to be done does not pay for all that has not changed.
    public var agreement: Agreement {
        var agreement = base
        agreement.settle(
            settlements.compactMap { settlement in
                guard case .stands(let value, _) = settlement.outcome else { return nil }
                return (settlement.finding.path, value)
            })
        for settlement in settlements where settlement.outcome == .accepted {
            let finding = settlement.finding
            agreement.accept(
                Agreement.Difference(finding.path, workflow: finding.workflow, journey: finding.journey))
        }
        return agreement
    }

    /// What waits for a person.
    public var waiting: [Settlement] {
        settlements.filter { if case .waits = $0.outcome { true } else { false } }
    }
}
