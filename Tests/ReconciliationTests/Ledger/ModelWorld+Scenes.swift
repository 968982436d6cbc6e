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
}
