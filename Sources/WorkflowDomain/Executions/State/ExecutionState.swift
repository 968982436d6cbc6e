import EventModel

/// What is known of an execution. Two states are equal when everything that was reported amounts to the same, in whatever order and
/// however often it was reported.
public struct ExecutionState: Equatable, Sendable {
    private(set) var head = ExecutionHead()
    /// The visits as they are told: what a live event and a log say of one block of a child workflow stands apart here.
    private var told: [BlockVisit: VisitState] = [:]
    private var runs = ChildRuns()
    private(set) var tally = VisitTally()
    /// When the last of the visits began. It follows from the visits, and is kept because looking for it would take longer the more there are.
    private(set) var lastStart: Timestamp?

    /// Nothing is known.
    public init() {}

    /// The execution; `nil` before the first event.
    public var execution: ExecutionID? { head.execution }
    /// The visits to blocks, those of child workflows included. A child's run is called by the block that began it (`pay#6`) once
    /// that is known, whichever source told of it; until then as it was told. Put together on every call where children ran.
    public var visits: [BlockVisit: VisitState] {
        guard !runs.isEmpty else { return told }
        return Dictionary(told.map { (runs.resolve($0.key), $0.value) }, uniquingKeysWith: { $0.joined($1) })
    }
    /// One of ``visits``, without putting all of them together; `nil` when nothing was told of it.
    ///
    /// - Parameter visit: a visit to a block of the execution's own workflow. Visits in child workflows are looked up as they were told.
    public func visit(_ visit: BlockVisit) -> VisitState? { told[visit] }
    /// The workflow that it runs.
    public var workflow: WorkflowID? { head.workflow }
    /// Whether it has begun.
    public var hasStarted: Bool { head.hasStarted }
    /// The mapping that holds for it.
    public var pin: MappingPin? { head.pin }
    /// What set it off.
    public var trigger: String? { head.trigger }
    /// The definition that it runs, as far as the engine says.
    public var definition: DefinitionReference? {
        guard head.definitionDigest != nil || head.definitionRevision != nil else { return nil }
        return DefinitionReference(digest: head.definitionDigest, revision: head.definitionRevision)
    }
    /// What it waits and has waited for, with what was shown and answered then.
    public var waits: [WaitName: ExecutionWait] { head.waits }
    /// The waits that are open, and after which no block has begun.
    public var openWaits: [WaitName: ExecutionWait] { head.openWaits(lastStart: lastStart) }
    /// What it was given at its start.
    public var input: ContentVersions { head.input }
    /// What it answered in the end.
    public var output: ContentVersions { head.output }
    /// What ended it.
    public var error: ContentVersions { head.error }

    /// All the ways in which it is said to have ended. More than one is a contradiction; ``standing`` says which counts.
    public var endings: [ExecutionStatus: ExecutionEnding] {
        var endings: [ExecutionStatus: ExecutionEnding] = [:]
        endings[.completed] = head.completed
        endings[.failed] = head.failed
        endings[.cancelled] = head.cancelled
        return endings
    }

    /// Where it stands; `nil` when nothing is known.
    public var standing: ExecutionStanding? {
        head.execution == nil ? nil : head.standing(tally, lastStart: lastStart)
    }

    /// The visits to its own blocks that have begun and not ended.
    public var current: Set<BlockVisit> {
        Set(told.lazy.filter { $0.key.isOwn && $0.value.status == .started }.map(\.key))
    }

    /// Takes in one more event, in place. An event that does not fit (none that was decided here) changes nothing.
    public mutating func receive(_ event: ExecutionEvent) {
        let step =
            event.isImplied
            ? try? step(implied: event.report) : try? step(event.report, CanonicalContents(event.report.contents))
        if let step { take(step, pin: event.pin) }
    }
}

extension ExecutionState {
    /// What a report amounts to.
    struct Step {
        var head: ExecutionHead
        var visit: (key: BlockVisit, before: VisitState?, after: VisitState)?
        var tally: VisitTally
        var lastStart: Timestamp?
        /// Whether anything is new.
        var isNew: Bool

        /// What becomes of the visit.
        var change: VisitChange? {
            visit.map { VisitChange(before: $0.before?.status, after: $0.after.status) }
        }

        /// Where the execution stands once the step is made.
        var standing: ExecutionStanding { head.standing(tally, lastStart: lastStart) }
    }

    /// What a start amounts to that nobody has reported.
    func step(implied report: ExecutionReport) throws(ExecutionRejection) -> Step {
        var head = head
        try head.joinImplied(report)
        return Step(head: head, tally: tally, lastStart: lastStart, isNew: head != self.head)
    }

    /// What the report, whose contents these are, amounts to on top of what is known.
    func step(_ report: ExecutionReport, _ contents: CanonicalContents) throws(ExecutionRejection) -> Step {
        var head = head
        try head.join(report, contents)
        var step = Step(head: head, tally: tally, lastStart: lastStart, isNew: head != self.head)
        guard let (block, outcome) = report.fact.block else { return step }
        let before = told[block.visit]
        guard before != nil || told.count < ExecutionLimits.visits else {
            throw .tooManyVisits(limit: ExecutionLimits.visits)
        }
        var after = before ?? VisitState()
        let end = outcome == nil ? nil : report.endedAt ?? report.at
        let start = outcome == nil ? report.startedAt ?? report.at : report.startedAt
        try after.join(block, outcome: outcome, times: (start, end), contents)
        if block.visit.isOwn { step.tally.move(from: before, to: after) }
        step.isNew = step.isNew || before != after
        step.lastStart = lastStart(with: block.visit, before: before?.startedAt, after: after.startedAt)
        step.visit = (block.visit, before, after)
        return step
    }

    /// Makes a step.
    mutating func take(_ step: Step, pin: MappingPin?) {
        head = step.head
        head.pin(pin)
        tally = step.tally
        lastStart = step.lastStart
        guard let visit = step.visit else { return }
        for run in visit.after.instances.subtracting(visit.before?.instances ?? []) {
            runs.join(run, begunBy: visit.key)
        }
        told[visit.key] = visit.after
    }

    /// When the last visit began, once this one is known to have begun then. Only when the last one turns out to have begun earlier are
    /// all looked at.
    private func lastStart(with visit: BlockVisit, before: Timestamp?, after: Timestamp?) -> Timestamp? {
        var last = lastStart
        if before != after, before == lastStart {
            last = told.lazy.filter { $0.key != visit }.compactMap(\.value.startedAt).max()
        }
        last.raise(to: after)
        return last
    }
}

extension ExecutionState: Snapshotable {
    /// Everything that is known, what follows from other parts of it included: looking for that would cost as much as folding.
    public var snapshot: JSONValue {
        let visits = told.map { visit, state -> JSONValue in ["visit": visit.snapshot, "state": state.snapshot] }
        return .object(
            JSONObject(omittingNil: [
                "head": head.snapshot, "visits": .array(visits.inFixedOrder), "runs": runs.snapshot,
                "tally": tally.value, "lastStart": lastStart?.snapshot,
            ]))
    }

    /// Takes it up again.
    public init(snapshot: PayloadReader) throws(EventFlaw) {
        head = try snapshot.part("head")
        for entry in try snapshot.elements("visits") { told[try entry.part("visit")] = try entry.part("state") }
        runs = try snapshot.part("runs")
        tally = try VisitTally(snapshot.nested("tally"))
        lastStart = try snapshot.optionalMoment("lastStart")
    }
}
