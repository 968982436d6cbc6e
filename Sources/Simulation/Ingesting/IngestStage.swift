import EventModel
import EventSourcing
import EventSourcingTesting
import Ingest
import Logging

/// Three consumers of one inbound topic, and many senders whose messages come shuffled, late, twice, or unreadable.
final class IngestStage: Stage {
    let database: SimulatedDatabase
    private let world: World
    private let inbound: SimulatedInbound
    private let audit: IngestAudit
    private let masterKeys: MasterKeys?

    init(in world: World) {
        self.world = world
        let (correspondence, masterKey) = world.roll { random in
            (Correspondence(&random), MasterKey.generate(id: "m", using: &random))
        }
        inbound = SimulatedInbound(world: world)
        audit = IngestAudit(world, correspondence, inbound)
        database = SimulatedDatabase(world: world, auditor: Auditor(world: world, watcher: audit))
        masterKeys = try? MasterKeys(spellings: [masterKey])
        for posting in correspondence.postings { inbound.post(posting.letters, after: posting.delay) }
    }

    var parts: [Part] {
        (1...3).map { number in ("consumer-\(number)", { process in await self.takeIn(process) }) }
    }

    /// Takes messages in, again and again, as a supervisor would start it.
    private func takeIn(_ process: SimulatedProcess) async {
        let connection = SimulatedConnection(process, database)
        let consumer = consumer(process, connection)
        await connection.whileCommitting {
            while process.isAlive {
                do { try await consumer.run() } catch {
                    guard process.isAlive else { return }
                    return process.world.report(Violation(.progress, "\(process.name) stopped: \(error)"))
                }
                guard await process.world.scheduler.sleep(for: .milliseconds(300), of: process.id) else { return }
            }
        }
    }

    private func consumer(
        _ process: SimulatedProcess, _ connection: SimulatedConnection
    ) -> InboundConsumer<SimulatedInboundTopic, SimulatedConnection, SimulatedConnection> {
        let limits = CommandLimits(
            decisions: 3, storeAttempts: 3, storeBackoff: Backoff(base: .milliseconds(20), cap: .milliseconds(500)))
        let desks = InboundDesks { workspace in
            InboundDesk(
                into: connection, workspace: workspace, remembering: connection, limits: limits, time: process.clock,
                random: process.random)
        }
        let keyring = SubjectKeyring(connection, masterKeys: masterKeys, time: process.clock, random: process.random)
        return InboundConsumer(
            of: SimulatedInboundTopic(process: process, cluster: inbound, database: database), at: desks,
            ledger: connection, sealing: RejectionSealing(keyring), leases: connection,
            holder: "\(process.name)#\(process.id.index)", timing: PublishingRoles.timing,
            backoff: Backoff(base: .milliseconds(50), cap: .seconds(1)), time: process.clock, random: process.random,
            logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() })
    }

    func strike(_ kind: Int, for duration: Duration) {
        switch kind {
        case 74..<86: inbound.restart(losing: 0, awayFor: duration)
        case 86..<97: inbound.restart(losing: world.roll { 1 + $0.below(5) }, awayFor: duration)
        default: inbound.recreate(awayFor: duration)
        }
    }

    func recover() { inbound.recover() }

    var isSettled: Bool { inbound.isComplete && audit.isReadThrough(in: database) }

    func explainDelay() { audit.conclude(database) }

    func conclude() { audit.conclude(database) }
}
