import EventModel
import EventSourcing
import ReadModels

/// What a transaction that is under way brings when it succeeds.
struct Applying: Sendable {
    /// How many events of the batch.
    var count: Int
    /// The progress behind them.
    var progress: LaneProgress
    /// What is parked then.
    var parked: ParkedKeys
    /// Whether it only parks an event whose row was refused.
    var isRefusal = false
}

extension ProjectorMachine {
    mutating func take(_ events: EventBatch, _ head: GlobalPosition) -> Action {
        batch = PendingBatch(events: events, head: head)
        statistics.head = max(statistics.head, head)
        return plan()
    }

    mutating func take(_ read: LaneBatch) -> Action {
        batch = PendingBatch(read)
        statistics.head = max(statistics.head, read.head)
        return plan()
    }

    /// Loads the rows that the batch needs, if it needs any, and folds.
    private mutating func plan() -> Action {
        guard !batch.isHandled(at: progress) else { return goOn() }
        let keys = BatchFold.keys(of: counting(batch.attempt), for: projection, skipping: skips)
        return keys.isEmpty ? fold(onto: [:]) : .fetch(keys)
    }

    /// The events that count: all, unless a lane is further than another, or another process's.
    private func counting(_ events: EventBatch) -> some Sequence<RecordedEvent> {
        events.lazy.filter { [progress] event in progress?.counts(event) ?? false }
    }

    /// Folds up to the first event that stops the projection, and applies what came before it.
    mutating func fold(onto rows: [RowKey: Row]) -> Action {
        guard var next = progress else { return loadAgain() }
        var folding = parkingFold(onto: rows)
        var count = 0
        do throws(ProjectorFault) {
            for event in batch.attempt {
                if next.counts(event) {
                    try folding.take(event)
                    next.handle(event)
                }
                count += 1
            }
        } catch {
            guard count > 0 else { return stop(error) }
        }
        batch.settle(&next, behind: count)
        return apply(folding, Applying(count: count, progress: next, parked: folding.parked))
    }

    private func parkingFold(onto rows: [RowKey: Row]) -> ParkingFold<BatchFold> {
        ParkingFold(projection, rows: rows, skipping: skips, parked: parked, limit: limits.parkedKeys)
    }

    private mutating func apply(_ folding: ParkingFold<BatchFold>, _ work: Applying) -> Action {
        applying = work
        return .apply(
            Apply(
                changes: folding.changes, moves: moves(to: work.progress, parking: folding.parking),
                readAhead: batch.leavesMore(behind: work.count) ? (work.progress.least, sizing.size) : nil))
    }

    mutating func settle(_ answer: ApplyAnswer, _ duration: Duration) -> Action {
        guard let applied = applying else { return loadAgain() }
        applying = nil
        switch answer {
        case .advanced:
            progress = applied.progress
            if parked != applied.parked { parked = applied.parked }
            sizing.applied(applied.count, in: duration)
            transientPause.reset()
            stoppedPause.reset()
            statistics.count(applied.progress, events: applied.count, duration: duration)
            batch.dropFirst(applied.count)
            return plan()
        case .fenced, .moved:
            return retreat()
        case .refused(let reason):
            return bisect(applied, reason)
        }
    }

    /// Tries half of what was refused, until one event is found that the store cannot hold; its key is parked.
    private mutating func bisect(_ refused: Applying, _ reason: String) -> Action {
        guard refused.count == 1, let event = batch.events.first else {
            batch.attemptCount = refused.count / 2
            return plan()
        }
        guard !refused.isRefusal, var next = progress else {
            return stop(
                .refusedRow(
                    projection: projection.table.generationName, position: event.position, type: event.type,
                    reason: reason))
        }
        var folding = parkingFold(onto: [:])
        do throws(ProjectorFault) { try folding.refuse(event, because: reason) } catch { return stop(error) }
        if next.counts(event) { next.handle(event) }
        batch.settle(&next, behind: 1)
        return apply(folding, Applying(count: 1, progress: next, parked: folding.parked, isRefusal: true))
    }
}
