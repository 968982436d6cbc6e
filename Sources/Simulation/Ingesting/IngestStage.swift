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

    init(in world: World) {
        self.world = world
        let correspondence = world.roll { Correspondence(&$0) }
        inbound = SimulatedInbound(world: world)
        audit = IngestAudit(world, correspondence, inbound)
        database = SimulatedDatabase(world: world, auditor: Auditor(world: world, watcher: audit))
        for posting in correspondence.postings { inbound.post(posting.letters, after: posting.delay) }
    }

    var parts: [Part] {
        let (database, inbound) = (database, inbound)
        return (1...3).map { number in
            ("consumer-\(number)", { process in await Self.takeIn(process, database, inbound) })
        }
    }

    /// Takes messages in, again and again, as a supervisor would start it.
    private static func takeIn(
        _ process: SimulatedProcess, _ database: SimulatedDatabase, _ inbound: SimulatedInbound
    ) async {
        let connection = SimulatedConnection(process, database)
        let limits = CommandLimits(
            decisions: 3, storeAttempts: 3, storeBackoff: Backoff(base: .milliseconds(20), cap: .milliseconds(500)))
        let consumer = InboundConsumer(
            of: SimulatedInboundTopic(process: process, cluster: inbound, database: database), name: "lockstep.inbound",
            for: InboundDesk(
                into: connection, remembering: connection, limits: limits, time: process.clock, random: process.random),
            ledger: connection, leases: connection, holder: "\(process.name)#\(process.id.index)",
            timing: PublishingRoles.timing, backoff: Backoff(base: .milliseconds(50), cap: .seconds(1)),
            time: process.clock, random: process.random,
            logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() })
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
