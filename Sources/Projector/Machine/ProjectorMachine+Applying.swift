import EventModel
import EventSourcing
import ReadModels

/// What a transaction that is under way brings when it succeeds.
struct Applying: Sendable {
    /// How many events of the batch.
    var count: Int
    /// The progress behind them.
    var progress: ConsumerProgress
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

    /// Loads the rows that the batch needs, if it needs any, and folds.
    private mutating func plan() -> Action {
        guard !batch.events.isEmpty else { return goOn() }
        let keys = BatchFold.keys(of: batch.attempt, for: projection, skipping: skips)
        return keys.isEmpty ? fold(onto: [:]) : .fetch(keys)
    }

    /// Folds up to the first event that stops the projection, and applies what came before it.
    mutating func fold(onto rows: [RowKey: Row]) -> Action {
        guard var next = progress else { return .load }
        var folding = parkingFold(onto: rows)
        var count = 0
        do throws(ProjectorFault) {
            for event in batch.attempt {
                try folding.take(event)
                next.handle(event)
                count += 1
            }
        } catch {
            guard count > 0 else { return stop(error) }
        }
        return apply(folding, Applying(count: count, progress: next, parked: folding.parked))
    }

    private func parkingFold(onto rows: [RowKey: Row]) -> ParkingFold<BatchFold> {
        ParkingFold(projection, rows: rows, skipping: skips, parked: parked, limit: limits.parkedKeys)
    }

    private mutating func apply(_ folding: ParkingFold<BatchFold>, _ work: Applying) -> Action {
        var work = work
        work.progress.state = (work.progress.position >= batch.head ? ProjectorState.live : .catchingUp).rawValue
        work.progress.lastError = nil
        applying = work
        return .apply(
            Apply(
                changes: folding.changes, parking: folding.parking, progress: work.progress,
                from: progress?.position ?? .start,
                readAhead: batch.leavesMore(behind: work.count) ? (work.progress.position, sizing.size) : nil))
    }

    mutating func settle(_ answer: ApplyAnswer, _ duration: Duration) -> Action {
        guard let applied = applying else { return .load }
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
            return stepDown(for: transientPause.next(random))
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
        next.handle(event)
        return apply(folding, Applying(count: 1, progress: next, parked: folding.parked, isRefusal: true))
    }
}
