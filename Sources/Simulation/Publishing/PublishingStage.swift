/// Three writers, two readers, two competing publishers and two competing projectors.
final class PublishingStage: Stage {
    /// How many appends are wanted.
    static let appends = 90
    private static let readers = ["reader-1", "reader-2"]

    let database: SimulatedDatabase
    private let auditor: Auditor
    private let broker: SimulatedBroker
    private let ledger = Ledger(capacity: PublishingStage.appends)
    private let world: World

    init(in world: World) {
        self.world = world
        auditor = Auditor(world: world)
        database = SimulatedDatabase(world: world, auditor: auditor)
        broker = SimulatedBroker(world: world, lanes: PublishingRoles.lanes)
    }

    var parts: [Part] {
        let (database, broker, ledger) = (database, broker, ledger)
        let writers = Writer.parts(3, into: database, ledger)
        let readers: [Part] = Self.readers.map { name in
            (name, { process in await PublishingRoles.read(process, database) })
        }
        let publishers: [Part] = (1...2).map { number in
            ("publisher-\(number)", { process in await PublishingRoles.publish(process, database, broker) })
        }
        let projectors: [Part] = (1...2).map { number in
            (
                "projector-\(number)",
                { process in await PublishingRoles.project(process, SimulatedConnection(process, database)) }
            )
        }
        return writers + readers + publishers + projectors
    }

    func strike(_ kind: Int, for duration: Duration) {
        switch kind {
        case 74..<80: broker.restart(losing: 0, awayFor: duration)
        case 80..<97: broker.restart(losing: world.roll { 1 + $0.below(12) }, awayFor: duration)
        default: broker.recreate(awayFor: duration)
        }
    }

    func recover() { broker.recover() }

    var isSettled: Bool { ledger.isSettled && auditor.isConverged(database, broker, readers: Self.readers) }

    func explainDelay() { auditor.concludePartitions(database, broker) }

    func conclude() { auditor.conclude(database, broker, ledger, readers: Self.readers) }
}
