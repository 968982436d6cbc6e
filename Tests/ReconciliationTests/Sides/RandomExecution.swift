import EventModel
import EventSourcingTesting
import WorkflowDomain

@testable import Reconciliation

/// Reports of one execution as a careless engine makes them: rounds, branches, child runs, attempts, waits, contents that differ or are gone, times that are
/// missing or go backwards.
struct RandomExecution {
    private(set) var reports: [ExecutionReport] = []
    private var random: SeededGenerator

    init(seed: UInt64, count: Int = 40) {
        random = SeededGenerator(seed: seed)
        for _ in 0..<count { reports.append(report()) }
    }

    private mutating func report() -> ExecutionReport {
        ExecutionReport(
            fact(), of: execution, workflow: workflow, at: moment(), startedAt: random.below(3) == 0 ? moment() : nil,
            endedAt: random.below(3) == 0 ? moment() : nil, contents: contents(),
            original: OriginalWord(source: "neutral", word: "w"))
    }

    private mutating func moment() -> Timestamp? { random.below(4) == 0 ? nil : second(random.below(8)) }

    private mutating func contents() -> ReportContents {
        ReportContents(input: content(), output: content(), error: content())
    }

    private mutating func content() -> JSONValue? {
        switch random.below(40) {
        case 0: SealedValue.erased(subject: "customer:7")
        case 1...4: ["total": .number(JSONNumber(random.below(3))), "who": "Ada"]
        case 5...8: ["total": 7]
        case 9, 10: [1, 2]
        case 11: "text"
        default: nil
        }
    }

    private mutating func fact() -> ExecutionFact {
        switch random.below(20) {
        case 0: .started(ExecutionStart(trigger: "api"))
        case 1: .noted(.queued)
        case 2, 3, 4: .waitStarted(wait())
        case 5, 6: .resumed(context: random.pick([nil, "c1", "c2", "c3"]))
        case 7: random.pick([.paused, .completed, .failed(code: "TIMEOUT"), .cancelled])
        case 8...12: .blockStarted(block())
        case 13...15: .blockCompleted(block())
        case 16, 17: .blockFailed(block(), handled: random.below(2) == 0)
        case 18: .blockSkipped(block())
        default: .childWorkflowStarted(block())
        }
    }

    private mutating func wait() -> WaitFact {
        WaitFact(
            kind: random.pick([nil, .human, .time]), context: random.pick([nil, "c1", "c2", "c3"]),
            resumeAt: random.below(2) == 0 ? nil : second(9), blockedOn: random.pick([nil, "b1", "b2"]))
    }

    private mutating func block() -> BlockFact {
        let frames: [[IterationFrame]] = [
            [], [], [.loop("l", index: 0)], [.loop("l", index: 1)], [.parallel("p", index: 1), .loop("q", index: 1)],
            [.child("k")],
        ]
        return BlockFact(
            BlockVisit(
                random.pick(["b1", "b2", "b3"]), in: random.pick(frames), order: random.pick([nil, 1, 2])),
            attempt: 1 + random.below(2), instance: random.below(5) == 0 ? "k" : nil)
    }
}

let execution = ExecutionID("e1") ?? { preconditionFailure("an id of the tests") }()
let workflow = WorkflowID("refund")

/// So many seconds into a morning.
func second(_ number: Int) -> Timestamp { Timestamp(microseconds: 1_772_442_000_000_000 + Int64(number) * 1_000_000) }

/// An execution's stream: what is decided is heard, one position after the other.
struct HeardExecution {
    private(set) var state = ExecutionState()
    private(set) var side = WorkflowSide()
    private(set) var events: [(event: ExecutionEvent, origin: Origin)] = []
    var position: Int64 = 0

    init(_ reports: [ExecutionReport] = [], pin: MappingPin? = nil) throws {
        for report in reports { try receive(report, pin: pin) }
    }

    mutating func receive(_ report: ExecutionReport, pin: MappingPin? = nil) throws {
        for event in try ExecutionDecider.decide(.report(report, pin: pin), on: &state) {
            position += 1
            hear(event, Origin(GlobalPosition(position), actor: "engine"))
        }
    }

    mutating func hear(_ event: ExecutionEvent, _ origin: Origin) {
        events.append((event, origin))
        side.receive(event, at: origin)
    }

    /// The next thing that happens, at a second that no other has.
    mutating func tell(
        _ fact: ExecutionFact, input: JSONValue? = nil, output: JSONValue? = nil, error: JSONValue? = nil,
        at moment: Timestamp? = nil, pin: MappingPin? = nil
    ) throws {
        try receive(
            ExecutionReport(
                fact, of: execution, workflow: workflow, at: moment ?? second(Int(position) + 1),
                contents: ReportContents(input: input, output: output, error: error),
                original: OriginalWord(source: "neutral", word: "w")), pin: pin)
    }
}

extension Claims {
    /// What is said, without where.
    var values: [FieldPath: FieldValue] { Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0.value) }) }

    /// The first claim whose origin is not that of the event that changed it last, when one more event has led here from `before`.
    func misplaced(behind before: Claims, at origin: Origin) -> Claim? {
        all.first { claim in
            guard let old = before[claim.path], old.value == claim.value else { return claim.origin != origin }
            return claim.origin != old.origin
        }
    }
}

/// What a workflow says, worked out anew from all that is known.
func naiveClaims(of state: ExecutionState) -> [FieldPath: FieldValue] {
    var claims: [FieldPath: FieldValue] = [:]
    if let standing = state.standing { claims[.status] = .status(standing.status) }
    for (block, visits) in Dictionary(grouping: state.visits.filter(\.key.isOwn), by: \.key.block) {
        let open = visits.filter { $0.value.status == .started }
        let latest = (open.isEmpty ? visits : open).max { left, right in
            func key(_ visit: (key: BlockVisit, value: VisitState)) -> [String] {
                let attempt = visit.value.latest
                let end = attempt?.endedAt ?? .earliest
                let start = attempt?.startedAt ?? .earliest
                let order = visit.key.order.map(String.init) ?? ""
                return [end.description, start.description, order, visit.key.frames.map(\.description).joined()]
            }
            return key((left.key, left.value)).lexicographicallyPrecedes(key((right.key, right.value)))
        }
        guard let latest else { continue }
        claims[.step(block)] = .step(latest.value.status)
        claims[FieldPath(.outputs, [block])] = (latest.value.latest?.output).flatMap { naive($0) }
    }
    for block in Set(state.waits.values.compactMap(\.blockedOn)) {
        let resumed = state.waits.filter { $0.value.blockedOn == block && $0.value.resumedAt != nil }
        let last = resumed.max { ($0.value.resumedAt ?? .earliest, $0.key) < ($1.value.resumedAt ?? .earliest, $1.key) }
        claims[FieldPath(.inputs, [block])] = last.flatMap { naive($0.value.input) }
    }
    if case .content(.object(let input))? = naive(state.input) {
        for member in input.members {
            claims[FieldPath(.variables, [ElementID(member.key)])] = FieldValue(member.value)
        }
    }
    claims[FieldPath(.error)] = naive(state.error)
    return claims
}

private func naive(_ versions: ContentVersions) -> FieldValue? {
    versions == .hidden ? .hidden : versions.preferred.map { .content($0) }
}
