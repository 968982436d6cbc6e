import EventModel
import EventSourcing
import FoundationEssentials
import ReadModels

/// Every decision of a projector, without any I/O: what happened goes in, what to do next comes out.
///
/// The shell performs one action at a time and reports its result. Whatever fails between two steps, the machine starts over from the
/// stored progress, and the store's compare-and-set makes that safe. It moves a share of the generation's lanes: all of them by one checkpoint, or
/// some of them by one each; when its share changes it starts over as well.
public struct ProjectorMachine: Sendable {
    let projection: any Projection
    let limits: ProjectorLimits
    let random: any RandomSource
    /// Where events are read.
    private let feed: Feed
    /// Why nothing may be folded, if so.
    private let refusal: ProjectorFault?
    var sizing: BatchSizing
    var transientPause: Backoff
    var stoppedPause: Backoff
    /// The lanes that it may move.
    private var share: LaneShare?
    /// How far they have come.
    var progress: LaneProgress?
    var batch = PendingBatch()
    /// What is being applied.
    var applying: Applying?
    /// What is parked. Only the owner of the lease changes it, so it is read once.
    var parked = ParkedKeys() {
        didSet { statistics.parkedKeys = parked.count }
    }
    /// The events that are left out.
    var skips = SkippedEvents.none
    /// The retry that is under way.
    var retry: RetryRun?
    /// Whether the state that is being recorded says that it stopped.
    private var isRecordingStop = false
    private var isShuttingDown = false

    /// Where a machine reads events.
    public enum Feed: Sendable, Hashable {
        /// In the log: all of them, one directly behind the other.
        case log
        /// In the topic: each lane by itself. Only for a generation with a checkpoint for each lane.
        case topic
    }

    /// What it has done so far.
    public internal(set) var statistics = ProjectorStatistics()

    /// A machine that has not started.
    ///
    /// - Parameters:
    ///   - feed: where events are read.
    ///   - refusal: why it is to stand still, visibly, from the beginning on; `nil` when it may work.
    public init(
        _ projection: any Projection, from feed: Feed = .log, limits: ProjectorLimits = ProjectorLimits(),
        random: any RandomSource, refusal: ProjectorFault? = nil
    ) {
        self.projection = projection
        self.feed = feed
        self.refusal = refusal
        self.limits = limits
        self.random = random
        sizing = BatchSizing(limits)
        transientPause = Backoff(base: limits.transientPause.lowerBound, cap: limits.transientPause.upperBound)
        stoppedPause = Backoff(base: limits.stoppedPause.lowerBound, cap: limits.stoppedPause.upperBound)
    }

    /// Decides what to do after `input`.
    public mutating func receive(_ input: Input) -> Action {
        if isShuttingDown { return .finish }
        switch input {
        case .started: return .lead
        case .granted(let share): return load(share)
        case .leaseLost: return stepDown(for: limits.transientPause.lowerBound)
        case .rested: return loadAgain()
        case .loaded(let start): return begin(start)
        case .read(let events, let head): return take(events, head)
        case .pulled(let batch): return take(batch)
        case .misled(let fault): return stop(.topic(fault, projection: projection.name))
        case .requested(let key): return begin(key)
        case .queued(let queue, let skips): return take(queue, skipping: skips)
        case .skipRefused(let reason): return refuseSkip(reason)
        case .fetched(let rows): return retry == nil ? fold(onto: rows) : foldQueue(onto: rows)
        case .applied(let answer, let duration):
            return retry == nil ? settle(answer, duration) : settleRetry(answer)
        case .recorded(let answer): return goOn(afterRecording: answer)
        case .failed(let error): return recover(from: error)
        case .shutdown:
            isShuttingDown = true
            return .finish
        }
    }
}

// MARK: Starting

extension ProjectorMachine {
    private mutating func load(_ share: LaneShare) -> Action {
        self.share = share
        progress = nil
        applying = nil
        retry = nil
        isRecordingStop = false
        batch = PendingBatch()
        return .load(share)
    }

    /// Starts over from what is stored.
    func loadAgain() -> Action { share.map(Action.load) ?? .lead }

