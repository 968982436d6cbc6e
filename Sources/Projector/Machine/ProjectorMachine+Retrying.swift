import EventModel
import EventSourcing
import ReadModels

/// A retry that is under way: the first events of a key's queue.
struct RetryRun: Sendable {
    /// The key as it was read, and its lane.
    let key: ParkedKey
    let lane: Int
    var events: [RecordedEvent] = []
    var hasMore = false
    /// How many events to try next: all, unless a part of them was refused.
    var attemptCount = 0
    /// Whether the key is parked no more when the transaction that is under way succeeds.
    var isLast = false
    /// Whether that transaction only says why a row was refused.
    var isRefusal = false

    init(_ request: RequestedRetry) {
        key = request.parked
        lane = request.consumer.lane
    }

    var attempt: ArraySlice<RecordedEvent> { events.prefix(attemptCount) }
}

/// Retrying folds the queue of a key in order, a part at a time, each part in a transaction that takes it out of the queue and is refused if the
/// queue does not begin where it was read. Between two parts a batch of the log is handled, so everything else flows meanwhile.
extension ProjectorMachine {
    mutating func begin(_ request: RequestedRetry?) -> Action {
        guard let request else { return poll(atMost: limits.requestPause) }
        // A write of ours whose outcome was unknown came through after all: read again what is parked.
        guard parked.contains(request.parked.key) else { return retreat() }
        retry = RetryRun(request)
        return .loadQueue(request, limit: sizing.size)
    }

    mutating func take(_ queue: QueuedEvents, skipping skips: SkippedEvents) -> Action {
        guard retry != nil, let first = queue.events.first, first.position == retry?.key.first else {
            return retreat()
        }
        self.skips = skips
        retry?.events = queue.events
        retry?.hasMore = queue.hasMore
        retry?.attemptCount = queue.events.count
        return planRetry()
    }

    /// The request is done with; the key stays parked as it is, and says why.
    mutating func refuseSkip(_ reason: String) -> Action {
        guard let run = retry else { return loadAgain() }
        let before = run.key.failure
        let failure = ParkingFailure(
            position: before.position, type: before.type, eventID: before.eventID,
            cause: "the event is not left out: \(reason)")
        return settle(
            RowChanges(to: projection.table), .init(run.key.key, from: run.key.first, through: nil, failure: failure))
    }

    private mutating func planRetry() -> Action {
        let keys = BatchFold.keys(of: retry?.attempt ?? [], for: projection, skipping: skips)
        return keys.isEmpty ? foldQueue(onto: [:]) : .fetch(keys)
    }

    /// Folds up to the first event that fails; what came before it is in the rows then, and it is the first of the queue.
    mutating func foldQueue(onto rows: [RowKey: Row]) -> Action {
        guard let run = retry else { return loadAgain() }
        var folding = BatchFold(projection, rows: rows, skipping: skips)
        var settlement = ParkingChanges.Settlement(
            run.key.key, from: run.key.first, through: nil, skip: run.key.request?.skip?.position)
        for event in run.attempt {
            if let cause = tryAgain(event, of: run.key.key, in: &folding) {
                settlement.failure = ParkingFailure(of: event, because: cause)
                break
            }
            settlement.through = event.position
        }
        let isWhole = run.attemptCount == run.events.count && !run.hasMore
        retry?.isLast = isWhole && settlement.failure == nil
        return settle(folding.changes, settlement)
    }

    /// - Returns: why the event fails again; `nil` when it does not.
    private func tryAgain(_ event: RecordedEvent, of key: ParkingKey, in folding: inout BatchFold) -> String? {
        do throws(ProjectionFault) {
            guard projection.interest.includes(event), !skips.includes(event) else { return nil }
            guard let row = try projection.key(of: event) else { return nil }
            // Another program may tell another row than the one that failed; its own queue comes first.
            if let other = parked.covering(event, concerning: row), other != key {
                return "the row that it concerns is parked as \(other); retry that key first"
            }
            try folding.fold(event, concerning: row)
            return nil
        } catch {
            return error.description
        }
    }

    /// The checkpoint stays where it is: these events were passed when they were parked.
    private mutating func settle(_ changes: RowChanges, _ settlement: ParkingChanges.Settlement) -> Action {
        guard let current = progress, let run = retry else { return loadAgain() }
        let parking = LaneParking(settlement, in: run.lane)
        return .apply(Apply(changes: changes, moves: moves(to: current, parking: parking), readAhead: nil))
    }

    mutating func settleRetry(_ answer: ApplyAnswer) -> Action {
        guard let run = retry else { return loadAgain() }
        switch answer {
        case .advanced:
            retry = nil
            transientPause.reset()
            if run.isLast { parked.remove(run.key.key) }
            // At the limit the next event may stop the projection, so that other requests would wait for it to look again.
            return parked.count < limits.parkedKeys ? poll(atMost: .zero) : .lookForRequest
        case .fenced, .moved:
            return retreat()
        case .refused(let reason):
            return bisectRetry(run, reason)
        }
    }

    private mutating func bisectRetry(_ run: RetryRun, _ reason: String) -> Action {
        guard run.attemptCount == 1, let event = run.events.first else {
            retry?.attemptCount = run.attemptCount / 2
            return planRetry()
        }
        let fault = ProjectorFault.refusedRow(
            projection: projection.table.generationName, position: event.position, type: event.type, reason: reason)
        guard !run.isRefusal else { return stop(fault) }
        retry?.isRefusal = true
        retry?.isLast = false
        return settle(
            RowChanges(to: projection.table),
            ParkingChanges.Settlement(
                run.key.key, from: run.key.first, through: nil,
                failure: ParkingFailure(of: event, because: fault.description)))
    }
}
