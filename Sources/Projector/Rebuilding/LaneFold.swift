import EventModel
import ReadModels

/// The rows of some lanes while a generation is folded in memory: the fold of a rebuild.
///
/// It calls the projection exactly as ``BatchFold`` does, event by event and key by key; what differs is that rows stay in memory until
/// they are taken off, instead of being loaded and stored batch by batch.
// @unchecked: confined to one task at a time; a loader hands it to a child task and awaits that before it touches it again.
final class LaneFold: @unchecked Sendable {
    /// A row in memory.
    private struct Entry {
        var row: Row?
        /// Whether the table holds a row with its key.
        var isStored: Bool
        /// Whether it is not as the table holds it.
        var isDirty: Bool
    }

    private let projection: ProjectionGeneration
    private let interest: EventInterest
    private let table: TableDefinition
    private let skips: SkippedEvents
    private var entries: [RowKey: Entry] = [:]
    /// Rows of an append-only table that have not been taken off.
    private var added: [Row] = []
    /// What all events so far add to the completeness digest.
    private(set) var digest = CompletenessDigest()
    /// About how many bytes of memory the rows take.
    private(set) var byteCount = 0

    /// - Parameter skips: the events that are left out of the projection.
    init(_ projection: ProjectionGeneration, skipping skips: SkippedEvents = .none) {
        self.projection = projection
        self.skips = skips
        interest = projection.interest
        table = projection.table
    }

    /// The keys of rows that folding `events` needs and that are not in memory.
    func missingKeys(for events: EventBatch, at indices: [Int]) throws(ProjectionFault) -> [RowKey] {
        guard !table.isAppendOnly else { return [] }
        var missing: Set<RowKey> = []
        for index in indices {
            let event = events[index]
            guard interest.includes(event), !skips.includes(event), let key = try projection.key(of: event),
                entries[key] == nil
            else {
                continue
            }
            missing.insert(key)
        }
        return Array(missing)
    }

    /// Takes rows that the table holds into memory; keys without one are known to be new.
    func recall(_ rows: [RowKey: Row], of keys: [RowKey]) {
        for key in keys {
            let row = rows[key]
            entries[key] = Entry(row: row, isStored: row != nil, isDirty: false)
            byteCount += row?.approximateBytes ?? Self.keyBytes
        }
    }

    /// Folds the events of these lanes, in order.
    func fold(_ events: EventBatch, at indices: [Int]) throws(ProjectionFault) {
        for index in indices {
            let event = events[index]
            digest.add(event)
            guard interest.includes(event), !skips.includes(event), let key = try projection.key(of: event) else {
                continue
            }
            if table.isAppendOnly {
                guard let row = try projection.fold(nil, event) else { continue }
                try check(row, key, event)
                added.append(row)
                continue
            }
            try fold(event, key)
        }
    }

    private func fold(_ event: RecordedEvent, _ key: RowKey) throws(ProjectionFault) {
        let known = entries[key]
        let row = try projection.fold(known?.row, event)
        if let row { try check(row, key, event) }
        guard row != nil || known != nil else { return }
        if known == nil { byteCount += row?.approximateBytes ?? Self.keyBytes }
        entries[key] = Entry(row: row, isStored: known?.isStored ?? false, isDirty: true)
    }

    private func check(_ row: Row, _ key: RowKey, _ event: RecordedEvent) throws(ProjectionFault) {
        guard table.admits(row), table.key(of: row) == key else {
            throw ProjectionFault(.misfitRow, in: projection, at: event)
        }
    }

    /// Takes off the rows of an append-only table.
    func takeAdded() -> [Row] {
        defer { added.removeAll(keepingCapacity: true) }
        return added
    }

    /// Takes off what the table does not hold yet: new rows, and changes to those that it holds. The memory is empty afterwards.
    func takeOff() -> (new: [Row], changes: RowChanges) {
        var new: [Row] = []
        var changes = RowChanges(to: table)
        for (key, entry) in entries where entry.isDirty {
            switch (entry.row, entry.isStored) {
            case (let row?, false): new.append(row)
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
