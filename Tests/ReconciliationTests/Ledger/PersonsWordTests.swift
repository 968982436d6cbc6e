import EventModel
import FoundationEssentials
import Testing
import WorkflowDomain

@testable import Reconciliation

/// What becomes of conflicts that a person settles, and of decisions that are taken back.
@Suite struct `A person's word` {
    @Test func `a conflict that waits is settled by taking a side, and the other side is told`() throws {
        var (world, conflict) = try ModelWorld.inConflict()
        #expect(conflict.reason == .policy(.manual))
        for event in try world.settle(conflict.id, .take(.workflow)) { world.record(event) }
        #expect(world.ledger.queue.isEmpty)
        let told = Effect.Told(values: ["v0": 2], behind: ["values": ["v0": -1]])
        #expect(world.ledger.pending.map(\.effect.action) == [.tell(told)])
        world.attend(.journey, badly: false)
        world.hearAndLook()
        #expect(world.examination.sides.base == Agreement() || world.ledger.base[FieldPath(.variables, ["v0"])] != nil)
        #expect(world.ledger.base[FieldPath(.variables, ["v0"])] == .content(2))
        #expect(world.look().isConverged)
    }

    @Test func `a person cannot decide for a side that cannot be told`() throws {
        let (world, conflict) = try ModelWorld.inConflict()
        #expect(throws: ReconciliationDecider.Rejection.unsettable(conflict.finding.path, .workflow)) {
            try world.settle(conflict.id, .take(.journey))
        }
    }

    @Test func `a conflict that was settled, or never was, cannot be settled`() throws {
        var (world, conflict) = try ModelWorld.inConflict()
        for event in try world.settle(conflict.id, .accept) { world.record(event) }
        #expect(throws: ReconciliationDecider.Rejection.unknownConflict(conflict.id)) {
            try world.settle(conflict.id, .accept)
        }
    }

    @Test func `an accepted difference is none for as long as both sides say the same`() throws {
        var (world, conflict) = try ModelWorld.inConflict()
        for event in try world.settle(conflict.id, .accept) { world.record(event) }
        let count = world.log.count
        world.hearAndLook()
        #expect(world.log.count == count)
        #expect(world.look().isConverged)
        world.workflow.variables["v0"] = 7
        world.hearAndLook()
        #expect(world.ledger.queue.values.first?.finding.workflow == .content(7))
    }

    @Test func `who has moved on since a conflict was shown is not overruled unseen`() throws {
        var (world, conflict) = try ModelWorld.inConflict()
        world.journey.values["v0"] = 4
        world.report(.journey)
        #expect(throws: ReconciliationDecider.Rejection.movedOn(conflict.finding.path)) {
            try world.settle(conflict.id, .take(.workflow))
        }
    }

    @Test func `a decision whose loser the workflow cannot be told of is not taken back, and the reason is said`()
        throws
    {
        var (world, conflict) = try ModelWorld.inConflict()
        for event in try world.settle(conflict.id, .take(.workflow)) { world.record(event) }
        world.attend(.journey, badly: false)
        world.hearAndLook()
        let receipts = world.log.compactMap { if case .resolved(let receipt, _) = $0 { receipt } else { nil } }
        let receipt = try #require(receipts.last { $0.finding.path.root == .variables })
        #expect(receipt.lost == .content(3))
        #expect(throws: ReconciliationDecider.Rejection.unsettable(receipt.finding.path, .workflow)) {
            try world.flip(receipt)
        }
        world.workflow.variables["v0"] = 9
        world.report(.workflow)
        #expect(throws: ReconciliationDecider.Rejection.movedOn(receipt.finding.path)) {
            try world.flip(receipt)
        }
    }

    @Test
    func `a person's word is not carried out against what a side says again, having said something else meanwhile`()
        throws
    {
        var (world, conflict) = try ModelWorld.inConflict()
        for event in try world.settle(conflict.id, .take(.workflow)) { world.record(event) }
        for value in [7, 3] {
            world.journey.values["v0"] = value
            world.report(.journey)
        }
        world.wait(1_000)
        world.attend(.journey, badly: false)
        #expect(world.ledger.pending.isEmpty, "it came to nothing")
        world.hearAndLook()
        #expect(world.ledger.pending.isEmpty && world.ledger.queue.count == 1)
    }

    @Test func `a side that cannot be told keeps its word when they may stay apart, and the other gets its own back`()
        throws
    {
        var (world, conflict) = try ModelWorld.inConflict()
        for event in try world.settle(conflict.id, .take(.workflow)) { world.record(event) }
        world.attend(.journey, badly: false)
        world.hearAndLook()
        let first = try #require(world.receipts.last)
        for event in try world.flip(first, apart: true) { world.record(event) }
        world.hearAndLook()
        world.attend(.journey, badly: false)
        world.hearAndLook()
        #expect(world.journey.values["v0"] == 3 && world.workflow.variables["v0"] == 2)
        let count = world.log.count
        #expect(world.look().isConverged)
        #expect(world.log.count == count)
        #expect(world.ledger.accepted.count == 1)

        let second = try #require(world.receipts.last)
        #expect(second.winner == .journey && second.outcome == .content(3))
        for event in try world.flip(second) { world.record(event) }
        world.attend(.journey, badly: false)
        world.hearAndLook()
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
        world.hearAndLook()
        world.workflow.advance()
        world.journey.move(to: 1)
        world.hearAndLook()
        world.journey.inputs[1] = ["answer": 1]
        world.journey.move(to: 2)
        world.hearAndLook()
        let first = try #require(world.receipts.last { $0.finding.path == .step("b1") })
        let asked = try #require(world.ledger.pending.first?.effect.action)
        guard case .resume = asked else { throw Unexpected(action: asked) }

        for event in try world.flip(first) { world.record(event) }
        #expect(world.ledger.pending.map(\.effect.side) == [.journey])
        #expect(world.log.contains { if case .effectStale(let end) = $0 { end.reason == .movedOn } else { false } })
        let second = try #require(world.receipts.last)
        #expect(second.winner == .workflow && second.cause == .flip(of: first.id))

        for event in try world.flip(second) { world.record(event) }
        let third = try #require(world.receipts.last)
        #expect(third.winner == first.winner && third.outcome == first.outcome)
        #expect(world.ledger.pending.map(\.effect.action) == [asked])
    }

    @Test func `what somebody has tried is not taken back before it is known what became of it`() throws {
        var (world, conflict) = try ModelWorld.inConflict()
        for event in try world.settle(conflict.id, .take(.workflow)) { world.record(event) }
        let effect = try #require(world.ledger.pending.first?.effect)
        world.decide(.send(effect: effect.id, times: 1, at: world.now))
        let receipt = try #require(world.receipts.last)
        #expect(throws: ReconciliationDecider.Rejection.busy(.journey)) { try world.flip(receipt, apart: true) }
    }

    @Test func `taking a decision back twice is as if nobody had`() throws {
        var flipped = 0
        for seed in 0..<300 {
            var world = ModelWorld(seed: UInt64(seed), policy: ConvergenceTests.policies[seed % 5])
            for _ in 0..<40 {
                world.act()
                world.hearAndLook()
                if world.chance(50) { world.attend(world.chance(50) ? .workflow : .journey, badly: false) }
            }
            for receipt in world.receipts {
                var twice = world
                guard let back = try? twice.flip(receipt, apart: true) else { continue }
                for event in back { twice.record(event) }
                let other = try #require(twice.receipts.last)
                #expect(other.winner == receipt.loser && other.outcome == receipt.lost, "seed \(seed)")
                guard let again = try? twice.flip(other, apart: true) else { continue }
                for event in again { twice.record(event) }
                let last = try #require(twice.receipts.last)
                #expect(last.winner == receipt.winner && last.outcome == receipt.outcome, "seed \(seed)")
                flipped += 1
            }
        }
        #expect(flipped > 50, "\(flipped)")
    }

    private struct Unexpected: Error { let action: Effect.Action }
}
