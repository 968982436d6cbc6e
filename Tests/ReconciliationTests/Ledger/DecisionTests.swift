import EventModel
import FoundationEssentials
import Testing
import WorkflowDomain

@testable import Reconciliation

@Suite struct DecisionTests {
    private static let manual = Policy(name: "manual", version: 1, rules: [PolicyRule(.everything, .manual)])

    /// Both sides are under way, agree, and then both change a variable, each otherwise.
    private func contradicting(_ policy: Policy = manual) throws -> (ModelWorld, QueuedConflict) {
        var world = ModelWorld(seed: 1, policy: policy)
        world.journey.hasSession = true
        world.journey.steps[0] = .started
        world.workflow.variables["v0"] = 1
        world.journey.values["v0"] = 1
        look(&world)
        world.workflow.variables["v0"] = 2
        world.journey.values["v0"] = 3
        look(&world)
        return (world, try #require(world.ledger.queue.values.first))
    }

    private func look(_ world: inout ModelWorld) {
        world.report(.workflow)
        world.report(.journey)
        world.look()
    }

    private func settle(_ conflict: UUID, _ choice: ReconciliationDecider.Choice, _ world: ModelWorld) throws
        -> [ReconciliationEvent]
    {
        try ReconciliationDecider.decide(
            .settle(conflict: conflict, choice, world.examination), world.ledger)
    }

    @Test func `a conflict that waits is settled by taking a side, and the other side is told`() throws {
        var (world, conflict) = try contradicting()
        #expect(conflict.reason == .policy(.manual))
        for event in try settle(conflict.id, .take(.workflow), world) { world.record(event) }
        #expect(world.ledger.queue.isEmpty)
        let told = Effect.Told(values: ["v0": 2], behind: ["values": ["v0": -1]])
        #expect(world.ledger.pending.map(\.effect.action) == [.tell(told)])
        world.attend(.journey, badly: false)
        look(&world)
        #expect(world.examination.sides.base == Agreement() || world.ledger.base[FieldPath(.variables, ["v0"])] != nil)
        #expect(world.ledger.base[FieldPath(.variables, ["v0"])] == .content(2))
        #expect(world.look().isConverged)
    }

    @Test func `a person cannot decide for a side that cannot be told`() throws {
        let (world, conflict) = try contradicting()
        #expect(throws: ReconciliationDecider.Rejection.unsettable(conflict.finding.path, .workflow)) {
            try settle(conflict.id, .take(.journey), world)
        }
    }

