import EventModel
import EventSourcing
import FoundationEssentials
import KafkaPublishing
import Synchronization

/// One process's way to the broker.
struct SimulatedTopic: RecordTopic {
    let name = "lockstep.events"
    let expectsGaps = false
    let process: SimulatedProcess
    let broker: SimulatedBroker
    private let prepared = Prepared()

    init(process: SimulatedProcess, broker: SimulatedBroker) {
        self.process = process
        self.broker = broker
    }

    /// The producer of the next session.
    private final class Prepared: Sendable {
        let session = Mutex<SimulatedSession?>(nil)
    }

    private var world: World { process.world }

    private func reach() async throws(TopicError) {
        guard await world.scheduler.sleep(for: world.latency(), of: process.id), process.isAlive else {
            throw .unavailable(reason: "cancelled")
        }
        if broker.isAway || world.strikes(.brokerRefused, perMille: world.rates.brokerRefused) {
            throw .unavailable(reason: "simulated")
        }
    }

    func prepare(lanes: Int) async throws(TopicError) {
        try await reach()
        let session = connect()
        let unused = prepared.session.withLock { last in
            defer { last = session }
            return last
        }
        await unused?.abandon()
    }

    private func connect() -> SimulatedSession {
        let session = SimulatedSession(process, broker)
        broker.admit(session)
        return session
    }

    func ends(from checkpoint: PublishingCheckpoint?, lanes: Int) async throws(TopicError) -> TopicEnds {
        try await reach()
        let ends = broker.ends(from: checkpoint)
        try await reach()
        return ends
    }

    func open(incarnation: UUID) async throws(TopicError) -> SimulatedSession {
        try await reach()
        let session = prepared.session.withLock { $0.take() } ?? connect()
        session.begin(incarnation)
        return session
    }
}
