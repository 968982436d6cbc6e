import EventModel
import EventSourcing
import FoundationEssentials
import ReadModels

/// Every decision of a projector, without any I/O: what happened goes in, what to do next comes out.
///
/// The shell performs one action at a time and reports its result. Whatever fails between two steps, the machine starts over from the
/// stored progress, and the store's compare-and-set makes that safe.
public struct ProjectorMachine: Sendable {
    let projection: any Projection
    let limits: ProjectorLimits
    let random: any RandomSource
    /// Why nothing may be folded, if so.
    private let refusal: ProjectorFault?
    var sizing: BatchSizing
    var transientPause: Backoff
    var stoppedPause: Backoff
    private var lease: Lease?
    var progress: ConsumerProgress?
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

    /// What it has done so far.
    public internal(set) var statistics = ProjectorStatistics()

    /// A machine that has not started.
    ///
    /// - Parameter refusal: why it is to stand still, visibly, from the beginning on; `nil` when it may work.
    public init(
        _ projection: any Projection, limits: ProjectorLimits = ProjectorLimits(), random: any RandomSource,
        refusal: ProjectorFault? = nil
    ) {
        self.projection = projection
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
        case .granted(let lease): return load(under: lease)
        case .leaseLost: return stepDown(for: limits.transientPause.lowerBound)
        case .rested: return lease == nil ? .lead : .load
        case .loaded(let start): return begin(start)
        case .read(let events, let head): return take(events, head)
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
    private mutating func load(under lease: Lease) -> Action {
        self.lease = lease
        progress = nil
        batch = PendingBatch()
        return .load
    }

    /// Starts from the stored progress, if the log is the one that it was folded from.
    private mutating func begin(_ start: StartingPoint) -> Action {
        batch = PendingBatch()
        parked = start.parked
        skips = start.skips
        var current = start.progress ?? ConsumerProgress(of: key, incarnation: start.head.incarnation)
        progress = current
        do throws(HistoryFault) {
            try HistoryFault.check(current, head: start.head, found: start.eventID)
        } catch {
            return stop(.history(error, projection: projection.name))
        }
        if let refusal { return stop(refusal) }
        statistics.position = current.position
        statistics.head = start.head.position
        if current.position == .start { current.incarnation = start.head.incarnation }
        progress = current
        return current.position == start.head.position ? idle(current) : goOn()
    }

    /// At the end of the log there is no batch that could say so.
    private mutating func idle(_ current: ConsumerProgress) -> Action {
        statistics.state = .live
        statistics.fault = nil
        guard current.state != ProjectorState.live.rawValue || current.lastError != nil else { return goOn() }
        var live = current
        live.state = ProjectorState.live.rawValue
        live.lastError = nil
        progress = live
        return .record(live)
    }

    /// What comes when nothing is in hand: events, unless something is parked, which somebody may want to be tried again.
    func goOn() -> Action {
        parked.isEmpty ? .read(after: progress?.position ?? .start, limit: sizing.size) : .lookForRequest
    }

    func poll(atMost patience: Duration) -> Action {
        .poll(after: progress?.position ?? .start, limit: sizing.size, atMost: patience)
    }

    private var key: ConsumerProgress.Key {
        ConsumerProgress.Key(of: projection)
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
        stopped.state = ProjectorState.stopped.rawValue
        stopped.lastError = fault.description
        progress = stopped
        return .record(stopped)
    }

    private mutating func goOn(afterRecording answer: AdvanceAnswer) -> Action {
        if isRecordingStop { return leaveStopped() }
        guard answer == .advanced else { return stepDown(for: transientPause.next(random)) }
        return goOn()
    }

    private mutating func leaveStopped() -> Action {
        stepDown(for: stoppedPause.next(random), statistics.fault)
    }

    /// Gives up the lease, so that a newer program may take it, and comes back after a pause.
    mutating func stepDown(for pause: Duration, _ fault: ProjectorFault? = nil) -> Action {
        lease = nil
        progress = nil
        applying = nil
        retry = nil
        isRecordingStop = false
        batch = PendingBatch()
        return .stepDown(pause, because: fault)
    }
}
