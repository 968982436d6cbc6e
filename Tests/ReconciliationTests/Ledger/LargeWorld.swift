import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Testing
import WorkflowDomain

@testable import Reconciliation

/// Two sides that say whatever fits a log, and a ledger whose every append is taken to the log's door, plain and sealed.
struct LargeWorld {
    /// The longest subject there is, of marks that are escaped.
    static let subject = String(repeating: "\"", count: DataSubject.lengthLimit)

    var workflow = Claims()
    var journey = Claims()
    var circumstances = Circumstances(status: .running, hasSession: true, places: ["j": "s-b0"])
    var policy: Policy
    var names: MappedNames
    var telling = Telling.everything
    private(set) var ledger = Ledger()
    private(set) var log: [ReconciliationEvent] = []
    /// Bytes of each append, as the log counts them when it is sealed.
    private(set) var appends: [Int] = []
    private var position: Int64 = 0
    private var looks = 0
    private(set) var now = Timestamp(microseconds: 1_800_000_000_000_000)

    init(policy: Policy, blocks: [ElementID] = ["b0", "b1"], variables: [String] = []) {
        self.policy = policy
        names = MappedNames(
            workflowID: "w", journeyID: "j",
            states: Dictionary(uniqueKeysWithValues: blocks.map { ($0, [ElementID("s-\($0.text)")]) }),
            keys: Dictionary(uniqueKeysWithValues: variables.map { (ElementID($0), $0) }))
        for side in Side.allCases {
            say(.status, .status(.running), by: side)
            say(.step("b0"), .step(.started), by: side)
        }
    }

    static func variable(_ name: String) -> FieldPath { FieldPath(.variables, [ElementID(name)]) }
    static func input(_ block: ElementID) -> FieldPath { FieldPath(.inputs, [block]) }

    mutating func say(_ path: FieldPath, _ value: FieldValue, by side: Side) {
        position += 1
        let claim = Claim(
            path, value,
            Origin(GlobalPosition(position), actor: String(repeating: "\\", count: AppendLimits.actorBytes)))
        if side == .workflow { workflow.set(claim) } else { journey.set(claim) }
    }

    mutating func say(_ path: FieldPath, _ value: JSONValue, by side: Side) { say(path, FieldValue(value), by: side) }

    mutating func wait(_ seconds: Int64) { now = now.advanced(by: .seconds(seconds)) }

    private mutating func record(_ event: ReconciliationEvent) {
        ledger.receive(event)
        log.append(event)
    }

    var examination: Examination {
        var sides = Comparison.Sides(base: ledger.base, workflow: workflow, journey: journey)
        sides.waitsAt = circumstances.status == .waiting ? circumstances.waits.first?.block : nil
        let id = TimeOrderedID.derived(
            from: UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)), index: looks, at: now)
        return Examination(
            sides: sides, circumstances: circumstances, names: names, policy: policy, telling: telling,
            parties: Parties(
                workflow: Self.subject, journey: Self.subject,
                compared: Receipt.Compared(workflow: StreamVersion(.max), journey: StreamVersion(.max))),
            at: now, seed: id)
    }

    /// One look, whose events fit the log, belong together as they should, and say nothing that is not so.
    @discardableResult
    mutating func look() throws -> Examined {
        looks += 1
        let examined = ledger.examine(examination)
        try append(examined.events)
        return examined
    }

    mutating func append(_ events: [ReconciliationEvent]) throws {
        if !events.isEmpty {
            let weight = Weight(events)
            let bytes = try Self.stored(events)
            #expect(bytes <= weight.bytes)
            #expect(weight.bytes <= LedgerLimits.lookBytes && events.count <= LedgerLimits.events)
            appends.append(bytes)
        }
        try expectTruth(of: events)
        try expectWholes(of: events)
        for event in events { record(event) }
    }

    /// Looks for as long as a look asks for another at once.
    ///
    /// - Returns: the last of them.
    @discardableResult
    mutating func lookOn(atMost limit: Int = 60) throws -> Examined {
        for _ in 0..<limit {
            let examined = try look()
            guard let again = examined.again, again <= now else {
                // Whoever looks once more at the same has nothing to add.
                #expect(ledger.examine(examination).events.isEmpty)
                return examined
            }
            try #require(!examined.events.isEmpty, "a look that records nothing asks for another at once")
        }
        throw Restless()
    }

    /// Looks and carries out, until nothing is left to do.
    mutating func comeToRest(atMost limit: Int = 60) throws -> Examined {
        for _ in 0..<limit {
            let examined = try lookOn()
            guard let pending = ledger.pending.first else { return examined }
            carryOut(pending.effect)
        }
        throw Restless()
    }

    struct Restless: Error {}

    /// The engine does what it is asked, and says so.
    mutating func carryOut(_ effect: Effect) {
        circumstances.echoes.insert(effect.id.uuidString.lowercased())
        switch effect.action {
        case .tell(let told):
            for member in told.values.members { say(Self.variable(member.key), member.value, by: .journey) }
            for member in told.inputs.members {
                let block = ElementID(String(member.key.dropFirst(2)))
                let before = journey.value(at: Self.input(block))?.json.object?.members ?? []
                let told = member.value.object?.members ?? []
                let kept = before.filter { old in !told.contains { $0.key == old.key } }
                say(Self.input(block), .object(JSONObject(kept + told)), by: .journey)
            }
        case .resume(let block, let context, let input):
            circumstances.resumed.insert(context)
            circumstances.waits.removeAll { $0.context == context }
            say(.step(block), .step(.completed), by: .workflow)
            say(Self.input(block), input, by: .workflow)
        case .enter(_, let state, let from):
            let block = ElementID(String(state.text.dropFirst(2)))
            if let from { say(.step(ElementID(String(from.text.dropFirst(2)))), .step(.completed), by: .journey) }
            say(.step(block), .step(.started), by: .journey)
            circumstances.places["j"] = state
        case .cancel, .leave, .close: break
        }
    }
}

