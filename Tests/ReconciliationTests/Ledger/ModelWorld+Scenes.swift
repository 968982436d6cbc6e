import EventModel
import FoundationEssentials
import Testing

@testable import Reconciliation

/// Where most stories of one difference begin, and what is done in them.
extension ModelWorld {
    /// Nothing is decided without a person.
    static let manual = Policy(name: "manual", version: 1, rules: [PolicyRule(.everything, .manual)])

    /// Both sides are under way and agree, also in some variables.
    static func agreeing(in variables: [String] = ["v0"], by policy: Policy = manual) -> ModelWorld {
        var world = ModelWorld(seed: 1, policy: policy)
        world.journey.hasSession = true
        world.journey.steps[0] = .started
        for name in variables {
            world.workflow.variables[name] = 1
            world.journey.values[name] = 1
        }
        world.hearAndLook()
        return world
    }

    /// The same, and then both have changed a variable, each otherwise.
    static func contradicting(by policy: Policy = manual) -> ModelWorld {
        var world = agreeing(by: policy)
        world.workflow.variables["v0"] = 2
        world.journey.values["v0"] = 3
        world.hearAndLook()
        return world
    }

    /// The same, and what waits for a person then.
    static func inConflict() throws -> (ModelWorld, QueuedConflict) {
        let world = contradicting()
        return (world, try #require(world.ledger.queue.values.first))
    }

    /// The same, a person has decided for the workflow's 2, the journey has come to it; then that is taken back, apart: the journey is asked to say 3 again.
    static func takenBack() throws -> ModelWorld {
        var (world, conflict) = try inConflict()
        for event in try world.settle(conflict.id, .take(.workflow)) { world.record(event) }
        world.attend(.journey, badly: false)
        world.hearAndLook()
        let decision = try #require(world.receipts.last)
        for event in try world.flip(decision, apart: true) { world.record(event) }
        return world
    }

    /// What was asked for comes to nothing, because nobody has tried it in time, or because the engine has refused it; and the pause behind that ends.
    mutating func miss(trying: Bool = false) throws {
        let effect = try #require(ledger.pending.first?.effect)
        if trying { decide(.send(effect: effect.id, times: 1, at: now)) }
        wait(200)
        decide(.end(effect: effect.id, .stale(trying ? .refused : .expired, because: "a test"), at: now))
        wait(300)
    }

    /// Both sides report, and somebody looks.
    mutating func hearAndLook() {
        report(.workflow)
        report(.journey)
        look()
    }

    func settle(_ conflict: UUID, _ choice: ReconciliationDecider.Choice) throws -> [ReconciliationEvent] {
        try ReconciliationDecider.decide(.settle(conflict: conflict, choice, examination), ledger)
    }

    func flip(_ receipt: Receipt, apart: Bool = false) throws -> [ReconciliationEvent] {
        try ReconciliationDecider.decide(.flip(receipt, examination, apart: apart), ledger)
    }

    /// A person settles something that waits, or takes something back.
    mutating func intervene() {
        var commands: [ReconciliationDecider.Command] = []
        let look = ask()
        if let conflict = ledger.queue.values.min(by: { $0.finding.path < $1.finding.path }) {
            let choice = pick([ReconciliationDecider.Choice.take(.workflow), .take(.journey), .accept])
            commands.append(.settle(conflict: conflict.id, choice, look))
        }
        if !receipts.isEmpty { commands.append(.flip(pick(receipts), look, apart: chance(50))) }
        guard !commands.isEmpty else { return }
        decide(pick(commands))
    }
}
