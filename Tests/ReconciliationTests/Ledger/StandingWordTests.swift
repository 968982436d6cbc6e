import EventModel
import FoundationEssentials
import Testing
import WorkflowDomain

@testable import Reconciliation

/// A person has decided, and the sides cannot be brought to it at once.
@Suite struct `A person's word that nobody has heard` {
    private static let path = FieldPath(.variables, ["v0"])
    private static let asked = Effect.Action.tell(
        Effect.Told(values: ["v0": 3], behind: ["values": ["v0": -1]]))

    private func agreements(_ world: ModelWorld, from start: Int) -> [AgreedField] {
        world.log[start...].flatMap { event -> [AgreedField] in
            if case .agreed(let agreed) = event { agreed.fields } else { [] }
        }
    }

    @Test(arguments: [false, true])
    func `is asked for again when what was asked for came to nothing, although both sides say the same`(trying: Bool)
        throws
    {
        var world = try ModelWorld.takenBack()
        let decisions = world.receipts.count
        let decision = try #require(world.receipts.last)
        #expect(world.ledger.pending.map(\.effect.action) == [Self.asked])
        try world.miss(trying: trying)
        #expect(!world.look().isConverged)
        #expect(world.ledger.pending.map(\.effect.action) == [Self.asked])
        #expect(world.ledger.pending.map(\.effect.resolutions) == [[decision.id]])
        #expect(world.ledger.pending.map(\.effect.attempt) == [trying ? 2 : 1])
        #expect(world.receipts.count == decisions, "it was decided once")
        world.attend(.journey, badly: false)
        world.hearAndLook()
        #expect(world.journey.values["v0"] == 3 && world.workflow.variables["v0"] == 2)
        let count = world.log.count
        #expect(world.look().isConverged)
        world.wait(1_000)
        #expect(world.look().isConverged)
        #expect(world.log.count == count)
        #expect(world.ledger.accepted.keys.map { $0 } == [Self.path])
    }

    @Test(arguments: [false, true])
    func `is not forgotten where the sides were allowed to differ before, and no agreement is made up`(trying: Bool)
        throws
    {
        var world = try ModelWorld.takenBack()
        world.attend(.journey, badly: false)
        world.hearAndLook()
        #expect(world.ledger.accepted.count == 1)
        let second = try #require(world.receipts.last)
        for event in try world.flip(second) { world.record(event) }
        let start = world.log.count
        try world.miss(trying: trying)
        let examined = world.look()
        #expect(examined.findings.contains { $0.path == Self.path && $0.isDivergence })
        #expect(world.ledger.pending.count == 1)
        #expect(agreements(world, from: start).isEmpty, "the journey says 3, the workflow 2")
        world.attend(.journey, badly: false)
        world.hearAndLook()
        #expect(world.journey.values["v0"] == 2)
        #expect(agreements(world, from: start) == [AgreedField(Self.path, .content(2))])
        #expect(world.look().isConverged && world.ledger.accepted.isEmpty)
    }

    @Test func `of several conflicts that a person has settled is carried out again by no other rule than their word`()
        throws
    {
        var (world, conflict) = try ModelWorld.inConflict()
        for event in try world.settle(conflict.id, .take(.workflow)) { world.record(event) }
        world.policy = Policy(name: "journey", version: 2, rules: [PolicyRule(.everything, .journeyWins)])
        try world.miss(trying: true)
        world.look()
        #expect(world.ledger.queue.isEmpty && world.receipts.count == 1)
        world.attend(.journey, badly: false)
        world.hearAndLook()
        #expect(world.journey.values["v0"] == 2 && world.look().isConverged)
    }

    @Test func `is a matter for a person after so many tries, until they decide otherwise`() throws {
        var world = try ModelWorld.takenBack()
        for _ in 0..<world.limits.attempts {
            #expect(world.ledger.queue.isEmpty)
            try world.miss(trying: true)
            world.wait(1_000)
            world.look()
        }
        let conflict = try #require(world.ledger.queue[Self.path])
        #expect(conflict.reason == .unreachable(attempts: world.limits.attempts))
        #expect(conflict.finding.workflow == .content(2) && conflict.finding.journey == .content(2))
        let count = world.log.count
        #expect(!world.look().isConverged)
        #expect(world.log.count == count, "it goes on waiting")

        var other = world
        for event in try world.settle(conflict.id, .take(.workflow)) { world.record(event) }
        #expect(world.look().isConverged && world.ledger.queue.isEmpty && world.ledger.accepted.isEmpty)
        let decision = try #require(other.receipts.dropLast().last)
        _ = other.ask()
        for event in try other.flip(decision, apart: true) { other.record(event) }
        #expect(other.ledger.queue.isEmpty && other.ledger.pending.map(\.effect.action) == [Self.asked])
    }

