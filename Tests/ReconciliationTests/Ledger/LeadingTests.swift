import EventModel
import Testing
import WorkflowDomain

@testable import Reconciliation

/// The steps of both sides are brought together by leading the conversation on, or by resuming the run: who is behind follows.
@Suite struct `Where a conversation is led` {
    private static let furthest = Policy(
        name: "furthest", version: 1,
        rules: [PolicyRule(.fields(of: .steps), .furthest), PolicyRule(.everything, .manual)])

    /// The run has just begun, and the conversation stands somewhere by itself.
    private func world(conversationAt place: Int, by policy: Policy = furthest) -> ModelWorld {
        var world = ModelWorld(seed: 1, policy: policy)
        world.journey.hasSession = true
        world.journey.steps[place] = .started
        return world
    }

    private func actions(_ world: ModelWorld) -> [Effect.Action] {
        world.log.compactMap { if case .effectRequested(let effect, _) = $0 { effect.action } else { nil } }
    }

    @Test func `nobody is moved back to where the run has only just come`() {
        var world = world(conversationAt: 2)
        world.report(.workflow)
        world.report(.journey)
        let examined = world.look()
        #expect(actions(world).isEmpty)
        #expect(examined.holds[.step("b0")] == .ahead)
        #expect(!examined.apart.contains { $0.path == .step("b0") }, "only what happens changes that")
    }

    @Test func `an answer that was given before the run asks is taken by the run when it asks`() {
        var world = world(conversationAt: 1)
        world.hearAndLook()
        world.journey.inputs[1] = ["answer": 3]
        world.journey.move(to: 2)
        world.hearAndLook()
        #expect(actions(world).isEmpty && world.ledger.queue.isEmpty, "nobody is asked what time will tell")
        world.workflow.advance()
        world.hearAndLook()
        #expect(actions(world) == [.resume(block: "b1", context: "c1", input: ["answer": 3])])
    }

    @Test
    func `an answer is given to the run when the conversation has passed the question, and no person is asked before`()
    {
        var world = world(conversationAt: 0)
        world.hearAndLook()
        world.workflow.advance()
        world.journey.move(to: 1)
        world.hearAndLook()
        world.journey.inputs[1] = ["answer": 3]
        world.hearAndLook()
        #expect(world.ledger.queue.isEmpty && actions(world).isEmpty)
        world.journey.move(to: 2)
        world.hearAndLook()
        #expect(actions(world) == [.resume(block: "b1", context: "c1", input: ["answer": 3])])
    }

    @Test func `a run does not go on with an answer that was just overruled`() throws {
        var world = world(
            conversationAt: 2, by: Policy(name: "run", version: 1, rules: [PolicyRule(.everything, .workflowWins)]))
        world.policy = Policy(
            name: "inputs", version: 1,
            rules: [PolicyRule(.data(of: .inputs), .workflowWins), PolicyRule(.everything, .furthest)])
        world.journey.steps[1] = .completed
        world.journey.inputs[1] = ["answer": 1]
        world.workflow.advance()
        world.workflow.inputs[1] = ["answer": 9]
        world.hearAndLook()
        #expect(actions(world).contains { if case .tell = $0 { true } else { false } })
        #expect(!actions(world).contains { if case .resume = $0 { true } else { false } })
        world.attend(.journey, badly: false)
        world.hearAndLook()
        #expect(actions(world).contains(.resume(block: "b1", context: "c1", input: ["answer": 9])))
    }

    @Test func `a person is asked when the run stands still`() {
        var world = world(conversationAt: 2)
        world.workflow.status = .paused
        world.hearAndLook()
        #expect(world.ledger.queue[.step("b2")] != nil)
    }

    @Test func `a person is asked about a block to which no way leads from where the run is`() {
        var world = world(conversationAt: 1)
        world.hearAndLook()
        world.workflow.steps = [0: .completed, 2: .started]
        world.journey.move(to: 2)
        world.hearAndLook()
        #expect(world.ledger.queue[.step("b1")] != nil)
    }

    @Test func `a person is asked when the run has gone another way`() {
        var world = world(conversationAt: 3)
        world.hearAndLook()
        #expect(world.ledger.queue.isEmpty)
        world.workflow.steps[3] = .skipped
        world.hearAndLook()
        #expect(world.ledger.queue[.step("b3")] != nil)
    }

    @Test func `a person is asked where the run waits, and the conversation has passed that by`() {
        var world = world(conversationAt: 2)
        world.workflow.advance()
        world.hearAndLook()
        #expect(actions(world).isEmpty)
        #expect(world.ledger.queue[.step("b1")]?.reason == .policy(.unsettable))
    }

    @Test func `whoever is behind the run is led on`() {
        var world = world(conversationAt: 0)
        world.hearAndLook()
        world.workflow.advance()
        world.hearAndLook()
        #expect(actions(world) == [.enter(journey: ModelWorld.journey, state: "s-b1", from: "s-b0")])
    }

    @Test func `a rule against the place where the conversation stands moves it back`() {
        var world = world(
            conversationAt: 2,
            by: Policy(name: "run", version: 1, rules: [PolicyRule(.everything, .workflowWins)]))
        world.hearAndLook()
        #expect(actions(world) == [.enter(journey: ModelWorld.journey, state: "s-b0", from: "s-b2")])
    }

    @Test func `a person who decides against the place where the conversation stands moves it back`() throws {
        var world = world(conversationAt: 2)
        world.workflow.advance()
        world.hearAndLook()
        let conflict = try #require(world.ledger.queue[.step("b2")])
        for event in try world.settle(conflict.id, .take(.workflow)) { world.record(event) }
        #expect(actions(world) == [.enter(journey: ModelWorld.journey, state: "s-b1", from: "s-b2")])
    }
}
