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
    /// What both sides agree on from now on. What waits for a person stays what it was, and accepted differences are in it.
    public let agreement: Agreement
    /// What the sides are to be told, ordered by path.
    public let orders: [Order]

    /// Settles every finding of a comparison.
    ///
    /// - Parameters:
    ///   - ownership: which side owns which fields by hand-over, before what the policy says.
    ///   - telling: what the sides can be told. What stands and has to be told can be.
    public init(
        _ sides: Comparison.Sides, under policy: Policy, ownership: Ownership = Ownership(),
        telling: Telling = .everything
    ) {
        let audience = Audience(sides, telling)
        let settlements = Comparison(sides).findings.map {
            Settlement($0, by: policy, ownership: ownership, before: audience)
        }
        var standing: [(path: FieldPath, value: FieldValue?)] = []
        var orders: [Order] = []
        for settlement in settlements {
            guard case .stands(let value, _) = settlement.outcome else { continue }
            let path = settlement.finding.path
            standing.append((path, value))
            for (side, words) in [(Side.workflow, sides.workflowWords), (.journey, sides.journeyWords)]
            where settlement.isToldTo(side, in: words) {
                orders.append(Order(side: side, path: path, value: value, present: settlement.finding[side]))
            }
        }
        var agreement = sides.base
        agreement.settle(standing)
        for settlement in settlements where settlement.outcome == .accepted {
            let finding = settlement.finding
            agreement.accept(
                Agreement.Difference(finding.path, workflow: finding.workflow, journey: finding.journey))
        }
        self.settlements = settlements
        self.agreement = agreement
        self.orders = orders
    }

    /// What waits for a person.
    public var waiting: [Settlement] {
        settlements.filter { if case .waits = $0.outcome { true } else { false } }
    }
}