    @Test func `waits for a person no more once a report that was late says that it was carried out`() throws {
        var world = try ModelWorld.takenBack()
        for _ in 0..<world.limits.attempts {
            try world.miss(trying: true)
            world.wait(1_000)
            world.look()
        }
        #expect(world.ledger.queue.count == 1)
        world.journey.values["v0"] = 3
        world.hearAndLook()
        #expect(world.ledger.queue.isEmpty && world.look().isConverged)
        #expect(world.ledger.accepted.count == 1)
    }

    @Test func `may be let go: then the sides stay as they are`() throws {
        var world = try ModelWorld.takenBack()
        for _ in 0..<world.limits.attempts {
            try world.miss(trying: true)
            world.wait(1_000)
            world.look()
        }
        let conflict = try #require(world.ledger.queue[Self.path])
        for event in try world.settle(conflict.id, .accept) { world.record(event) }
        let count = world.log.count
        world.wait(1_000)
        #expect(world.look().isConverged)
        #expect(world.log.count == count && world.ledger.pending.isEmpty)
    }

    @Test func `is not told to a side that has said something new since`() throws {
        var world = try ModelWorld.takenBack()
        try world.miss()
        world.journey.values["v0"] = 5
        world.hearAndLook()
        #expect(world.ledger.pending.isEmpty)
        #expect(world.ledger.queue[Self.path]?.finding.journey == .content(5))
        world.journey.values["v0"] = 2
        world.hearAndLook()
        #expect(world.ledger.pending.isEmpty, "the customer has said 2, later than the person who took it back")
        #expect(world.look().isConverged)
    }

    @Test func `that was heard is not told again to who says later what they said before`() throws {
        var world = try ModelWorld.takenBack()
        world.attend(.journey, badly: false)
        world.hearAndLook()
        #expect(world.journey.values["v0"] == 3)
        world.journey.values["v0"] = 2
        for _ in 0..<5 {
            world.hearAndLook()
            world.wait(1_000)
        }
        #expect(world.ledger.pending.isEmpty && world.look().isConverged)
        #expect(world.ledger.accepted.isEmpty, "both say 2: nothing differs")
    }

    @Test func `that is said to be carried out and changes nothing is a matter for a person as well`() throws {
        var world = try ModelWorld.takenBack()
        for _ in 0..<20 {
            if let pending = world.ledger.pending.first {
                world.journey.echoes.insert(pending.effect.id.uuidString.lowercased())
            }
            world.hearAndLook()
            world.wait(400)
        }
        #expect(world.ledger.queue[Self.path]?.reason == .unreachable(attempts: world.limits.attempts))
    }

    @Test func `is taken back like any other: then nothing has to be told`() throws {
        var world = try ModelWorld.takenBack()
        try world.miss()
        world.look()
        let decision = try #require(world.receipts.last)
        for event in try world.flip(decision) { world.record(event) }
        #expect(world.ledger.pending.isEmpty, "what was asked for again is asked for no more")
        #expect(world.look().isConverged && world.ledger.accepted.isEmpty)
    }

    @Test func `is nobody's any more once it was erased`() throws {
        let field = FieldPath(.inputs, ["b1"])
        var world = ModelWorld.agreeing()
        var look = world.ask()
        look.sides.workflow.set(Claim(field, .content("one"), Origin(GlobalPosition(900))))
        look.sides.journey.set(Claim(field, .content("two"), Origin(GlobalPosition(901))))
        let finding = Finding(as: look.sides, at: field)
        let receipt = Receipt(
            id: look.id("decision"), finding: finding, outcome: finding.journey, winner: .journey, ruling: nil,
            cause: .person(conflict: look.id("conflict")), at: world.now, effects: [look.id("effect")])
        world.record(.resolved(receipt, look.parties))
        #expect(world.ledger.findings(look.sides).unheard[field]?.told == [.workflow])
        try world.erase(withTheWorkflows: false)
        look.sides.journey.set(Claim(field, .hidden, Origin(GlobalPosition(901))))
        for event in world.ledger.examine(look).events { world.record(event) }
        #expect(world.ledger.queue[field]?.reason == .policy(.unreadable))
    }

    @Test func `is not ended by what the sides agree on beside it`() throws {
        let (path, other) = (FieldPath(.inputs, ["b1", "answer"]), FieldPath(.inputs, ["b1", "other"]))
        var world = try ModelWorld.takenBack()
        let word = try #require(world.receipts.last)
        func about(_ path: FieldPath) -> Finding {
            Finding(
                path: path, kind: .conflict, side: nil, base: .content(2), workflow: .content(2), journey: .content(2),
                workflowOrigin: nil,
                journeyOrigin: nil)
        }
        let parties = world.examination.parties
        let accepted = Finding(
            path: path, kind: .conflict, side: nil, base: .content(2), workflow: .content(2), journey: .content(3),
            workflowOrigin: nil,
            journeyOrigin: nil)
        world.record(
            .resolved(
                Receipt(
                    id: word.id, finding: about(path), outcome: .content(3), winner: .journey, ruling: nil,
                    cause: .flip(of: word.id), at: world.now, effects: word.effects), parties))
        world.record(
            .divergenceAccepted(
                AcceptedDivergence(id: word.id, finding: accepted, ruling: nil, conflict: nil, at: world.now), parties))
        world.record(.agreed(FieldsAgreed(fields: [AgreedField(other, .content(1))], parties: parties)))
        #expect(world.ledger.accepted[path] != nil && world.ledger.words[path] != nil)
        #expect(world.ledger.base.accepts(path, .content(2), .content(3)))
        world.record(
            .agreed(FieldsAgreed(fields: [AgreedField(path.field, .content(["answer": 2]))], parties: parties)))
        #expect(world.ledger.accepted[path] == nil && world.ledger.words[path] == nil)
        #expect(!world.ledger.base.accepts(path, .content(2), .content(3)))
    }

