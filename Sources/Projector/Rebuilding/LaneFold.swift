import EventModel
import EventSourcing
import ReadModels

/// The rows of some lanes while a generation is folded in memory: the fold of a rebuild.
///
/// It calls the projection exactly as live projectors do, event by event and key by key, and parks what they park; what differs is that rows
/// stay in memory until they are taken off, instead of being loaded and stored batch by batch.
// @unchecked: confined to one task at a time; a loader hands it to a child task and awaits that before it touches it again.
final class LaneFold: @unchecked Sendable {
    private var parking: ParkingFold<LaneRows>

    /// - Parameters:
    ///   - stored: what the table holds before the first event.
    ///   - skips: the events that are left out of the projection.
    ///   - parked: what is parked before the first event.
    ///   - limit: how many keys may be parked.
    init(
        _ projection: ProjectionGeneration, onto stored: StoredKeys = .none, skipping skips: SkippedEvents = .none,
        parked: ParkedKeys = ParkedKeys(), limit: Int = ProjectorLimits().parkedKeys
    ) {
        parking = ParkingFold(
            projection, onto: LaneRows(projection, stored: stored), skipping: skips, parked: parked, limit: limit)
    }

    /// About how many bytes of memory the rows take.
    var byteCount: Int { parking.folding.byteCount }

    /// How many keys are parked, those of all lanes that were parked before among them.
    var parkedCount: Int { parking.parked.count }

    /// The keys of rows that folding `events` needs, that are not in memory, and of which the table may hold a row.
    func missingKeys(for events: EventBatch, at indices: [Int]) -> [RowKey] {
        guard parking.folding.looksUp else { return [] }
        var missing: Set<RowKey> = []
        for index in indices {
            guard let key = parking.row(of: events[index]), !parking.folding.knows(key) else { continue }
            missing.insert(key)
        }
        return Array(missing)
    }

    /// Takes rows that the table holds into memory; keys without one are known to be new.
    func recall(_ rows: [RowKey: Row], of keys: [RowKey]) { parking.folding.recall(rows, of: keys) }

    /// Folds the events of these lanes, in order.
    ///
    /// - Throws: a fault that no key can be blamed for.
    func fold(_ events: EventBatch, at indices: [Int]) throws(ProjectorFault) {
        for index in indices { try parking.take(events[index]) }
    }

    /// Takes off the rows of an append-only table.
    func takeAdded() -> [Row] { parking.folding.takeAdded() }

    /// Takes off what is not stored yet: new rows, changes to those that the table holds, and what was parked. The memory of rows is empty
    /// afterwards; what is parked stays parked.
    func takeOff() -> (new: [Row], changes: RowChanges, parking: LaneParking) {
        let (new, changes) = parking.folding.takeOff()
        return (new, changes, parking.takeParking())
    }
}

/// Rows in memory, with what the table is known to hold.
struct LaneRows: RowFolding {
    private struct Entry {
        var row: Row?
        /// Whether the table holds a row with its key.
        var isStored: Bool
        /// Whether it is not as the table holds it.
        var isDirty: Bool
    }

    private let projection: ProjectionGeneration
    private let table: TableDefinition
    private var entries: [RowKey: Entry] = [:]
    /// Rows of an append-only table that have not been taken off.
    private var added: [Row] = []
    private var stored: StoredKeys
    private(set) var byteCount = 0

    init(_ projection: ProjectionGeneration, stored: StoredKeys = .none) {
        self.projection = projection
        self.stored = stored
        table = projection.table
    }

    /// Whether there may be rows to look up; of an append-only table nothing needs to be known.
    var looksUp: Bool { !table.isAppendOnly && !stored.isEmpty }

    /// Whether it is known what the table holds of a key.
    func knows(_ key: RowKey) -> Bool { entries[key] != nil || !stored.mayContain(key) }

    mutating func recall(_ rows: [RowKey: Row], of keys: [RowKey]) {
        for key in keys {
            let row = rows[key]
            entries[key] = Entry(row: row, isStored: row != nil, isDirty: false)
            byteCount += row?.approximateBytes ?? Self.keyBytes
        }
    }

    mutating func fold(_ event: RecordedEvent, concerning key: RowKey) throws(ProjectionFault) {
        if table.isAppendOnly {
            guard let row = try projection.fold(nil, event) else { return }
            try check(row, key, event)
            added.append(row)
            return
        }
        let place = entries.index(forKey: key)
        let row = try projection.fold(place.flatMap { entries.values[$0].row }, event)
        if let row { try check(row, key, event) }
        if let place {
            entries.values[place].row = row
            entries.values[place].isDirty = true
        } else if let row {
            byteCount += row.approximateBytes
            entries[key] = Entry(row: row, isStored: false, isDirty: true)
        }
    }

    private func check(_ row: Row, _ key: RowKey, _ event: RecordedEvent) throws(ProjectionFault) {
        guard table.admits(row), table.has(key, in: row) else {
            throw ProjectionFault(.misfitRow, in: projection, at: event)
        }
    }

    mutating func takeAdded() -> [Row] {
        defer { added.removeAll(keepingCapacity: true) }
        return added
    }

    mutating func takeOff() -> (new: [Row], changes: RowChanges) {
        var new: [Row] = []
        var changes = RowChanges(to: table)
        for (key, entry) in entries where entry.isDirty {
            switch (entry.row, entry.isStored) {
            case (let row?, false):
                new.append(row)
                stored.insert(key)
            case (let row?, true): changes.upserts.append(row)
            case (nil, true): changes.deletions.append(key)
            case (nil, false): break
            }
        }
        entries = [:]
        byteCount = 0
        return (new, changes)
    }

    /// A key that is known to have no row.
    private static let keyBytes = 128
}

extension Row {
    /// About how many bytes it takes in memory: values, what they point to, and its place in a dictionary.
    fileprivate var approximateBytes: Int {
        values.reduce(160) { bytes, value in
            switch value {
            case .null, .bool, .int, .uuid, .timestamp: bytes + 24
            // Short texts lie in the value itself.
            case .text(let text): bytes + 24 + (text.utf8.count > 15 ? text.utf8.count + 32 : 0)
            case .json(let data), .bytes(let data): bytes + 56 + data.count
            }
        }
    }
}
