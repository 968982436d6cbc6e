import EventModel
import EventSourcing
import FoundationEssentials
import ReadModels

/// Every decision of a projector, without any I/O: what happened goes in, what to do next comes out.
///
/// The shell performs one action at a time and reports its result. Whatever fails between two steps, the machine starts over from the
/// stored progress, and the store's compare-and-set makes that safe.
public struct ProjectorMachine: Sendable {
    private let projection: any Projection
    private let limits: ProjectorLimits
    private let random: any RandomSource
    private var sizing: BatchSizing
    private var transientPause: Backoff
    private var stoppedPause: Backoff
    private var lease: Lease?
    private var progress: ConsumerProgress?
    private var batch = PendingBatch()
    /// What is being applied: how many events of the batch, and the progress behind them.
    private var applying: (count: Int, progress: ConsumerProgress)?
    /// Whether the state that is being recorded says that it stopped.
    private var isRecordingStop = false
    private var isShuttingDown = false

    /// What it has done so far.
    public private(set) var statistics = ProjectorStatistics()

    /// A machine that has not started.
    public init(_ projection: any Projection, limits: ProjectorLimits = ProjectorLimits(), random: any RandomSource) {
        self.projection = projection
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
        case .fetched(let rows):
            batch.rows = rows
            return fold()
        case .applied(let answer, let duration): return settle(answer, duration)
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
        var current = start.progress ?? ConsumerProgress(of: key, incarnation: start.head.incarnation)
        progress = current
        do throws(HistoryFault) {
            try HistoryFault.check(current, head: start.head, found: start.eventID)
        } catch {
            return stop(.history(error, projection: projection.name))
        }
        statistics.position = current.position
        statistics.head = start.head.position
        if current.position == .start { current.incarnation = start.head.incarnation }
        progress = current
        return current.position == start.head.position ? idle(current) : read()
    }

    /// At the end of the log there is no batch that could say so.
    private mutating func idle(_ current: ConsumerProgress) -> Action {
        statistics.state = .live
        statistics.fault = nil
        guard current.state != ProjectorState.live.rawValue || current.lastError != nil else { return read() }
        var live = current
        live.state = ProjectorState.live.rawValue
        live.lastError = nil
        progress = live
        return .record(live)
    }

    private func read() -> Action { .read(after: progress?.position ?? .start, limit: sizing.size) }

    private var key: ConsumerProgress.Key {
        ConsumerProgress.Key(of: projection)
    }
}

// MARK: Folding and applying

extension ProjectorMachine {
    private mutating func take(_ events: EventBatch, _ head: GlobalPosition) -> Action {
        batch = PendingBatch(events: events, head: head)
        statistics.head = max(statistics.head, head)
        return plan()
    }

    /// Loads the rows that the batch needs, if it needs any, and folds.
    private mutating func plan() -> Action {
        guard !batch.events.isEmpty else { return read() }
        let keys = BatchFold.keys(of: batch.attempt, for: projection)
        guard keys.isEmpty else { return .fetch(keys) }
        batch.rows = [:]
        return fold()
    }

    /// Folds up to the first event that cannot be folded, and applies what came before it.
    private mutating func fold() -> Action {
        guard var next = progress else { return .load }
        var folding = BatchFold(projection, rows: batch.rows)
        var count = 0
        do throws(ProjectionFault) {
            for event in batch.attempt {
                try folding.fold(event)
                next.handle(event)
                count += 1
            }
        } catch {
            guard count > 0 else { return stop(.poison(error)) }
        }
        next.state = (next.position >= batch.head ? ProjectorState.live : .catchingUp).rawValue
        next.lastError = nil
        applying = (count, next)
        return .apply(
            Apply(
                changes: folding.changes, progress: next, from: progress?.position ?? .start,
                readAhead: batch.leavesMore(behind: count) ? (next.position, sizing.size) : nil))
    }

    private mutating func settle(_ answer: ApplyAnswer, _ duration: Duration) -> Action {
        guard let applied = applying else { return .load }
        applying = nil
        switch answer {
        case .advanced:
            progress = applied.progress
            sizing.applied(applied.count, in: duration)
            transientPause.reset()
            stoppedPause.reset()
            statistics.count(applied.progress, events: applied.count, duration: duration)
            batch.dropFirst(applied.count)
            return plan()
        case .fenced, .moved:
            return stepDown(for: transientPause.next(random))
        case .refused(let reason):
            return bisect(applied.count, reason)
        }
    }

    /// Tries half of what was refused, until one event is found that the store cannot hold.
    private mutating func bisect(_ count: Int, _ reason: String) -> Action {
        guard count == 1, let event = batch.events.first else {
            batch.attemptCount = count / 2
            return plan()
        }
        return stop(
            .refusedRow(
                projection: projection.table.generationName, position: event.position, type: event.type, reason: reason)
        )
    }
}

// MARK: Faults

extension ProjectorMachine {
    private mutating func recover(from error: StoreError) -> Action {
        applying = nil
        batch = PendingBatch()
        // When saying why it stopped has failed, the reason stays, and is said again after the pause.
        if isRecordingStop { return leaveStopped() }
        if error == .cancelled { return stepDown(for: transientPause.next(random)) }
        guard !error.isTransient else {
            return .rest(transientPause.next(random))
        }
        return stop(.store(error))
    }

    /// Stands still, visibly: the reason is written beside the checkpoint, which stays before the event.
    ///
    /// This is the one place that decides what becomes of an event that cannot be handled.
    private mutating func stop(_ fault: ProjectorFault) -> Action {
        batch = PendingBatch()
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
        return read()
    }

    private mutating func leaveStopped() -> Action {
        stepDown(for: stoppedPause.next(random), statistics.fault)
    }

    /// Gives up the lease, so that a newer program may take it, and comes back after a pause.
    private mutating func stepDown(for pause: Duration, _ fault: ProjectorFault? = nil) -> Action {
        lease = nil
        progress = nil
        applying = nil
        isRecordingStop = false
        batch = PendingBatch()
        return .stepDown(pause, because: fault)
    }
}
