import EventModel
import FoundationEssentials
import Testing

@testable import Reconciliation

/// When an execution in which nothing moves is left alone, and until when.
@Suite struct StalenessTests {
    private static let minute = Duration.seconds(60)
    private static func versions(_ workflow: Int64?, _ journey: Int64?) -> Receipt.Compared {
        Receipt.Compared(workflow: workflow.map { StreamVersion($0) }, journey: journey.map { StreamVersion($0) })
    }

    private func decide(
        _ world: ModelWorld, _ versions: Receipt.Compared = versions(3, 2), since: Timestamp? = nil,
        after silence: Duration = minute, canMove: Bool = true, patience: Duration = minute
    ) throws -> [ReconciliationEvent] {
        var look = world.examination
        let since = since ?? look.at
        look.at = since.advanced(by: silence)
        look.parties = Parties(workflow: "execution:x", journey: "customer:c", compared: versions)
        return try ReconciliationDecider.decide(
            .leaveAlone(look, Silence(since: since, canMove: canMove, patience: patience)), world.ledger)
    }

    private func fall(_ world: inout ModelWorld, _ versions: Receipt.Compared = versions(3, 2)) throws {
        for event in try decide(world, versions) { world.record(event) }
    }

    @Test func `it is stale as soon as its patience is over, to the microsecond, and says what was seen`() throws {
        let world = ModelWorld.agreeing()
        let since = world.now.advanced(by: .seconds(-7))
        #expect(try decide(world, since: since, after: Self.minute - .microseconds(1)).isEmpty)
        let stale = WentStale(
            since: since, workflow: StreamVersion(3), journey: StreamVersion(2), patience: 60,
            at: since.advanced(by: Self.minute))
        #expect(try decide(world, since: since) == [.wentStale(stale)])
        #expect(try decide(world, since: since, after: .seconds(86_400 * 3_650)).count == 1)
    }

    @Test(arguments: [Duration.zero, .seconds(-1), .seconds(-86_400)])
    func `a clock that goes backwards makes nothing stale`(_ silence: Duration) throws {
        #expect(try decide(ModelWorld.agreeing(), after: silence).isEmpty)
    }

    @Test func `what cannot move, was never heard of, or may be silent for ever is not stale`() throws {
        let world = ModelWorld.agreeing()
        #expect(try decide(world, after: .seconds(1_000_000), canMove: false).isEmpty)
        #expect(try decide(world, after: .seconds(1_000_000), patience: .zero).isEmpty)
        var look = world.examination
        look.at = .latest
        let silence = Silence(since: nil, canMove: true, patience: Self.minute)
        #expect(try ReconciliationDecider.decide(.leaveAlone(look, silence), world.ledger).isEmpty)
    }

    @Test(arguments: [(3, nil), (nil, 2), (3, 2)] as [(Int64?, Int64?)])
    func `it stays so while both sides are as they were seen, and no longer`(_ workflow: Int64?, _ journey: Int64?)
        throws
    {
        let seen = Self.versions(workflow, journey)
        var world = ModelWorld.agreeing()
        #expect(!world.ledger.isStale(at: seen))
        try fall(&world, seen)
        #expect(world.ledger.isStale(at: seen))
        #expect(!world.ledger.isStale(at: Self.versions((workflow ?? 0) + 1, journey)))
        #expect(!world.ledger.isStale(at: Self.versions(workflow, (journey ?? 0) + 1)))
    }

    @Test func `it is recorded once, and again when a side has moved and is silent again`() throws {
        var world = ModelWorld.agreeing()
        try fall(&world)
        #expect(try decide(world, after: .seconds(1_000_000)).isEmpty)
        let moved = Self.versions(3, 4)
        #expect(try decide(world, moved, after: Self.minute - .microseconds(1)).isEmpty)
        try fall(&world, moved)
        #expect(world.ledger.isStale(at: moved) && !world.ledger.isStale(at: Self.versions(3, 2)))
        #expect(try decide(world, moved).isEmpty)
    }

    @Test func `one that has something to do is not stale: an effect, a pause, or what a look would record`() throws {
        let workflowWins = Policy(name: "wins", version: 1, rules: [PolicyRule(.everything, .workflowWins)])
        var world = ModelWorld.contradicting(by: workflowWins)
        let effect = try #require(world.ledger.pending.first?.effect)
        // As late as can be: nobody attends to it, and its time is over.
        #expect(try decide(world, after: .seconds(86_400)).isEmpty)
        world.record(.effectSent(EffectSent(effect: effect.id, times: 1, at: world.now)))
        world.record(
            .effectStale(EffectStale(effect: effect.id, reason: .refused, because: "it cannot", at: world.now)))
        #expect(world.ledger.pending.isEmpty)
        // The pause lasts a second.
        let since = world.now.advanced(by: .zero - Self.minute)
        #expect(try decide(world, since: since, after: Self.minute + .milliseconds(500)).isEmpty)
        #expect(try decide(world, after: .seconds(600)).isEmpty, "a look would ask once more")
    }

    @Test func `a conflict that waits goes on waiting, and a person's word about it wakes the execution`() throws {
        var world = ModelWorld.contradicting()
        let conflict = try #require(world.ledger.queue.values.first)
        #expect(
            try decide(world, canMove: false).count == 1, "it waits, and becomes stale, also where both sides are over")
        try fall(&world)
        #expect(world.ledger.isStale(at: Self.versions(3, 2)))
        #expect(world.ledger.queue.values.map(\.id) == [conflict.id])
        for event in try ReconciliationDecider.decide(
            .settle(conflict: conflict.id, .take(.workflow), world.examination), world.ledger)
        {
            world.record(event)
        }
        #expect(!world.ledger.isStale(at: Self.versions(3, 2)))
        #expect(try decide(world).isEmpty, "the conversation has still to be told")
        world.attend(.journey, badly: false)
        world.hearAndLook()
        try fall(&world)
        #expect(world.ledger.isStale(at: Self.versions(3, 2)) && world.ledger.queue.isEmpty)
    }

    @Test func `what is said of effects that have ended wakes nobody`() throws {
        var world = ModelWorld.agreeing()
        try fall(&world)
        let id = world.examination.seed
        world.record(.effectConfirmed(EffectConfirmed(effect: id, witness: .echo, at: world.now)))
        world.record(.conflictLapsed(ConflictLapsed(conflict: id, field: .status)))
        #expect(world.ledger.isStale(at: Self.versions(3, 2)))
        world.record(.ownershipTaken(HandOver(pattern: .everything, owner: .workflow, because: nil)))
        #expect(!world.ledger.isStale(at: Self.versions(3, 2)))
    }
}
