import EventModel
import EventSourcing
import ReadModels

/// Folds events, lets those of parked keys wait, and parks the keys of those that cannot be folded. Everything else flows.
struct ParkingFold<Folding: RowFolding> {
    private let projection: any Projection
    private let interest: EventInterest
    private let skips: SkippedEvents
    private let limit: Int
    /// The rows, as the events so far leave them.
    var folding: Folding
    /// What is parked after the events so far.
    private(set) var parked: ParkedKeys
    /// What the events so far change of that.
    private(set) var parking = LaneParking()

    /// - Parameters:
    ///   - parked: what is parked before the first event.
    ///   - limit: how many keys may be parked.
    init(
        _ projection: any Projection, onto folding: Folding, skipping skips: SkippedEvents, parked: ParkedKeys,
        limit: Int
    ) {
        self.projection = projection
        self.skips = skips
        self.parked = parked
        self.limit = limit
        self.folding = folding
        interest = projection.interest
    }

    /// Hands out what the events so far change of what is parked; those that follow begin with no change.
    mutating func takeParking() -> LaneParking {
        defer { parking = .none }
        return parking
    }

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
            return parking[lane(of: event)].queue(event.position, behind: key)
        }
        do throws(ProjectionFault) { try folding.fold(event, concerning: row) } catch {
            try wait(event, row, because: error)
        }
    }

    /// The row that an event concerns, if it is one that the projection takes and that does not wait.
    func row(of event: RecordedEvent) -> RowKey? {
        guard interest.includes(event), !skips.includes(event), let row = try? projection.key(of: event),
            parked.covering(event, concerning: row) == nil
        else { return nil }
        return row
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
            return parking[lane(of: event)].queue(event.position, behind: key)
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
        parking[lane(of: event)].park(key, in: scope, for: ParkingFailure(of: event, because: cause), taking: absorbed)
    }

    /// All events of a sync key are of one lane, so a key is parked, and takes others in, within a lane.
    private func lane(of event: RecordedEvent) -> Int { projection.layout.lane(of: event) }
}

/// Rows that events are folded into, each event once.
protocol RowFolding {
    /// Folds one event that the projection needs, does not leave out, and whose key is known. When it throws, the rows are as the events
    /// before have left them.
    mutating func fold(_ event: RecordedEvent, concerning key: RowKey) throws(ProjectionFault)
}

extension BatchFold: RowFolding {}

extension ParkingFold<BatchFold> {
    /// The fold of one batch, from the stored rows that it needs.
    init(
        _ projection: any Projection, rows: [RowKey: Row], skipping skips: SkippedEvents, parked: ParkedKeys, limit: Int
    ) {
        self.init(
            projection, onto: BatchFold(projection, rows: rows, skipping: skips), skipping: skips, parked: parked,
            limit: limit)
    }

    /// What the events so far change in the table.
    var changes: RowChanges { folding.changes }
}
