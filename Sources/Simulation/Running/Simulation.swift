import EventSourcing
import EventSourcingTesting

/// One simulated world: the real production code over models of PostgreSQL and Kafka, in virtual time, from a seed.
///
/// Same seed, same program: the same world, to the last job. See <doc:Simulation>.
public struct Simulation: Sendable {
    /// Decides everything.
    public let seed: UInt64
    /// What is broken on purpose; `nil` for a sound world.
    public let mutation: Mutation?
    /// How many appends are wanted.
    public var appends = 90
    /// How long faults happen, in virtual time.
    public var turmoil = Duration.seconds(20)
    /// How long the world has, once it is calm, until every consumer must have everything.
    public var patience = Duration.seconds(120)
    /// How many jobs and planned actions a world may take.
    public var stepLimit = 3_000_000

    /// The world of a seed.
    public init(seed: UInt64, mutation: Mutation? = nil) {
        self.seed = seed
        self.mutation = mutation
    }

    /// Lives through it, on the calling thread.
    public func run() -> SimulationReport {
        let world = World(seed: seed, mutation: mutation)
        return EscapedTasks.route(to: world.scheduler) { live(in: world) }
    }

    private func live(in world: World) -> SimulationReport {
        let auditor = Auditor(world: world)
        let database = SimulatedDatabase(world: world, auditor: auditor)
        let broker = SimulatedBroker(world: world, lanes: Roles.lanes)
        let ledger = Ledger(capacity: appends)
        let readers = ["reader-1", "reader-2"]
        let cast = Cast(world, roles(readers, database, broker, ledger))
        let gremlin = Gremlin(world, cast, database, broker)
        cast.startAll()
        gremlin.begin()

        let scheduler = world.scheduler
        var isOrderly = scheduler.run(stepLimit: stepLimit) {
            scheduler.microseconds >= turmoil.wholeMicroseconds || !world.violations.isEmpty
        }
        gremlin.end()
        let limit = scheduler.microseconds + patience.wholeMicroseconds
        let look = Look(scheduler) { ledger.isSettled && auditor.isConverged(database, broker, readers: readers) }
        isOrderly =
            isOrderly
            && scheduler.run(stepLimit: stepLimit) {
                look.isSatisfied || scheduler.microseconds > limit || !world.violations.isEmpty
            }
        if !look.isSatisfied, world.violations.isEmpty {
            world.report(Violation(.progress, "not everything has arrived \(patience) after the last fault"))
            auditor.concludePartitions(database, broker)
        }
        look.end()
        cast.killAll()
        isOrderly = isOrderly && scheduler.run(stepLimit: stepLimit) { false }
        if !isOrderly { world.report(Violation(.progress, "the world took more than \(stepLimit) steps")) }
        if world.violations.isEmpty || look.isSatisfied {
            auditor.conclude(database, broker, ledger, readers: readers)
        }
        return SimulationReport(
            seed: seed, mutation: mutation, violations: world.violations, digest: scheduler.trace.digest,
            faults: world.faultCounts, events: database.withState { $0.log.entries.count }, steps: scheduler.steps,
            virtualTime: .microseconds(scheduler.microseconds), tail: scheduler.trace.tail)
    }

    private func roles(
        _ readers: [String], _ database: SimulatedDatabase, _ broker: SimulatedBroker, _ ledger: Ledger
    ) -> [(name: String, body: @Sendable (SimulatedProcess) async -> Void)] {
        let writers = (1...3).map { number in
            (
                "writer-\(number)",
                { @Sendable (process: SimulatedProcess) async in
                    await Writer(process: process, connection: SimulatedConnection(process, database), ledger: ledger)
                        .run()
                }
            )
        }
        let others = readers.map { name in
            (name, { @Sendable (process: SimulatedProcess) async in await Roles.read(process, database) })
        }
        let publishers = (1...2).map { number in
            (
                "publisher-\(number)",
                { @Sendable (process: SimulatedProcess) async in await Roles.publish(process, database, broker) }
            )
        }
        let projectors = (1...2).map { number in
            (
                "projector-\(number)",
                { @Sendable (process: SimulatedProcess) async in await Roles.project(process, database) }
            )
        }
        return writers + others + publishers + projectors
    }
}
