import EventSourcing
import EventSourcingTesting
import ReadModels

/// Two writers, two competing publishers, and two or three projectors that share the lanes of a read model and read them from the topic.
final class FeedingStage: Stage {
    /// How many appends are wanted.
    private static let appends = 60
    private static let projection = TallyProjection(layout: .byLane(PublishingRoles.lanes))

    let database: SimulatedDatabase
    private let world: World
    private let auditor: Auditor
    private let broker: SimulatedBroker
    private let coordinator: SimulatedCoordinator
    private let ledger = Ledger(capacity: FeedingStage.appends)
    private let projectors: Int

    init(in world: World) {
        self.world = world
        auditor = Auditor(world: world, layout: Self.projection.layout)
        database = SimulatedDatabase(world: world, auditor: auditor)
        broker = SimulatedBroker(world: world, lanes: PublishingRoles.lanes)
        coordinator = SimulatedCoordinator(of: broker)
        projectors = world.roll { 2 + $0.below(2) }
    }

    var parts: [Part] {
        let (database, broker, coordinator) = (database, broker, coordinator)
        let publishers: [Part] = (1...2).map { number in
            ("publisher-\(number)", { process in await PublishingRoles.publish(process, database, broker) })
        }
        let projectors: [Part] = (1...projectors).map { number in
            (
                "projector-\(number)",
                { process in
                    let connection = SimulatedConnection(process, database)
                    let topic = SimulatedLaneTopic(process, connection, coordinator)
                    await PublishingRoles.project(process, connection, Self.projection, from: .topic(topic))
                }
            )
        }
        return Writer.parts(2, into: database, ledger) + publishers + projectors
    }

    func strike(_ kind: Int, for duration: Duration) {
        switch kind {
        case 74..<79: broker.restart(losing: 0, awayFor: duration)
        case 79..<91: broker.restart(losing: world.roll { 1 + $0.below(12) }, awayFor: duration)
        case 91..<95: broker.intrude()
        case 95..<97: broker.retain(withoutOldest: world.roll { 1 + $0.below(30) })
        default: broker.recreate(awayFor: duration)
        }
    }

    /// Where retention has removed something, somebody has the topic made anew.
    func recover() {
        broker.recover()
        if broker.isCut { broker.recreate(awayFor: .milliseconds(500)) }
    }

    private var lanes: [ConsumerProgress] {
        let keys = ConsumerProgress.Key.all(of: Self.projection)
        return database.withState { state in keys.compactMap { state.checkpoints.progress(of: $0) } }
    }

    var isSettled: Bool {
        let log = database.withState { $0.log }
        return ledger.isSettled && lanes.count == PublishingRoles.lanes
            && lanes.allSatisfy { $0.position == log.head && $0.lastError == nil }
            && PartitionAudit.violation(of: broker.partitions, log) == nil
    }

    func explainDelay() {
        let head = database.withState { $0.log.head }
        if !ledger.isSettled { world.report(Violation(.progress, "the writers have not come to their end")) }
        if lanes.count < PublishingRoles.lanes {
            world.report(Violation(.progress, "only lanes \(lanes.map(\.key.lane)) were ever followed"))
        }
        for lane in lanes where lane.position != head || lane.lastError != nil {
            world.report(
                Violation(
                    .progress,
                    "lane \(lane.key.lane) stands at \(lane.position) of \(head): \(lane.lastError ?? "it does not say why")"
                ))
        }
        auditor.concludePartitions(database, broker)
    }

    func conclude() { auditor.conclude(database, broker, ledger, readers: []) }
}
