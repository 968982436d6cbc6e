import EventModel
import WorkflowDomain

/// Both sides as they stand: whether what is to be so can be brought about.
struct Audience: Sendable {
    private let sides: Comparison.Sides
    private let telling: Telling?
    private let statuses: (workflow: ExecutionStatus?, journey: ExecutionStatus?)

    /// - Parameter telling: what the sides can be told; everything for ``Telling/everything``, which is then not asked for each field.
    init(_ sides: Comparison.Sides, _ telling: Telling) {
        self.sides = sides
        let isAsked = telling != .everything
        self.telling = isAsked ? telling : nil
        statuses = isAsked ? (sides.workflow.status, sides.journey.status) : (nil, nil)
    }

    /// Everything can be told to both.
    static let willing = Audience(
        Comparison.Sides(base: Agreement(), workflow: Claims(), journey: Claims()), .everything)

    /// Whether both sides say it already, or can be told.
    func hears(_ value: FieldValue?, about finding: Finding) -> Bool {
        telling == nil || Side.allCases.allSatisfy { hears($0, value, about: finding) }
    }

    /// Whether a side says it already, or can be told.
    func hears(_ side: Side, _ value: FieldValue?, about finding: Finding) -> Bool {
        guard let telling, finding[side] != value else { return true }
        let words = side == .workflow ? sides.workflowWords : sides.journeyWords
        let told = value.flatMap(words.word)
        guard finding[side] != told else { return true }
        return telling[side].canTell(
            finding.path, told, at: side == .workflow ? statuses.workflow : statuses.journey,
            waitingAt: side == .workflow ? sides.waitsAt : nil)
    }
}

extension Claims {
    /// How the side stands; `nil` when it does not say.
    fileprivate var status: ExecutionStatus? {
        guard case .status(let status)? = self[.status]?.value else { return nil }
        return status
    }
}
