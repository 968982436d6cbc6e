import EventModel
import EventSourcing
import FoundationEssentials
import Logging
import ReadModels
import ServiceLifecycle

/// Runs one projection: takes its lease, follows the log from its checkpoint, and keeps view and checkpoint together.
///
/// Any number of processes may run the same projection. Where it keeps one checkpoint, one of them works and the others wait; where it keeps one for
/// each lane, they share the lanes out among themselves, each lane under a lease of its own. All decisions are made by
/// ``ProjectorMachine``; this is the shell that performs them. It ends when it is cancelled or shut down, and never because
/// of a fault: those are recorded beside the checkpoint and retried. A graceful shutdown finishes the batch in hand.
public struct ProjectorService<Log: EventStore, Views: ProjectionStore, Leases: LeaseStore & LeaseSharing>: Service {
    /// The projection.
    public let projection: any Projection
    let log: Log
    let views: Views
    let leases: Leases
    let settings: ProjectorSettings
    let logger: Logger
    let board: ProjectorBoard

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
            ProjectorMachine(
                projection, from: settings.feed(of: projection), limits: settings.limits, random: settings.random,
                refusal: refusal), counting: ProjectorMeters(of: projection.name))
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
            case .load, .read, .poll, .pull, .lookForRequest, .loadQueue, .fetch, .apply, .record, .rest:
                // These are performed under the lease only.
                action = board.receive(.leaseLost)
            }
        }
    }

    /// Holds the lease for as long as there is work under it.
    ///
    /// - Returns: what happened instead; `nil` when the work ended with an action of its own.
    private func lead() async -> ProjectorMachine.Input? {
        guard projection.layout != .whole else { return await leadAlone() }
        switch settings.source {
        case .log: return await shareLanes()
        case .topic(let topic): return await shareLanes(of: topic)
        }
    }

    private func leadAlone() async -> ProjectorMachine.Input? {
        let keeper = LeaseKeeper(store: leases, holder: settings.holder, time: settings.time, timing: settings.timing)
        let name = ProjectorSettings.leaseName(of: projection)
        do {
            let done: Bool? = try await keeper.hold(name) { [logger] other in
                logger.debug("waiting for the lease", metadata: [LogKey.holder: "\(other)"])
            } _: { [logger] lease in
                logger.debug("lease taken", metadata: [LogKey.token: "\(lease.token)"])
                _ = await follow(LaneShare(lease)) { true }
                // At once, also while shutting down, so that a successor need not wait for its expiry.
                await CancellationShield.run { try? await leases.release(lease) }
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

    private func report(_ moves: [CheckpointMove], _ input: ProjectorMachine.Input) {
        guard case .applied(.advanced, _) = input else { return }
        for move in moves where !move.parking.isEmpty { report(move.parking) }
    }

    private func report(_ parking: ParkingChanges) {
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
    /// How long a projector that shares its lanes waits for events before it looks which lanes are its own.
    private static var sharePatience: Duration { .milliseconds(500) }

    /// Reads lanes from the topic: behind their positions, at most so many events, waiting for at most so long.
    typealias Pull = @Sendable ([Int: GlobalPosition], Int, Duration?) async -> ProjectorMachine.Input

    /// Performs one action after the other until the lanes are to be given up, they are others, or the task is cancelled.
    ///
    /// - Parameters:
    ///   - pull: reads the topic, where that is read.
    ///   - isValid: whether the share is still this one; asked between two actions.
    /// - Returns: whether the machine has other things to do than to follow lanes.
    func follow(
        _ share: LaneShare, from pull: Pull? = nil, while isValid: @Sendable () -> Bool
    ) async -> Bool {
        let steps = LedSteps(projection: projection, log: log, views: views, settings: settings)
        var action = board.receive(.granted(share))
        var ahead: ReadAhead?
        while !Task.isCancelled, isValid() {
            switch action {
            case .load(let share): action = board.receive(await steps.load(share))
            case .read(let after, let limit):
                action = board.receive(await read(after: after, limit: limit, unless: ahead, steps))
                ahead = nil
            case .poll(let after, let limit, let patience):
                action = board.receive(
                    await steps.poll(after: after, limit: limit, atMost: patience, unless: ahead))
                ahead = nil
            case .pull(let after, let limit, let patience):
                action = board.receive(await pull?(after, limit, patience) ?? .leaseLost)
            case .lookForRequest: action = board.receive(await steps.nextRequest(in: share))
            case .loadQueue(let request, let limit):
                action = board.receive(await steps.queue(of: request, limit: limit))
            case .fetch(let keys): action = board.receive(await steps.fetch(keys))
            case .apply(let work):
                let (input, further) = await steps.apply(work)
                // A retry moves no checkpoint, so what was read ahead before it is still what comes next.
                ahead = further ?? ahead
                report(work.moves, input)
                action = board.receive(input)
            case .record(let states): action = board.receive(await steps.record(states))
            case .rest(let pause):
                let input = await rest(pause)
                guard case .rested = input else { break }
                action = board.receive(input)
            case .lead, .stepDown, .finish: return true
            }
        }
        return false
    }

    /// Waits for events for as long as it takes, unless the lanes may change meanwhile.
    private func read(
        after position: GlobalPosition, limit: Int, unless ahead: ReadAhead?, _ steps: LedSteps<Log, Views>
    ) async -> ProjectorMachine.Input {
        guard projection.layout != .whole else {
            return await steps.read(after: position, limit: limit, unless: ahead)
        }
        return await steps.poll(after: position, limit: limit, atMost: Self.sharePatience, unless: ahead)
    }
}
