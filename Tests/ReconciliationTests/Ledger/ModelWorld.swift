import EventModel
import EventSourcingTesting
import FoundationEssentials
import JourneyDomain
import WorkflowDomain

@testable import Reconciliation

/// Two engines over one process, as simple as can be, with everything that goes wrong between them and whoever reconciles: reports come late, what is
/// asked is carried out late, twice, or nobody knows whether. A value, so that a seed says it all.
struct ModelWorld {
    static let blocks: [ElementID] = (0..<5).map { ElementID("b\($0)") }
    /// The blocks at which the workflow waits for a person.
    static let asks: Set<Int> = [1, 3]
    static let journey = "j"
    static let names = MappedNames(
        workflowID: "w", journeyID: journey,
        states: Dictionary(uniqueKeysWithValues: blocks.map { ($0, [ElementID("s-\($0.text)")]) }),
        keys: ["v0": "v0", "v1": "v1"],
        graph: JourneyGraph(
            blocks.indices.map { place in
                let state = { ElementID("s-\(blocks[$0].text)") }
                return (state(place), place + 1 < blocks.count ? state(place + 1) : JourneyState.end)
            }))

    struct Workflow: Equatable {
        var status: ExecutionStatus?
        var steps: [Int: VisitStatus] = [:]
        var variables: [String: Int] = [:]
        var inputs: [Int: JSONValue] = [:]
        /// The waits that were resumed, by context.
        var resumed: Set<String> = []

        var place: Int? { status?.isTerminal == true ? nil : steps.first { $0.value == .started }?.key }
        var waitsAt: Int? { place.flatMap { ModelWorld.asks.contains($0) ? $0 : nil } }

        mutating func advance(giving input: JSONValue? = nil) {
            guard let place else { return }
            if let input { inputs[place] = input }
            steps[place] = .completed
            if place + 1 < ModelWorld.blocks.count { steps[place + 1] = .started } else { status = .completed }
            if status != .completed { status = waitsAt == nil ? .running : .waiting }
        }
    }

    struct Journey: Equatable {
        var hasSession = false
        var isOver = false
        var steps: [Int: VisitStatus] = [:]
        var values: [String: Int] = [:]
        var inputs: [Int: JSONValue] = [:]
        var echoes: Set<String> = []
        /// It was led out of the journey by somebody else.
        var isLedOut = false

        var place: Int? { steps.first { $0.value == .started }?.key }

        mutating func move(to next: Int?) {
            for (step, status) in steps where status == .started { steps[step] = .completed }
            if let next { steps[next] = .started }
        }
    }

    /// A side at some moment, with the place in the log where it was reported.
    struct Reported<Value: Equatable>: Equatable {
        var value: Value
        var origins: [FieldPath: Int64] = [:]
    }

    var random: SplitMix64
    var workflow = Workflow()
    var journey = Journey()
    /// What the log knows; the engines may be further.
    private(set) var heardWorkflow = Claims()
    private(set) var heardJourney = Claims()
    private(set) var circumstances = Circumstances(status: nil)
    private(set) var ledger = Ledger()
    private(set) var log: [ReconciliationEvent] = []
    private var position: Int64 = 0
    private(set) var now = Timestamp(microseconds: 1_800_000_000_000_000)
    private var looks = 0
    var policy: Policy
    let limits = LedgerLimits()

    init(seed: UInt64, policy: Policy) {
        random = SplitMix64(seed: seed)
        self.policy = policy
        workflow.status = .running
        workflow.steps[0] = .started
    }

    var receipts: [Receipt] {
        log.compactMap { if case .resolved(let receipt, _) = $0 { receipt } else { nil } }
    }

    mutating func chance(_ percent: Int) -> Bool { random.next() % 100 < UInt64(percent) }
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(random.next() % UInt64(elements.count))]
    }
    mutating func wait(_ seconds: Int64) { now = now.advanced(by: .seconds(seconds)) }
}

// MARK: What happens by itself