    @Test func `a conflict that was settled, or never was, cannot be settled`() throws {
        var (world, conflict) = try contradicting()
        for event in try settle(conflict.id, .accept, world) { world.record(event) }
        #expect(throws: ReconciliationDecider.Rejection.unknownConflict(conflict.id)) {
            try settle(conflict.id, .accept, world)
        }
    }

    @Test func `an accepted difference is none for as long as both sides say the same`() throws {
        var (world, conflict) = try contradicting()
        for event in try settle(conflict.id, .accept, world) { world.record(event) }
        let count = world.log.count
        look(&world)
        #expect(world.log.count == count)
        #expect(world.look().isConverged)
        world.workflow.variables["v0"] = 7
        look(&world)
        #expect(world.ledger.queue.values.first?.finding.workflow == .content(7))
    }

    @Test func `who has moved on since a conflict was shown is not overruled unseen`() throws {
        var (world, conflict) = try contradicting()
        world.journey.values["v0"] = 4
        world.report(.journey)
        #expect(throws: ReconciliationDecider.Rejection.movedOn(conflict.finding.path)) {
            try settle(conflict.id, .take(.workflow), world)
        }
    }

    @Test func `a conflict is none any more when the sides come together by themselves`() throws {
        var (world, _) = try contradicting()
        world.journey.values["v0"] = 2
        look(&world)
        #expect(world.ledger.queue.isEmpty)
        #expect(world.log.contains { if case .conflictLapsed = $0 { true } else { false } })
    }

    @Test func `nobody is asked any more about an execution that is over, and what differs there stays`() throws {
        var (world, _) = try contradicting()
        world.workflow.status = .cancelled
        world.journey.isOver = true
        look(&world)
        #expect(world.ledger.queue.isEmpty)
        #expect(world.look().findings.contains { $0.isDivergence && $0.path.root == .variables })
        #expect(world.look().isConverged)
    }

    @Test func `a decision whose loser the workflow cannot be told of is not taken back, and the reason is said`()
        throws
    {
        var (world, conflict) = try contradicting()
        for event in try settle(conflict.id, .take(.workflow), world) { world.record(event) }
        world.attend(.journey, badly: false)
        look(&world)
        let receipts = world.log.compactMap { if case .resolved(let receipt, _) = $0 { receipt } else { nil } }
        let receipt = try #require(receipts.last { $0.finding.path.root == .variables })
        #expect(receipt.lost == .content(3))
        #expect(throws: ReconciliationDecider.Rejection.unsettable(receipt.finding.path, .workflow)) {
            try ReconciliationDecider.decide(.flip(receipt, world.examination), world.ledger)
        }
        world.workflow.variables["v0"] = 9
        world.report(.workflow)
        #expect(throws: ReconciliationDecider.Rejection.movedOn(receipt.finding.path)) {
            try ReconciliationDecider.decide(.flip(receipt, world.examination), world.ledger)
        }
    }

    @Test func `a side that cannot be told keeps its word when they may stay apart, and the other gets its own back`()
        throws
    {
        var (world, conflict) = try contradicting()
        for event in try settle(conflict.id, .take(.workflow), world) { world.record(event) }
        world.attend(.journey, badly: false)
        look(&world)
        let first = try #require(world.receipts.last)
        for event in try flip(first, world, apart: true) { world.record(event) }
        look(&world)
        world.attend(.journey, badly: false)
        look(&world)
        #expect(world.journey.values["v0"] == 3 && world.workflow.variables["v0"] == 2)
        let count = world.log.count
        #expect(world.look().isConverged)
        #expect(world.log.count == count)
        #expect(world.ledger.accepted.count == 1)

        let second = try #require(world.receipts.last)
        #expect(second.winner == .journey && second.outcome == .content(3))
        for event in try flip(second, world) { world.record(event) }
        world.attend(.journey, badly: false)
        look(&world)
        #expect(world.journey.values["v0"] == 2)
        #expect(world.receipts.last?.outcome == first.outcome && world.receipts.last?.winner == first.winner)
        #expect(world.ledger.accepted.isEmpty && world.look().isConverged)
    }

    @Test
    func
        `what was only asked for is asked for no more when the decision is taken back, and asked for again when that is`()
        throws
    {
        let policy = Policy(name: "answers", version: 1, rules: [PolicyRule(.everything, .journeyWins)])
        var world = ModelWorld(seed: 5, policy: policy)
        world.journey.hasSession = true
        world.journey.steps = [0: .started]
        look(&world)
        world.workflow.advance()
        world.journey.move(to: 1)
        look(&world)
        world.journey.inputs[1] = ["answer": 1]
        world.journey.move(to: 2)
        look(&world)
        let first = try #require(world.receipts.last { $0.finding.path == .step("b1") })
        let asked = try #require(world.ledger.pending.first?.effect.action)
        guard case .resume = asked else { throw Unexpected(action: asked) }

        for event in try flip(first, world) { world.record(event) }
        #expect(world.ledger.pending.map(\.effect.side) == [.journey])
        #expect(world.log.contains { if case .effectStale(let end) = $0 { end.reason == .movedOn } else { false } })
        let second = try #require(world.receipts.last)
        #expect(second.winner == .workflow && second.cause == .flip(of: first.id))

        for event in try flip(second, world) { world.record(event) }
        let third = try #require(world.receipts.last)
        #expect(third.winner == first.winner && third.outcome == first.outcome)
        #expect(world.ledger.pending.map(\.effect.action) == [asked])
    }

    @Test func `what somebody has tried is not taken back before it is known what became of it`() throws {
        var (world, conflict) = try contradicting()
        for event in try settle(conflict.id, .take(.workflow), world) { world.record(event) }
        let effect = try #require(world.ledger.pending.first?.effect)
        world.decide(.send(effect: effect.id, times: 1, at: world.now))
        let receipt = try #require(world.receipts.last)
        #expect(throws: ReconciliationDecider.Rejection.busy(.journey)) { try flip(receipt, world, apart: true) }
    }

    @Test func `a conflict that no rule could settle is settled once a rule can`() throws {
        var (world, conflict) = try contradicting()
        #expect(conflict.reason == .policy(.manual))
        world.policy = Policy(name: "safe", version: 2, rules: [PolicyRule(.everything, .workflowWins)])
        look(&world)
        #expect(world.ledger.queue.isEmpty)
        #expect(world.receipts.last?.ruling?.version == 2)
        world.attend(.journey, badly: false)
        look(&world)
        #expect(world.look().isConverged)
    }

    @Test func `taking a decision back twice is as if nobody had`() throws {
        var flipped = 0
        for seed in 0..<300 {
            var world = ModelWorld(seed: UInt64(seed), policy: ConvergenceTests.policies[seed % 5])
            for _ in 0..<40 {
                world.act()
                look(&world)
                if world.chance(50) { world.attend(world.chance(50) ? .workflow : .journey, badly: false) }
            }
            for receipt in world.receipts {
                var twice = world
                guard let back = try? flip(receipt, twice, apart: true) else { continue }
                for event in back { twice.record(event) }
                let other = try #require(twice.receipts.last)
                #expect(other.winner == receipt.loser && other.outcome == receipt.lost, "seed \(seed)")
                guard let again = try? flip(other, twice, apart: true) else { continue }
                for event in again { twice.record(event) }
                let last = try #require(twice.receipts.last)
                #expect(last.winner == receipt.winner && last.outcome == receipt.outcome, "seed \(seed)")
                flipped += 1
            }
        }
        #expect(flipped > 50, "\(flipped)")
    }

    private struct Unexpected: Error { let action: Effect.Action }

    private func flip(
        _ receipt: Receipt, _ world: ModelWorld, apart: Bool = false
    ) throws -> [ReconciliationEvent] {
        try ReconciliationDecider.decide(.flip(receipt, world.examination, apart: apart), world.ledger)
    }

    @Test func `sides that keep taking back what was decided are stopped, and a person sees how often`() throws {
        let stubborn = Policy(
            name: "stubborn", version: 1, rules: [PolicyRule(.everything, .workflowWins)])
        var world = ModelWorld(seed: 3, policy: stubborn)
        world.journey.hasSession = true
        world.journey.steps[0] = .started
        world.workflow.variables["v0"] = 1
        world.journey.values["v0"] = 1
        look(&world)
        for round in 0..<200 {
            world.workflow.variables["v0"] = 10 + round
            world.journey.values["v0"] = 1_000 + round
            for _ in 0..<4 {
                look(&world)
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

    @Test func `each side's last word is in the agreement, in a decision, or before a person`() throws {
        for seed in 0..<200 {
            var world = ModelWorld(seed: UInt64(seed), policy: ConvergenceTests.policies[seed % 5])
            for _ in 0..<50 {
                world.act()
                if world.chance(60) { look(&world) }
                if world.chance(50) { world.attend(world.chance(50) ? .workflow : .journey, badly: true) }
            }
            let rest = try #require(ConvergenceTests().settle(&world))
            for finding in rest.findings where finding.isDivergence {
                #expect(rest.holds[finding.path] != nil, "seed \(seed): \(finding)")
            }
            for case .resolved(let receipt, _) in world.log where receipt.winner != nil {
                #expect(receipt.outcome == receipt.winner.flatMap { receipt.finding[$0] })
                #expect(receipt.lost == receipt.loser.flatMap { receipt.finding[$0] })
            }
        }
    }

    @Test func `the same policy tried on what is on record changes nothing`() {
        for seed in 0..<200 {
            var world = ModelWorld(seed: UInt64(seed), policy: ConvergenceTests.policies[seed % 5])
            for _ in 0..<50 {
                world.act()
                look(&world)
                world.attend(world.chance(50) ? .workflow : .journey, badly: true)
            }
            let changed = WhatIf.outcomes(of: world.log, under: world.policy).filter(\.isChanged)
            #expect(changed.isEmpty, "seed \(seed): \(changed)")
        }
    }

    @Test func `another policy tried on what is on record says what would have come out`() throws {
        let (world, conflict) = try contradicting()
        let other = Policy(name: "other", version: 2, rules: [PolicyRule(.everything, .latest)])
        let outcome = try #require(
            WhatIf.outcomes(of: world.log, under: other).first { $0.id == conflict.id })
        #expect(outcome.was == "a person")
        #expect(outcome.wouldBe == "journey")
    }

    @Test func `reports of the two sides may come in any order`() {
        for seed in 0..<100 {
            var (first, second) = (
                ModelWorld(seed: UInt64(seed), policy: Self.manual), ModelWorld(seed: UInt64(seed), policy: Self.manual)
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

    // MARK: Effects

    private static let passing = Policy(name: "passing", version: 1, rules: [PolicyRule(.everything, .workflowWins)])

    /// Both sides are under way and agree, in what is passed on without a word of the policy.
    private func together() -> ModelWorld {
        var world = ModelWorld(seed: 1, policy: Self.passing)
        world.journey.hasSession = true
        world.journey.steps[0] = .started
        for name in ["v0", "v1"] {
            world.workflow.variables[name] = 1
            world.journey.values[name] = 1
        }
        look(&world)
        return world
    }

    private func requested(_ world: ModelWorld) -> Int {
        world.log.count { if case .effectRequested = $0 { true } else { false } }
    }

    @Test func `while a side has something to do, what else it is to be told waits, and is told afterwards`() {
        var world = together()
        world.workflow.variables["v0"] = 2
        look(&world)
        #expect(requested(world) == 1)
        world.workflow.variables["v1"] = 3
        world.report(.workflow)
        #expect(world.look().holds[FieldPath(.variables, ["v1"])] == .effectPending)
        #expect(requested(world) == 1)
        world.attend(.journey, badly: false)
        look(&world)
        #expect(requested(world) == 2)
    }

    @Test func `what is decided about a field is left alone until that has ended, whatever is said meanwhile`() {
        var world = together()
        world.workflow.variables["v0"] = 2
        look(&world)
        world.journey.values["v0"] = 9
        world.report(.journey)
        let count = world.log.count
        #expect(world.look().holds[FieldPath(.variables, ["v0"])] == .effectPending)
        #expect(world.log.count == count)
    }

    @Test
    func `what is carried out again and again and changes nothing is a matter for a person, after growing pauses`()
        throws
    {
        var world = together()
        world.workflow.variables["v0"] = 2
        var waits: [Int64] = []
        for _ in 0..<200 {
            look(&world)
            if let pending = world.ledger.pending.first {
                // It is done, the conversation says so, and its value stays what it was.
                world.journey.echoes.insert(pending.effect.id.uuidString.lowercased())
                waits.append(0)
            }
            world.wait(1)
            if !waits.isEmpty { waits[waits.count - 1] += 1 }
        }
        #expect(requested(world) == world.limits.attempts)
        let conflict = try #require(world.ledger.queue[FieldPath(.variables, ["v0"])])
        #expect(conflict.reason == .unreachable(attempts: world.limits.attempts))
        #expect(zip(waits.dropLast(), waits.dropFirst().dropLast()).allSatisfy { $0 < $1 }, "\(waits)")
    }

    @Test func `both sides back where they were is agreement as well, and begins a new count`() {
        var world = together()
        for round in 0..<20 {
            // The conversation goes its own way, and is brought back.
            world.journey.values["v0"] = 100 + round
            let owned = HandOver(pattern: .everything, owner: .workflow, because: nil)
            if round == 0 { world.decide(.handOver(owned)) }
            for _ in 0..<4 {
                look(&world)
                world.attend(.journey, badly: false)
                world.wait(200)
            }
            #expect(world.journey.values["v0"] == 1, "round \(round)")
        }
        #expect(world.ledger.queue.isEmpty)
    }

    @Test func `of several who want to send an effect one does, and none behind its time`() throws {
        var world = together()
        world.workflow.variables["v0"] = 2
        look(&world)
        let effect = try #require(world.ledger.pending.first).effect
        let send = ReconciliationDecider.Command.send(effect: effect.id, times: 1, at: world.now)
        #expect(throws: ReconciliationDecider.Rejection.notSent(effect.id)) {
            try ReconciliationDecider.decide(.send(effect: effect.id, times: 1, at: effect.deadline), world.ledger)
        }
        world.decide(send)
        #expect(throws: ReconciliationDecider.Rejection.notSent(effect.id)) {
            try ReconciliationDecider.decide(send, world.ledger)
        }
        #expect(throws: ReconciliationDecider.Rejection.notSent(effect.id)) {
            try ReconciliationDecider.decide(.send(effect: effect.id, times: 2, at: world.now), world.ledger)
        }
    }

    @Test func `an overdue effect does not ask to be looked at again at once, for ever`() {
        var world = together()
        world.workflow.variables["v0"] = 2
        look(&world)
        #expect(world.look().again == world.ledger.pending.first?.effect.deadline)
        world.wait(1_000)
        #expect(world.look().again == nil)
    }

    @Test func `more differences than one look may record are recorded by the next ones`() {
        var world = ModelWorld(seed: 1, policy: Self.manual)
        world.journey.hasSession = true
        look(&world)
        for number in 0..<250 {
            world.workflow.variables["n\(number)"] = 1
            world.journey.values["n\(number)"] = 2
        }
        world.report(.workflow)
        world.report(.journey)
        for round in 1...3 {
            let examined = world.look()
            #expect(world.ledger.queue.count == min(250, round * LedgerLimits.recorded))
            #expect((examined.again == world.now) == (round < 3))
        }
    }

    @Test func `what is too large for an event is held, and everything else goes on`() throws {
        var world = together()
        let large = String(repeating: "x", count: LedgerLimits.bytes)
        var look = world.examination
        look.sides.workflow.set(
            Claim(FieldPath(.variables, ["v0"]), FieldValue(.string(large)), Origin(GlobalPosition(900))))
        look.sides.workflow.set(Claim(FieldPath(.variables, ["v1"]), FieldValue(2), Origin(GlobalPosition(901))))
        let examined = world.ledger.examine(look)
        #expect(examined.holds[FieldPath(.variables, ["v0"])] == .tooLarge)
        #expect(examined.events.contains { if case .effectRequested = $0 { true } else { false } })
        for event in examined.events { world.record(event) }
        #expect(world.ledger.examine(look).events.isEmpty)
    }
}
