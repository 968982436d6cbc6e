import EventModel
import EventSourcing
import FoundationEssentials
import Logging
import ReadModels
import ServiceLifecycle

/// Runs one projection: takes its lease, follows the log from its checkpoint, and keeps view and checkpoint together.
///
/// Any number of processes may run the same projection; one of them works, the others wait. All decisions are made by
/// ``ProjectorMachine``; this is the shell that performs them. It ends when it is cancelled or shut down, and never because
/// of a fault: those are recorded beside the checkpoint and retried. A graceful shutdown finishes the batch in hand.
public struct ProjectorService<Log: EventStore, Views: ProjectionStore, Leases: LeaseStore>: Service {
    /// The projection.
    public let projection: any Projection
    private let log: Log
    private let views: Views
    private let leases: Leases
    private let settings: ProjectorSettings
    private let logger: Logger
    private let board: ProjectorBoard

    /// A projector that has not started.
    ///
    /// - Parameter refusal: why it is to stand still, visibly; `nil` when it may work.
    public init(
        _ projection: any Projection, log: Log, views: Views, leases: Leases, settings: ProjectorSettings,
        logger: Logger, refusal: ProjectorFault? = nil
    ) {
        self.projection = projection
        self.log = log
        self.views = views
        self.leases = leases
        self.settings = settings
        var logger = logger
        logger[metadataKey: LogKey.projection] = "\(projection.table.generationName)"
        self.logger = logger
        board = ProjectorBoard(
            ProjectorMachine(projection, limits: settings.limits, random: settings.random, refusal: refusal))
    }

    /// What this process has done so far.
    public var statistics: ProjectorStatistics { board.statistics }

    /// Works until cancelled or shut down.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await work() }
        logger.debug("projector ended")
    }

    private func work() async {
        var action = board.receive(.started)
        while true {
            switch action {
            case .lead:
                let input = await lead()
                action = input.map { board.receive($0) } ?? board.lastAction
            case .stepDown(let pause, let fault):
                report(fault, pause)
                action = board.receive(await rest(pause))
            case .finish: return
            case .load, .read, .poll, .lookForRequest, .loadQueue, .fetch, .apply, .record, .rest:
                // These are performed under the lease only.
                action = board.receive(.leaseLost)
            }
        }
    }

    /// Holds the lease for as long as there is work under it.
    ///
    /// - Returns: what happened instead; `nil` when the work ended with an action of its own.
    private func lead() async -> ProjectorMachine.Input? {
        let keeper = LeaseKeeper(store: leases, holder: settings.holder, time: settings.time, timing: settings.timing)
        let name = ProjectorSettings.leaseName(of: projection)
        do {
            let done: Bool? = try await keeper.hold(name) { [logger] other in
                logger.debug("waiting for the lease", metadata: [LogKey.holder: "\(other)"])
            } _: { lease in
                await follow(under: lease)
                return true
            }
            if Task.isCancelled { return .shutdown }
            return done == nil ? .leaseLost : nil
        } catch let error as StoreError {
            return Task.isCancelled ? .shutdown : .failed(error)
        } catch {
            return Task.isCancelled ? .shutdown : .leaseLost
        }
    }

    private func rest(_ pause: Duration) async -> ProjectorMachine.Input {
        do throws(CancellationError) {
            try await settings.time.sleep(for: pause)
            return .rested
        } catch {
            return .shutdown
        }
    }

    private func report(_ parking: ParkingChanges, _ input: ProjectorMachine.Input) {
        guard !parking.isEmpty, case .applied(.advanced, _) = input else { return }
        for parked in parking.parked {
            logger.warning(
                "key parked", metadata: [LogKey.key: "\(parked.key)", LogKey.reason: "\(parked.failure.cause)"])
        }
        if let settlement = parking.settlement, let failure = settlement.failure {
            logger.warning(
                "key stays parked", metadata: [LogKey.key: "\(settlement.key)", LogKey.reason: "\(failure.cause)"])
        }
    }

    private func report(_ fault: ProjectorFault?, _ pause: Duration) {
        guard let fault else { return }
        logger.error("projection stopped", metadata: [LogKey.reason: "\(fault)", LogKey.retryAfter: "\(pause)"])
    }
}

// MARK: Under the lease

extension ProjectorService {
    /// Performs one action after the other until the lease is to be given up, or the task is cancelled.
    private func follow(under lease: Lease) async {
        let steps = LedSteps(projection: projection, log: log, views: views, settings: settings, lease: lease)
        logger.debug("lease taken", metadata: [LogKey.token: "\(lease.token)"])
        var action = board.receive(.granted(lease))
        var ahead: ReadAhead?
        while !Task.isCancelled {
            switch action {
            case .load: action = board.receive(await steps.load())
            case .read(let after, let limit):
                action = board.receive(await steps.read(after: after, limit: limit, unless: ahead))
                ahead = nil
            case .poll(let after, let limit, let patience):
                action = board.receive(
                    await steps.poll(after: after, limit: limit, atMost: patience, unless: ahead))
                ahead = nil
            case .lookForRequest: action = board.receive(await steps.nextRequest())
            case .loadQueue(let key, let limit): action = board.receive(await steps.queue(of: key, limit: limit))
            case .fetch(let keys): action = board.receive(await steps.fetch(keys))
            case .apply(let work):
                let input: ProjectorMachine.Input
                let further: ReadAhead?
                (input, further) = await steps.apply(work)
                // A retry moves no checkpoint, so what was read ahead before it is still what comes next.
                ahead = further ?? ahead
                report(work.parking, input)
                action = board.receive(input)
            case .record(let progress): action = board.receive(await steps.record(progress))
            case .rest(let pause):
                let input = await rest(pause)
                guard case .rested = input else { break }
                action = board.receive(input)
            case .lead, .stepDown, .finish:
                await steps.release(leases)
                return
            }
        }
        await steps.release(leases)
    }
}
