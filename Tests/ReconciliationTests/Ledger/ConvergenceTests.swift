import EventModel
import Testing
import WorkflowDomain

@testable import Reconciliation

@Suite struct ConvergenceTests {
    static let policies: [Policy] = [
        Policy(
            name: "safe", version: 1,
            rules: [
                PolicyRule(.fields(of: .steps), .workflowWins, otherwise: .accept),
                PolicyRule(.data(of: .inputs), .journeyWins, otherwise: .accept),
                PolicyRule(.everything, .latest, otherwise: .accept),
            ]),
        Policy(name: "manual", version: 1, rules: [PolicyRule(.everything, .manual)]),
        Policy(name: "journey", version: 1, rules: [PolicyRule(.everything, .journeyWins)]),
        Policy(name: "workflow", version: 1, rules: [PolicyRule(.everything, .workflowWins)]),
        Policy(name: "none", version: 1, rules: []),
    ]

    /// What may be left once everything has come to rest.
    private func explain(_ world: ModelWorld, _ examined: Examined) -> [String] {
        examined.findings.filter(\.isDivergence).compactMap { finding in
            switch examined.holds[finding.path] {
            case .queued?, .notYet?, .over?: nil
            // A run under way may still come there; one that waits does not.
            case .ahead? where world.workflow.status == .running: nil
            case let hold: "\(finding) (\(hold.map { "\($0)" } ?? "nothing is said"))"
            }
        }
    }

    func settle(_ world: inout ModelWorld) -> Examined? {
        for _ in 0..<400 {
            for side in Side.allCases { world.report(side) }
            let examined = world.look()
            if examined.events.isEmpty, world.ledger.pending.isEmpty, examined.again == nil { return examined }
            for side in Side.allCases { world.attend(side, badly: false) }
            world.wait(40)
        }
        return nil
    }

    @Test(arguments: policies.indices)
    func
        `whatever comes late, twice or not at all, once nothing more happens the sides are together or somebody is asked, and nothing is recorded any more`(
            _ index: Int
        ) throws
    {
        for seed in 0..<400 {
            var world = ModelWorld(seed: UInt64(seed), policy: Self.policies[index])
            for _ in 0..<60 {
                if world.chance(50) { world.act() }
                if world.chance(40) { world.report(.workflow) }
                if world.chance(40) { world.report(.journey) }
                if world.chance(50) { world.look() }
                if world.chance(40) { world.attend(world.chance(50) ? .workflow : .journey, badly: true) }
                if world.chance(30) { world.wait(Int64(world.random.next() % 20)) }
            }
            let rest = settle(&world)
            let examined = try #require(rest, "seed \(seed) never comes to rest: \(world.log.suffix(6))")
            #expect(explain(world, examined).isEmpty, "seed \(seed)")
            let count = world.log.count
            world.wait(100)
            world.look()
            #expect(world.log.count == count, "seed \(seed): \(world.log.suffix(world.log.count - count))")
        }
    }

    @Test func `no side is asked twice for what it was asked while that is pending`() {
        for seed in 0..<400 {
            var world = ModelWorld(seed: UInt64(seed), policy: Self.policies[0])
            for _ in 0..<60 {
                world.act()
                world.report(world.chance(50) ? .workflow : .journey)
                let before = Set(world.ledger.pending.map(\.effect.side))
                let examined = world.look()
                for case .effectRequested(let effect, _) in examined.events {
                    let isFree =
                        !before.contains(effect.side)
                        || examined.events.contains {
                            if case .effectConfirmed = $0 { true } else { false }
                        }
                    #expect(isFree, "seed \(seed)")
                }
                if world.chance(30) { world.attend(.workflow, badly: true) }
                if world.chance(30) { world.attend(.journey, badly: true) }
            }
        }
    }

    @Test func `looking twice at the same records nothing twice`() {
        for seed in 0..<200 {
            var world = ModelWorld(seed: UInt64(seed), policy: Self.policies[0])
            for _ in 0..<30 {
                world.act()
                world.report(.workflow)
                world.report(.journey)
                world.look()
                #expect(world.look().events.isEmpty, "seed \(seed)")
                if world.chance(40) { world.attend(.journey, badly: true) }
            }
        }
    }

    @Test func `what a fold of the recorded events knows is what whoever recorded them knew`() throws {
        for seed in 0..<50 {
            var world = ModelWorld(seed: UInt64(seed), policy: Self.policies[0])
            for _ in 0..<40 {
                world.act()
                world.report(.workflow)
                world.report(.journey)
                world.look()
                world.attend(.journey, badly: true)
                world.attend(.workflow, badly: true)
            }
            var read = Ledger()
            for event in world.log {
                let again = try ReconciliationEvent(decoding: event.encoded(), type: event.type, schemaVersion: 1)
                #expect(again == event)
                read.receive(again)
            }
            #expect(read == world.ledger, "seed \(seed)")
        }
    }
}