    /// Starts from the stored progress, if the log is the one that it was folded from.
    private mutating func begin(_ start: StartingPoint) -> Action {
        guard let share else { return .lead }
        batch = PendingBatch()
        parked = start.parked
        skips = start.skips
        var current = LaneProgress(
            projection, lanes: share.lanes, stored: start.progress, incarnation: start.head.incarnation)
        progress = current
        do throws(HistoryFault) {
            for lane in current.lanes {
                try HistoryFault.check(lane, head: start.head, found: start.eventIDs[lane.position])
            }
        } catch {
            return stop(.history(error, projection: projection.name))
        }
        if let refusal { return stop(refusal) }
        statistics.position = current.least
        statistics.head = start.head.position
        current.begin(on: start.head.incarnation)
        progress = current
        return current.least == start.head.position ? idle(current) : goOn()
    }

    /// At the end of the log there is no batch that could say so.
    private mutating func idle(_ current: LaneProgress) -> Action {
        statistics.state = .live
        statistics.fault = nil
        guard current.lanes.contains(where: { $0.state != ProjectorState.live.rawValue || $0.lastError != nil }) else {
            return goOn()
        }
        var live = current
        live.setState(.live)
        progress = live
        return record(live)
    }

    /// What comes when nothing is in hand: events, unless something is parked, which somebody may want to be tried again.
    func goOn() -> Action {
        guard parked.isEmpty else { return .lookForRequest }
        switch feed {
        case .log: return .read(after: progress?.least ?? .start, limit: sizing.size)
        case .topic: return .pull(after: progress?.positions ?? [:], limit: sizing.size, atMost: nil)
        }
    }

    func poll(atMost patience: Duration) -> Action {
        switch feed {
        case .log: .poll(after: progress?.least ?? .start, limit: sizing.size, atMost: patience)
        case .topic: .pull(after: progress?.positions ?? [:], limit: sizing.size, atMost: patience)
        }
    }

    /// The checkpoints that move from where they are to `next`, with what is parked.
    func moves(to next: LaneProgress, parking: LaneParking = .none) -> [CheckpointMove] {
        guard let share, let progress else { return [] }
        return next.moves(from: progress, under: share, parking: parking)
    }

    private func record(_ states: LaneProgress) -> Action {
        share.map { .record(states.states(under: $0)) } ?? .lead
    }
}

// MARK: Faults

extension ProjectorMachine {
    private mutating func recover(from error: StoreError) -> Action {
        applying = nil
        retry = nil
        batch = PendingBatch()
        // When saying why it stopped has failed, the reason stays, and is said again after the pause.
        if isRecordingStop { return leaveStopped() }
        if error == .cancelled { return stepDown(for: transientPause.next(random)) }
        switch error.answer {
        case .retry: return .rest(transientPause.next(random))
        case .park, .stop: return stop(.store(error))
        }
    }

    /// Stands still, visibly: the reason is written beside the checkpoint, which stays before the event.
    mutating func stop(_ fault: ProjectorFault) -> Action {
        batch = PendingBatch()
        retry = nil
        statistics.state = .stopped
        statistics.fault = fault
        guard var stopped = progress else { return leaveStopped() }
        isRecordingStop = true
        stopped.setState(.stopped, fault.description)
        progress = stopped
        return record(stopped)
    }

    private mutating func goOn(afterRecording answer: AdvanceAnswer) -> Action {
        if isRecordingStop { return leaveStopped() }
        guard answer == .advanced else { return retreat() }
        return goOn()
    }

    private mutating func leaveStopped() -> Action {
        stepDown(for: stoppedPause.next(random), statistics.fault)
    }

    /// Somebody else has written. Where there is one lease, it is given up. Of several lanes one may be another process's by now, which whoever
    /// keeps the leases is about to notice: the others stay.
    mutating func retreat() -> Action {
        let pause = transientPause.next(random)
        guard projection.layout != .whole, share != nil else { return stepDown(for: pause) }
        applying = nil
        retry = nil
        batch = PendingBatch()
        return .rest(pause)
    }

    /// Gives up the lanes, so that a newer program may take them, and comes back after a pause.
    mutating func stepDown(for pause: Duration, _ fault: ProjectorFault? = nil) -> Action {
        share = nil
        progress = nil
        applying = nil
        retry = nil
        isRecordingStop = false
        batch = PendingBatch()
        return .stepDown(pause, because: fault)
    }
}
