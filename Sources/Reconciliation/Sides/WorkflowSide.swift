import EventModel
import WorkflowDomain

/// What a workflow says of one execution: its events, folded into claims.
///
/// The values follow from what was reported, in whatever order and however often; where a value was said last depends on the order of the log. An event
/// that repeats a value does not move its origin.
///
/// **Which visit of a block counts.** Blocks in loops and parallels are visited many times, and a block may be tried many times in one visit. Of visits in the
/// execution's own workflow one counts: of those at work the one that began last; where none is at work, the one that ended last. At equal times the engine's
/// running number decides, then the iteration. Of that visit the attempt with the highest number says how it stands. Visits in child workflows are not
/// compared.
///
/// **Cost.** An event costs what is known of its block and the logarithm of the rest, however many blocks there are.
public struct WorkflowSide: Equatable, Sendable {
    /// What is known of the execution.
    public private(set) var state = ExecutionState()
    /// What is said of it: `status`, `error`, and `steps/<block>` and `outputs/<block>` of the visit that counts. `inputs/<block>` is what the last
    /// resumed wait at the block was resumed with; `variables/<name>` are the members of the object that it was started with.
    public private(set) var claims = Claims()
    /// Since when nobody can read what it was started with, so that not even the names of its variables are known.
    public private(set) var inputHidden: Origin?
    /// Whose personal data its values are, as was said last: `execution:<id>`, `customer:<id>`.
    public private(set) var subject: String?
    private var standing: ExecutionStanding?
    private var visits: [ElementID: Ranking<VisitRank>] = [:]
    private var resumptions: [ElementID: Ranking<WaitRank>] = [:]
    private var variables: [FieldPath] = []

    /// Nothing was said.
    public init() {}

    /// The execution; `nil` before the first event.
    public var execution: ExecutionID? { state.execution }
    /// The workflow that it runs.
    public var workflow: WorkflowID? { state.workflow }
    /// The mapping that holds for it.
    public var pin: MappingPin? { state.pin }
    /// Whether it has begun.
    public var hasStarted: Bool { state.hasStarted }
    /// Whether it has ended.
    public var isOver: Bool { standing?.status.isTerminal ?? false }
    /// What it waits for right now.
    public var openWait: OpenWait? { standing?.wait }

    /// The block at which it waits for a person. A wait of which nobody says what for is one for a person, unless it goes on by itself.
    public var waitsAt: ElementID? {
        guard let wait = openWait, wait.kind == .human || (wait.kind == nil && wait.resumeAt == nil) else { return nil }
        return wait.blockedOn
    }
}

extension WorkflowSide {
    /// Takes one more event up. One that does not fit (none that was decided for this execution) changes nothing.
    public mutating func receive(_ event: ExecutionEvent, at origin: Origin) {
        let visit = event.report.fact.visit.flatMap { $0.isOwn ? $0 : nil }
        let wait = event.report.wait
        let (visitBefore, waitBefore) = (visit.flatMap(state.visit), wait.flatMap { state.waits[$0] })
        let (input, error) = (state.input, state.error)
        state.receive(event)
        subject = event.report.subject
        standing = state.standing
        say(.status, standing.map { .status($0.status) }, origin)
        if let visit { move(visit, from: visitBefore, origin) }
        if let wait { move(wait, from: waitBefore, origin) }
        if state.input != input { sayVariables(origin) }
        if state.error != error { say(FieldPath(.error), FieldValue(state.error), origin) }
    }

    private mutating func say(_ path: FieldPath, _ value: FieldValue?, _ origin: Origin) {
        guard let value else { return claims.remove(path) }
        if claims[path]?.value != value { claims.set(Claim(path, value, origin)) }
    }

    private mutating func move(_ visit: BlockVisit, from before: VisitState?, _ origin: Origin) {
        guard let after = state.visit(visit) else { return }
        let old = visits[visit.block]?.last
        visits[visit.block, default: Ranking()].move(
            from: before.map { VisitRank(visit, $0) }, to: VisitRank(visit, after))
        // What is told of a visit that does not count changes nothing.
        guard let new = visits[visit.block]?.last, new.visit == visit || new != old,
            let counting = state.visit(new.visit)
        else { return }
        say(.step(visit.block), .step(counting.status), origin)
        let output = (counting.latest?.output).flatMap { FieldValue($0) }
        say(FieldPath(.outputs, [visit.block]), output, origin)
    }

    /// The block of a wait may become known later than the wait, and be another then.
    private mutating func move(_ name: WaitName, from before: ExecutionWait?, _ origin: Origin) {
        let after = state.waits[name]
        for block in Set([before?.blockedOn, after?.blockedOn].compactMap { $0 }) {
            let old = before.flatMap { $0.blockedOn == block ? WaitRank(name, $0) : nil }
            let new = after.flatMap { $0.blockedOn == block ? WaitRank(name, $0) : nil }
            guard old != nil || new != nil else { continue }
            resumptions[block, default: Ranking()].move(from: old, to: new)
            if resumptions[block]?.last == nil { resumptions[block] = nil }
            let wait = (resumptions[block]?.last).flatMap { state.waits[$0.name] }
            say(FieldPath(.inputs, [block]), wait.flatMap { FieldValue($0.input) }, origin)
        }
    }

    private mutating func sayVariables(_ origin: Origin) {
        inputHidden = state.input == .hidden ? inputHidden ?? origin : nil
        let members = state.input.preferred?.object?.members ?? []
        let paths = members.map { FieldPath(.variables, [ElementID($0.key)]) }
        let known = Set(paths)
        for path in variables where !known.contains(path) { claims.remove(path) }
        for (path, member) in zip(paths, members) { say(path, FieldValue(member.value), origin) }
        variables = paths
    }
}

extension FieldValue {
    /// What counts of content that was told; `nil` when nothing was.
    init?(_ versions: ContentVersions) {
        switch versions {
        case .none: return nil
        case .hidden: self = .hidden
        case .known:
            guard let value = versions.preferred else { return nil }
            self.init(value)
        }
    }
}
