import EventModel
import EventSourcing
import ReadModels

/// Folds a batch, lets the events of parked keys wait, and parks the keys of those that cannot be folded. Everything else flows.
struct ParkingFold {
    private let projection: any Projection
    private let interest: EventInterest
    private let skips: SkippedEvents
    private let limit: Int
    private var folding: BatchFold
    /// What is parked after the events so far.
    private(set) var parked: ParkedKeys
    /// What the events so far change of that.
    private(set) var parking = ParkingChanges()

    /// - Parameters:
    ///   - parked: what is parked before the batch.
    ///   - limit: how many keys may be parked.
    init(
        _ projection: any Projection, rows: [RowKey: Row], skipping skips: SkippedEvents, parked: ParkedKeys, limit: Int
    ) {
        self.projection = projection
        self.skips = skips
        self.parked = parked
        self.limit = limit
        interest = projection.interest
        folding = BatchFold(projection, rows: rows, skipping: skips)
    }

    /// What the events so far change in the table.
    var changes: RowChanges { folding.changes }

    /// Takes one more event.
    ///
    /// - Throws: a fault that stops the projection before this event; everything is as the events before have left it.
    mutating func take(_ event: RecordedEvent) throws(ProjectorFault) {
        guard interest.includes(event), !skips.includes(event) else { return }
        let row: RowKey?
        do throws(ProjectionFault) { row = try projection.key(of: event) } catch {
            return try wait(event, nil, because: error)
        }
        guard let row else { return }
        if let key = parked.covering(event, concerning: row) {
            return parking.queue(event.position, behind: key)
        }
        do throws(ProjectionFault) { try folding.fold(event, concerning: row) } catch {
            try wait(event, row, because: error)
        }
    }

    /// Parks the key of an event whose row the store cannot hold, without folding it.
    mutating func refuse(_ event: RecordedEvent, because reason: String) throws(ProjectorFault) {
        let fault = ProjectorFault.refusedRow(
            projection: projection.table.generationName, position: event.position, type: event.type, reason: reason)
        try park(event, (try? projection.key(of: event)) ?? nil, because: fault.description)
    }

    /// An event that failed waits behind a key that is parked already, or its own key is parked now.
    private mutating func wait(
        _ event: RecordedEvent, _ row: RowKey?, because fault: ProjectionFault
    ) throws(ProjectorFault) {
        if let key = parked.covering(event, concerning: row) {
            return parking.queue(event.position, behind: key)
        }
        guard fault.reason.answer == .park else { throw .poison(fault) }
        try park(event, row, because: fault.description)
    }

    private mutating func park(
        _ event: RecordedEvent, _ row: RowKey?, because cause: String
    ) throws(ProjectorFault) {
        let scope = ParkingKey(syncKeyOf: event)
        let key = row.map(ParkingKey.init(row:)) ?? scope
        guard parked.count < limit else {
            throw .tooManyParked(projection: projection.name, limit: limit, position: event.position, cause: cause)
        }
        let absorbed = parked.insert(key, in: scope)
        parking.park(key, in: scope, for: ParkingFailure(of: event, because: cause), taking: absorbed)
    }
}
