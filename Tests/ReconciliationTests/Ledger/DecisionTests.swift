import EventModel
import FoundationEssentials
import Testing
import WorkflowDomain

@testable import Reconciliation

@Suite struct DecisionTests {
    @Test func `a conflict is none any more when the sides come together by themselves`() throws {
        var (world, _) = try ModelWorld.inConflict()
        world.journey.values["v0"] = 2
        world.hearAndLook()
        #expect(world.ledger.queue.isEmpty)
        #expect(world.log.contains { if case .conflictLapsed = $0 { true } else { false } })
    }

    @Test func `nobody is asked any more about an execution that is over, and what differs there stays`() throws {
        var (world, _) = try ModelWorld.inConflict()
        world.workflow.status = .cancelled
        world.journey.isOver = true
        world.hearAndLook()
        #expect(world.ledger.queue.isEmpty)
        #expect(world.look().findings.contains { $0.isDivergence && $0.path.root == .variables })
        #expect(world.look().isConverged)
    }

    @Test func `a conflict that no rule could settle is settled once a rule can`() throws {
        var (world, conflict) = try ModelWorld.inConflict()
        #expect(conflict.reason == .policy(.manual))
        world.policy = Policy(name: "safe", version: 2, rules: [PolicyRule(.everything, .workflowWins)])
        world.hearAndLook()
        #expect(world.ledger.queue.isEmpty)
        #expect(world.receipts.last?.ruling?.version == 2)
        world.attend(.journey, badly: false)
        world.hearAndLook()
        #expect(world.look().isConverged)
    }

    @Test func `sides that keep taking back what was decided are stopped, and a person sees how often`() throws {
        let stubborn = Policy(
            name: "stubborn", version: 1, rules: [PolicyRule(.everything, .workflowWins)])
        var world = ModelWorld(seed: 3, policy: stubborn)
        world.journey.hasSession = true
        world.journey.steps[0] = .started
        world.workflow.variables["v0"] = 1
        world.journey.values["v0"] = 1
        world.hearAndLook()
        for round in 0..<200 {
            world.workflow.variables["v0"] = 10 + round
            world.journey.values["v0"] = 1_000 + round
            for _ in 0..<4 {
                world.hearAndLook()
                world.attend(.journey, badly: false)
                world.wait(1)
            }
        }
        let conflict = try #require(world.ledger.queue[FieldPath(.variables, ["v0"])])
        #expect(conflict.reason == .flapping)
        #expect(conflict.history.count == world.limits.flaps)
        let decisions = world.log.count { if case .resolved = $0 { true } else { false } }
        #expect(decisions < 30, "\(decisions)")
    }

    /// What a side said last by itself about each of its values.
    private struct LastWords {
        private(set) var words: [Side: [FieldPath: FieldValue]] = [:]

        /// Something happens at the engines, and what is new by that is somebody's word.
        mutating func hear(_ happening: (inout ModelWorld) -> Void, in world: inout ModelWorld) {
            let before = world
            happening(&world)
            for side in Side.allCases {
                let known = before.values(of: side)
                for (path, value) in world.values(of: side) where known[path] != value {
                    words[side, default: [:]][path] = value
                }
            }
        }
    }

    @Test func `each side's last word stands, or is on record as what it said`() throws {
        var overruled = 0
        for seed in 0..<200 {
            var world = ModelWorld(seed: UInt64(seed), policy: ConvergenceTests.policies[seed % 5])
            var last = LastWords()
            for _ in 0..<80 {
                // What is said while a side is being told something is the connectors' matter.
                if world.ledger.pending.isEmpty { last.hear({ $0.act() }, in: &world) }
                if world.chance(60) { world.hearAndLook() }
                if world.chance(50) { world.attend(world.chance(50) ? .workflow : .journey, badly: true) }
            }
            let rest = try #require(ConvergenceTests().settle(&world))
            for finding in rest.findings where finding.isDivergence {
                #expect(rest.holds[finding.path] != nil, "seed \(seed): \(finding)")
            }
            for (side, words) in last.words {
                for (path, word) in words where world.values(of: side)[path] != word {
                    overruled += 1
                    #expect(
                        world.isOnRecord(word, of: side, about: path), "seed \(seed): \(side) said \(word) of \(path)")
                }
            }
        }
        #expect(overruled > 5, "words are overruled in these worlds")
    }

    @Test func `reports of the two sides may come in any order`() {
        for seed in 0..<100 {
            var (first, second) = (
                ModelWorld(seed: UInt64(seed), policy: ModelWorld.manual),
                ModelWorld(seed: UInt64(seed), policy: ModelWorld.manual)
            )
            for _ in 0..<20 {
                first.act()
                second.act()
            }
            first.report(.workflow)
            first.report(.journey)
            second.report(.journey)
            second.report(.workflow)
            let (one, two) = (first.look(), second.look())
            #expect(one.findings.map(\.path) == two.findings.map(\.path), "seed \(seed)")
            #expect(one.events.map(\.kind) == two.events.map(\.kind), "seed \(seed)")
            #expect(first.ledger.base == second.ledger.base, "seed \(seed)")
        }
    }

    @Test func `conflicts about members of one field end one by one, also when nobody can read their names any more`()
        throws
    {
        let field = FieldPath(.inputs, ["b1"])
        var world = ModelWorld.agreeing()
        func look(_ workflow: FieldValue, _ journey: FieldValue) -> Examination {
            var look = world.ask()
            look.sides.workflow.set(Claim(field, workflow, Origin(GlobalPosition(900))))
            look.sides.journey.set(Claim(field, journey, Origin(GlobalPosition(901))))
            return look
        }
        for event in world.ledger.examine(look(.content(["a": 1, "b": 1]), .content(["a": 2, "b": 2]))).events {
            world.record(event)
        }
        let conflicts = Set(world.ledger.queue.values.map(\.id))
        #expect(conflicts.count == 2)
        try world.erase()
        #expect(Set(world.ledger.queue.values.map(\.id)) == conflicts)
        #expect(Set(world.ledger.queue.values.map(\.finding.path.field)) == [field])
        let events = world.ledger.examine(look(.hidden, .hidden)).events
        let lapsed = events.compactMap { if case .conflictLapsed(let lapsed) = $0 { lapsed.conflict } else { nil } }
        #expect(Set(lapsed) == conflicts)
        for event in events { world.record(event) }
        #expect(world.ledger.queue.keys.map { $0 } == [field])
        #expect(world.ledger.examine(look(.hidden, .hidden)).events.isEmpty)
    }

    @Test(arguments: [ReconciliationDecider.Choice.accept, .take(.workflow)])
    func `a conflict that a person has settled waits no more, also when nobody can read what it was about`(
        choice: ReconciliationDecider.Choice
    ) throws {
        let field = FieldPath(.inputs, ["b1"])
        var world = ModelWorld.agreeing()
        var look = world.ask()
        look.sides.workflow.set(Claim(field, .content(["a": 1, "b": 1]), Origin(GlobalPosition(900))))
        look.sides.journey.set(Claim(field, .content(["a": 2, "b": 2]), Origin(GlobalPosition(901))))
        for event in world.ledger.examine(look).events { world.record(event) }
        let conflict = try #require(world.ledger.queue[field.appending("a")])
        world.decide(.settle(conflict: conflict.id, choice, look))
        #expect(world.ledger.queue.count == 1)
        try world.erase()
        #expect(world.ledger.queue.count == 1 && !world.ledger.queue.values.contains { $0.id == conflict.id })
    }
}
