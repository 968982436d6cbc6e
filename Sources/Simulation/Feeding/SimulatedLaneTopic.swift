import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Synchronization

/// One process's way to the topic as a source of its lanes.
struct SimulatedLaneTopic: LaneTopic {
    let name = "lockstep.events"
    let process: SimulatedProcess
    let connection: SimulatedConnection
    let coordinator: SimulatedCoordinator
    private let past = Past()

    init(_ process: SimulatedProcess, _ connection: SimulatedConnection, _ coordinator: SimulatedCoordinator) {
        self.process = process
        self.connection = connection
        self.coordinator = coordinator
    }

    /// Broken on purpose: the ends of the partitions as they were read before.
    private final class Past: Sendable {
        let ends = Mutex<[Lane: PartitionEnd]>([:])
    }

    func join(_ group: String, lanes: Int) async throws(LaneTopicError) -> any LaneMembership {
        try await process.consult(coordinator.broker)
        guard lanes == coordinator.broker.lanes else {
            throw .lanes(topic: name, found: coordinator.broker.lanes, needed: lanes)
        }
        return SimulatedMembership(process, coordinator)
    }

    /// Like a client of Kafka it is there at once, whoever can be reached.
    func open(_ starts: [Int: LaneStart]) async throws(LaneTopicError) -> any LaneReader {
        SimulatedLaneReader(process, coordinator.broker, starts)
    }

    func published() async throws(StoreError) -> PublishingCheckpoint? {
        var found = try await connection.publishingCheckpoint(of: PublishingRoles.publisherKey, topic: name)
        switch process.world.mutation {
        case .publishedTooFar: found?.progress.position = connection.database.withState { $0.log.head }
        case .endsFromThePast:
            guard let now = found?.ends else { break }
            found?.ends = past.ends.withLock { ends in
                defer { ends = now }
                return ends
            }
        default: break
        }
        return found
    }

    /// No operator has decided anything.
    func earlierIncarnations() async throws(StoreError) -> [UUID: GlobalPosition] {
        _ = try await connection.head()
        return [:]
    }
}

extension SimulatedProcess {
    /// One round trip of a consumer to the broker.
    func consult(_ broker: SimulatedBroker) async throws(LaneTopicError) {
        guard isAlive else { throw .unavailable(reason: "cancelled") }
        mayDie()
        guard await world.scheduler.sleep(for: world.latency(), of: id), isAlive else {
            throw .unavailable(reason: "cancelled")
        }
        if broker.isAway || world.strikes(.brokerRefused, perMille: world.rates.brokerRefused) {
            throw .unavailable(reason: "simulated")
        }
    }
}