    @Test func `is carried out, overtaken, or before a person, whatever comes late, twice or not at all`() throws {
        var again = 0
        for seed in 0..<400 {
            var world = ModelWorld(seed: UInt64(seed), policy: ConvergenceTests.policies[seed % 5])
            for _ in 0..<60 {
                if world.chance(40) { world.act() }
                if world.chance(40) { world.report(.workflow) }
                if world.chance(40) { world.report(.journey) }
                if world.chance(50) { world.look() }
                if world.chance(30) { world.intervene() }
                if world.chance(40) { world.attend(world.chance(50) ? .workflow : .journey, badly: true) }
                if world.chance(30) { world.wait(Int64(world.random.next() % 60)) }
            }
            // One more decision is taken back, and nothing goes well for a while.
            let asked = world.ask()
            for receipt in world.receipts.reversed() {
                let back = try? ReconciliationDecider.decide(.flip(receipt, asked, apart: true), world.ledger)
                guard let back else { continue }
                for event in back { world.record(event) }
                break
            }
            for _ in 0..<20 {
                world.attend(world.chance(50) ? .workflow : .journey, badly: true)
                world.wait(Int64(world.random.next() % 60))
                if world.chance(50) { world.look() }
            }
            let examined = try #require(ConvergenceTests().settle(&world), "seed \(seed) never comes to rest")
            let count = world.log.count
            world.wait(1_000)
            world.look()
            #expect(world.log.count == count, "seed \(seed): \(world.log.suffix(from: count))")
            for word in lastWords(world.log) {
                let path = word.receipt.finding.path
                let said = Side.allCases.map { side in
                    (side, (side == .workflow ? world.heardWorkflow : world.heardJourney).value(at: path))
                }
                let isOvertaken = said.contains { side, value in
                    value != word.receipt.finding[side] && value != word.receipt.outcome
                }
                let isHeard = said.allSatisfy { side, value in
                    !word.told.contains(side) || value != word.receipt.finding[side]
                }
                #expect(
                    isHeard || isOvertaken || word.isConfirmed || examined.holds[path] != nil,
                    "seed \(seed): nobody has heard \(word.receipt)")
            }
            let receipts = Set(world.receipts.flatMap(\.effects))
            again += world.log.count {
                if case .effectRequested(let effect, _) = $0 { !receipts.contains(effect.id) } else { false }
            }
            var read = Ledger()
            for event in world.log { read.receive(event) }
            #expect(read == world.ledger, "seed \(seed)")
        }
        #expect(again > 20, "\(again)")
    }

    private struct LastWord {
        let receipt: Receipt
        var told: Set<Side> = []
        var isConfirmed = false
    }

    /// The decisions of persons behind which nothing was said of their fields any more.
    private func lastWords(_ log: [ReconciliationEvent]) -> [LastWord] {
        var words: [FieldPath: LastWord] = [:]
        var effects: [UUID: Effect] = [:]
        for event in log {
            switch event {
            case .resolved(let receipt, _):
                let isPersons = receipt.cause != .comparison && !receipt.effects.isEmpty
                words[receipt.finding.path] = isPersons ? LastWord(receipt: receipt) : nil
            case .agreed(let agreed):
                for field in agreed.fields { words = words.filter { $0.key.field != field.path.field } }
            case .conflictQueued(let conflict, _): words[conflict.finding.path] = nil
            case .divergenceAccepted(let accepted, _):
                if words[accepted.finding.path]?.receipt.at != accepted.at { words[accepted.finding.path] = nil }
            case .effectRequested(let effect, _):
                effects[effect.id] = effect
                for field in effect.fields
                where words[field].map({ effect.resolutions.contains($0.receipt.id) }) == true {
                    words[field]?.told.insert(effect.side)
                }
            case .effectConfirmed(let confirmed):
                for field in effects[confirmed.effect]?.fields ?? [] { words[field]?.isConfirmed = true }
            case .effectSent, .effectUnknown, .effectStale, .conflictLapsed, .ownershipTaken, .wentStale: break
            }
        }
        return words.sorted { $0.key < $1.key }.map(\.value)
    }
}
