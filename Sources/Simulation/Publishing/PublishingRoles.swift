import EventModel
import EventSourcing
import EventSourcingTesting
import KafkaPublishing
import Logging
import Projector

/// The production code that follows the log, each role as a main would wire it.
enum PublishingRoles {
    static let lanes = 3
    static let timing = LeaseTiming(
        duration: .seconds(2), renewInterval: .milliseconds(600), retryInterval: .milliseconds(300))
    static let publisherKey = ConsumerProgress.Key.publisher(of: "lockstep.events")
    private static let quiet = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }

    /// Follows the log from where the reader of this name left off.
    static func read(_ process: SimulatedProcess, _ database: SimulatedDatabase) async {
        let connection = SimulatedConnection(process, database)
        let limit = process.world.roll { 1 + $0.below(12) }
        let options = SubscriptionOptions(batchLimit: limit, pollInterval: .milliseconds(300))
        var events = Subscription(
            to: connection, after: database.auditor.lastSeen(by: process.name), options: options
        ).makeAsyncIterator()
        while process.isAlive {
            do throws(StoreError) {
                guard let batch = try await events.next(), process.isAlive else { return }
                database.auditor.saw(batch.events, process.name)
            } catch {
                guard process.isAlive else { return }
                guard error.isTransient else {
                    return process.world.report(Violation(.oneOrder, "\(process.name) stopped: \(error)"))
                }
                guard await process.world.scheduler.sleep(for: .milliseconds(50), of: process.id) else { return }
            }
        }
    }

    /// Publishes the log, again and again, as a supervisor would start it.
    static func publish(_ process: SimulatedProcess, _ database: SimulatedDatabase, _ broker: SimulatedBroker) async {
        let connection = SimulatedConnection(process, database)
        let options = PublisherOptions(
            lanes: lanes, lease: timing,
            limits: PublisherLimits(
                windowEvents: 40, batchEvents: 8, checkpointInterval: .milliseconds(150), checkpointEvents: 30,
                drainTime: .seconds(2)),
            pollInterval: .milliseconds(200), backoff: Backoff(base: .milliseconds(50), cap: .seconds(1)))
        let publisher = Publisher(
            from: connection, to: SimulatedTopic(process: process, broker: broker), checkpoints: connection,
            leases: connection, holder: "\(process.name)#\(process.id.index)", options: options, time: process.clock,
            random: process.random, logger: quiet)
        while process.isAlive {
            do { try await publisher.run() } catch {
                guard process.isAlive else { return }
                process.world.note("\(process.name) ended: \(error)")
                if error is PublishingRefusal {
                    return process.world.report(Violation(.progress, "the publisher refuses: \(error)"))
                }
            }
            guard await process.world.scheduler.sleep(for: .milliseconds(300), of: process.id) else { return }
        }
    }

    /// Projects the log.
    static func project(
        _ process: SimulatedProcess, _ connection: SimulatedConnection,
        _ projection: TallyProjection = TallyProjection(), from source: ProjectorSource = .log
    ) async {
        let limits = ProjectorLimits(
            smallestBatch: 2, largestBatch: 16, pollInterval: .milliseconds(200),
            transientPause: .milliseconds(50)...(.seconds(1)), stoppedPause: .milliseconds(500)...(.seconds(3)),
            lookInterval: .milliseconds(300))
        let settings = ProjectorSettings(
            holder: "\(process.name)#\(process.id.index)", timing: timing, limits: limits, source: source,
            time: process.clock, random: process.random)
        let service = ProjectorService(
            projection, log: connection, views: connection, leases: connection, settings: settings, logger: quiet
        )
        try? await service.run()
    }
}