extension ModelWorld {
    /// Something that an engine or a person does without being asked.
    mutating func act() {
        switch random.next() % 10 {
        case 0: journey.hasSession = true
        case 1, 2: if workflow.waitsAt == nil { workflow.advance() }
        case 3:
            if let block = journey.place, Self.asks.contains(block), !journey.isOver {
                journey.inputs[block] = ["answer": .number(JSONNumber(Int(random.next() % 3)))]
                journey.move(to: block + 1 < Self.blocks.count ? block + 1 : nil)
            }
        case 4: if journey.hasSession, !journey.isOver, chance(30) { journey.move(to: Int(random.next() % 5)) }
        case 5: workflow.variables[pick(["v0", "v1"])] = Int(random.next() % 4)
        case 6: if journey.hasSession, !journey.isOver { journey.values[pick(["v0", "v1"])] = Int(random.next() % 4) }
        case 7: if chance(10), workflow.status?.isTerminal == false { workflow.status = .cancelled }
        case 8: if chance(10), journey.hasSession { journey.isOver = true }
        default: if workflow.waitsAt != nil, chance(20) { workflow.advance(giving: ["answer": 7]) }
        }
    }

    /// The log hears how a side stands now.
    mutating func report(_ side: Side) {
        func said(_ claims: Claims, _ values: [(FieldPath, FieldValue)], _ position: inout Int64) -> Claims {
            Claims(
                values.map { path, value in
                    if let known = claims[path], known.value == value { return known }
                    position += 1
                    return Claim(path, value, Origin(GlobalPosition(position)))
                })
        }
        switch side {
        case .workflow:
            var values: [(FieldPath, FieldValue)] = workflow.status.map { [(.status, .status($0))] } ?? []
            for (step, status) in workflow.steps { values.append((.step(Self.blocks[step]), .step(status))) }
            for (name, value) in workflow.variables {
                values.append((FieldPath(.variables, [ElementID(name)]), .content(.number(JSONNumber(value)))))
            }
            for (step, input) in workflow.inputs {
                values.append((FieldPath(.inputs, [Self.blocks[step]]), .content(input)))
            }
            heardWorkflow = said(heardWorkflow, values, &position)
            circumstances.status = workflow.status
            circumstances.waits =
                workflow.waitsAt.map { [Circumstances.Wait(block: Self.blocks[$0], context: "c\($0)")] } ?? []
        case .journey:
            guard journey.hasSession else { return }
            let status: ExecutionStatus = journey.isOver ? .cancelled : .running
            var values: [(FieldPath, FieldValue)] = [(.status, .status(status))]
            for (step, status) in journey.steps { values.append((.step(Self.blocks[step]), .step(status))) }
            for (name, value) in journey.values {
                values.append((FieldPath(.variables, [ElementID(name)]), .content(.number(JSONNumber(value)))))
            }
            for (step, input) in journey.inputs {
                values.append((FieldPath(.inputs, [Self.blocks[step]]), .content(input)))
            }
            heardJourney = said(heardJourney, values, &position)
            circumstances.hasSession = !journey.isOver
            circumstances.places = journey.place.map { [Self.journey: ElementID("s-b\($0)")] } ?? [:]
            circumstances.echoes = journey.echoes
        }
    }
}

// MARK: Whoever reconciles

