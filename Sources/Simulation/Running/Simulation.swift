import EventSourcing
import EventSourcingTesting

/// One simulated world: the real production code over models of PostgreSQL and Kafka, in virtual time, from a seed.
///
/// Same seed, same program: the same world, to the last job. See <doc:Simulation>.
public struct Simulation: Sendable {
    /// Decides everything.
    public let seed: UInt64
    /// What the world is about.
    public let scenario: Scenario
    /// What is broken on purpose; `nil` for a sound world.
    public let mutation: Mutation?
    /// How long faults happen, in virtual time.
    public var turmoil = Duration.seconds(20)
    /// How long the world has, once it is calm, until everything must have come to its end.
    public var patience = Duration.seconds(120)
    /// How many jobs and planned actions a world may take.
    public var stepLimit = 3_000_000

    /// The world of a seed.
    public init(seed: UInt64, of scenario: Scenario = .publishing, mutation: Mutation? = nil) {
        self.seed = seed
        self.scenario = scenario
        self.mutation = mutation
    }

    /// No call is carried out later than this after its caller gave up.
    private static var lateness: Duration { .seconds(4) }

    /// Lives through it, on the calling thread.
    public func run() -> SimulationReport {
        let world = World(seed: seed, rates: scenario.rates, mutation: mutation)
        return EscapedTasks.route(to: world.scheduler) { live(in: world) }
    }

    private func live(in world: World) -> SimulationReport {
        let stage = scenario.stage(in: world)
        let cast = Cast(world, stage.parts)
        let gremlin = Gremlin(world, cast, stage)
        cast.startAll()
        gremlin.begin()

        let scheduler = world.scheduler
        var isOrderly = scheduler.run(stepLimit: stepLimit) {
            scheduler.microseconds >= turmoil.wholeMicroseconds || !world.violations.isEmpty
        }
        gremlin.end()
        // What was sent before the calm may still be carried out. Whoever looked before that would take a world for settled that is not.
        let landing = scheduler.microseconds + Self.lateness.wholeMicroseconds
        isOrderly =
            isOrderly
            && scheduler.run(stepLimit: stepLimit) { scheduler.microseconds >= landing || !world.violations.isEmpty }
        let limit = scheduler.microseconds + patience.wholeMicroseconds
        let look = Look(scheduler) { stage.isSettled }
        isOrderly =
            isOrderly
            && scheduler.run(stepLimit: stepLimit) {
                look.isSatisfied || scheduler.microseconds > limit || !world.violations.isEmpty
            }
        if !look.isSatisfied, world.violations.isEmpty {
            world.report(Violation(.progress, "not everything has arrived \(patience) after the last fault"))
            stage.explainDelay()
        }
        look.end()
        cast.killAll()
        isOrderly = isOrderly && scheduler.run(stepLimit: stepLimit) { false }
        if !isOrderly { world.report(Violation(.progress, "the world took more than \(stepLimit) steps")) }
        if world.violations.isEmpty || look.isSatisfied { stage.conclude() }
        return report(of: world, stage)
    }

    private func report(of world: World, _ stage: any Stage) -> SimulationReport {
        SimulationReport(
            seed: seed, scenario: scenario, mutation: mutation, violations: world.violations,
            digest: world.scheduler.trace.digest, faults: world.faultCounts,
            events: stage.database.withState { $0.log.entries.count }, steps: world.scheduler.steps,
            virtualTime: .microseconds(world.scheduler.microseconds), tail: world.scheduler.trace.tail)
    }
}