// MARK: What has to be so of every append

extension LargeWorld {
    /// The bytes that the log counts.
    ///
    /// - Throws: what the log would refuse it for, before it is sealed or behind that.
    static func stored(_ events: [ReconciliationEvent]) throws -> Int {
        let stream = StreamName(trusting: "reconciliation-\(String(repeating: "x", count: 180))")
        let marks = PersonalMarks(ReconciliationEvent.personalMarks)
        var random = SplitMix64(seed: 1)
        let owner = SubjectKeyID(workspace: .default, subject: try DataSubject(subject), generation: .max)
        let key = SubjectKey(owner, using: &random)
        var drafts = Drafts.of(events)
        func request() -> AppendRequest {
            AppendRequest(
                streams: [StreamAppend(drafts, to: stream, expecting: .noStream)],
                checks: ["workflow_execution-x", "journey_session-x"].map { StreamCheck($0, expecting: .noStream) })
        }
        _ = try CheckedAppend(request())
        for place in drafts.indices {
            guard let places = marks[drafts[place].type, drafts[place].schemaVersion] else { continue }
            let id = drafts[place].id
            drafts[place].data = try places.replacing(in: JSONValue(drafts[place].data)) {
                (value, _, path) throws in
                try key.seal(value, at: SealedPlace(workspace: .default, event: id, path: path)).value
            }.canonicalBytes()
        }
        return try CheckedAppend(request()).byteCount
    }

    private enum Drafts {
        static func of(_ events: [ReconciliationEvent]) -> [EventDraft] {
            events.map { event in
                EventDraft(
                    id: UUID(), type: event.type, schemaVersion: event.schemaVersion, data: event.encoded(),
                    actor: String(repeating: "x", count: AppendLimits.actorBytes),
                    occurredAt: Timestamp(microseconds: 0))
            }
        }
    }

    /// What is agreed on is what both really say.
    private func expectTruth(of events: [ReconciliationEvent]) throws {
        for case .agreed(let agreed) in events {
            for field in agreed.fields {
                #expect(workflow.value(at: field.path) == field.value)
                #expect(journey.value(at: field.path) == field.value)
            }
        }
    }

    /// A decision is recorded with what carries it out, an effect with what it carries out, and a conflict in the place of one that has ended.
    private func expectWholes(of events: [ReconciliationEvent]) throws {
        var (decided, asked): ([UUID: Receipt], [UUID: Effect]) = ([:], [:])
        var waiting = Set(ledger.queue.values.map(\.id))
        for event in events {
            switch event {
            case .resolved(let receipt, _):
                decided[receipt.id] = receipt
                if let conflict = ledger.queue[receipt.finding.path], receipt.cause == .comparison {
                    #expect(!waiting.contains(conflict.id), "a conflict waits that was decided")
                }
            case .conflictQueued(let conflict, _):
                if let before = ledger.queue[conflict.finding.path] { #expect(!waiting.contains(before.id)) }
            case .conflictLapsed(let lapsed): waiting.remove(lapsed.conflict)
            case .effectRequested(let effect, _): asked[effect.id] = effect
            default: break
            }
        }
        for receipt in decided.values {
            #expect(!receipt.effects.isEmpty)
            #expect(receipt.effects.allSatisfy { asked[$0]?.resolutions.contains(receipt.id) == true })
        }
        for effect in asked.values {
            #expect(effect.resolutions.allSatisfy { decided[$0]?.effects.contains(effect.id) == true })
            #expect(effect.fields.count == effect.resolutions.count)
        }
    }
}