extension ModelWorld {
    var examination: Examination {
        var sides = Comparison.Sides(base: ledger.base, workflow: heardWorkflow, journey: heardJourney)
        sides.waitsAt = circumstances.status == .waiting ? circumstances.waits.first?.block : nil
        sides.mappedBlocks = Self.names.mappedBlocks
        if workflow.status?.isTerminal == true, journey.isLedOut { follow(&sides) }
        let id = TimeOrderedID.derived(
            from: UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)), index: looks, at: now)
        return Examination(
            sides: sides, circumstances: circumstances, names: Self.names, policy: policy, telling: .engines,
            parties: Parties(
                workflow: "execution:x", journey: "customer:c", compared: Receipt.Compared(workflow: nil, journey: nil)),
            limits: limits, at: now, seed: id)
    }

    private func follow(_ sides: inout Comparison.Sides) {
        guard let ended = sides.workflow[.status]?.value, let word = sides.journeyWords.word(for: ended) else { return }
        sides.journey.set(Claim(.status, word, Origin(GlobalPosition(position))))
    }

    /// A look of its own, for a person who decides: what is decided in it has ids of its own.
    mutating func ask() -> Examination {
        looks += 1
        return examination
    }

    /// One look at what the log knows, recorded.
    @discardableResult
    mutating func look() -> Examined {
        looks += 1
        let examined = ledger.examine(examination)
        for event in examined.events { record(event) }
        return examined
    }

    mutating func record(_ event: ReconciliationEvent) {
        ledger.receive(event)
        log.append(event)
    }

    /// The customer's data are erased: whoever reads the log finds their values no more, nor the workflow's if they are theirs as well.
    mutating func erase(withTheWorkflows isAll: Bool = true) throws {
        var read = Ledger()
        log = try log.map { event in
            let left = ReconciliationEvent.withoutData(event.payload, orWorkflows: isAll)
            let again = try ReconciliationEvent(
                decoding: left.canonicalBytes(), type: event.type, schemaVersion: event.schemaVersion)
            read.receive(again)
            return again
        }
        ledger = read
    }

    mutating func decide(_ command: ReconciliationDecider.Command) {
        guard let events = try? ReconciliationDecider.decide(command, ledger) else { return }
        for event in events { record(event) }
    }

    /// The engine does what it is asked, if what has to be so is so.
    mutating func carryOut(_ effect: Effect) -> Bool {
        switch effect.action {
        case .resume(_, let context, let input):
            guard let place = workflow.waitsAt, "c\(place)" == context, !workflow.resumed.contains(context) else {
                return false
            }
            workflow.resumed.insert(context)
            workflow.advance(giving: input)
        case .cancel:
            guard workflow.status?.isTerminal == false else { return false }
            workflow.status = .cancelled
        case .enter(_, let state, let from):
            guard journey.hasSession, !journey.isOver,
                let block = Self.blocks.firstIndex(where: { "s-\($0.text)" == state.text })
            else { return false }
            guard journey.place.map({ ElementID("s-b\($0)") }) == from else { return false }
            journey.move(to: block)
        case .leave:
            guard journey.hasSession, !journey.isOver else { return false }
            journey.move(to: nil)
            journey.isLedOut = true
        case .close:
            journey.isOver = true
            journey.isLedOut = true
        case .tell(let told):
            guard journey.hasSession, !journey.isOver else { return false }
            for member in told.values.members { journey.values[member.key] = member.value.int }
            for member in told.inputs.members {
                if let block = Self.blocks.firstIndex(where: { "s-\($0.text)" == member.key }) {
                    journey.inputs[block] = member.value
                }
            }
        }
        journey.echoes.insert(effect.id.uuidString.lowercased())
        return true
    }

    /// Somebody attends to the oldest pending effect of a side, and much may go wrong.
    mutating func attend(_ side: Side, badly: Bool) {
        guard let pending = ledger.pending.first(where: { $0.effect.side == side }) else { return }
        let id = pending.effect.id
        switch pending.progress {
        case .requested:
            decide(.send(effect: id, times: pending.times + 1, at: now))
            // Behind its time an effect is not tried; it comes to nothing.
            if ledger[id]?.progress == .requested {
                return decide(.end(effect: id, .stale(.expired, because: "it was not tried"), at: now))
            }
            if badly, chance(30) { return }
            let isDone = carryOut(pending.effect)
            if badly, chance(20) {
                decide(.doubt(effect: id, because: "no answer", at: now))
            } else if !isDone {
                decide(.end(effect: id, .stale(.movedOn, because: "it is elsewhere"), at: now))
            }
        case .sent:
            if now >= pending.effect.deadline { decide(.doubt(effect: id, because: "no echo", at: now)) }
        case .unknown:
            // Whoever looks for it sees whether it was carried out; then only its echo is missing.
            if journey.echoes.contains(id.uuidString.lowercased()) { return }
            decide(.end(effect: id, .stale(.expired, because: "it was not"), at: now))
        }
    }
}

extension ReconciliationEvent {
    /// A payload of which everything that is personal is erased.
    fileprivate static func withoutData(_ payload: JSONValue, orWorkflows isAll: Bool) -> JSONValue {
        switch payload {
        case .object(let object):
            .object(
                JSONObject(
                    object.members.map { member in
                        let isPersonal = ["value", "members", "input", "told"].contains(member.key)
                        let left =
                            !isAll && member.key == "workflow"
                            ? member.value
                            : isPersonal
                                ? SealedValue.erased(subject: "customer:c")
                                : withoutData(member.value, orWorkflows: isAll)
                        return JSONObject.Member(key: member.key, value: left)
                    }))
        case .array(let elements): .array(elements.map { withoutData($0, orWorkflows: isAll) })
        case .null, .bool, .number, .string: payload
        }
    }
}
