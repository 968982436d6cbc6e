import EventModel

/// Folds the events of one batch in memory, per key, into the changes that the batch makes to the table.
///
/// A row that several events concern is written once, as the last of them leaves it.
public struct BatchFold: Sendable {
    private let projection: any Projection
    private let table: TableDefinition
    private let interest: EventInterest
    private let skips: SkippedEvents
    /// Rows as they are stored, then as the events so far have left them.
    private var stored: [RowKey: Row]
    private var current: [RowKey: Row?] = [:]
    /// Keys in the order in which events first concerned them, so that the same batch always makes the same changes.
    private var touched: [RowKey] = []
    private var added: [Row] = []

    /// A fold that starts from the stored rows of the keys that its events concern; see ``keys(of:for:skipping:)``.
    ///
    /// - Parameter skips: the events that are left out of the projection.
    public init(
        _ projection: any Projection, rows stored: [RowKey: Row] = [:], skipping skips: SkippedEvents = .none
    ) {
        self.projection = projection
        self.stored = stored
        self.skips = skips
        table = projection.table
        interest = projection.interest
    }

    /// The keys whose stored rows folding `events` needs, each once; none for an append-only table.
    ///
    /// Events whose key cannot be told are left out: folding will say so.
    public static func keys(
        of events: some Sequence<RecordedEvent>, for projection: any Projection, skipping skips: SkippedEvents = .none
    ) -> [RowKey] {
        guard !projection.table.isAppendOnly else { return [] }
        let interest = projection.interest
        var keys: [RowKey] = []
        var known: Set<RowKey> = []
        for event in events where interest.includes(event) && !skips.includes(event) {
            guard let key = try? projection.key(of: event), known.insert(key).inserted else { continue }
            keys.append(key)
        }
        return keys
    }

    /// Folds one more event. When it throws, the changes are those of the events before.
    public mutating func fold(_ event: RecordedEvent) throws(ProjectionFault) {
        guard interest.includes(event), !skips.includes(event), let key = try projection.key(of: event) else { return }
        try fold(event, concerning: key)
    }

    /// Folds one more event that the projection needs, does not leave out, and whose key is known. When it throws, the changes are those
    /// of the events before.
    public mutating func fold(_ event: RecordedEvent, concerning key: RowKey) throws(ProjectionFault) {
        if table.isAppendOnly {
            guard let row = try projection.fold(nil, event) else { return }
            try check(row, key, event)
            added.append(row)
            return
        }
        let known = current[key]
        let row = try projection.fold(known ?? stored[key], event)
        if let row { try check(row, key, event) }
        if known == nil { touched.append(key) }
        current.updateValue(row, forKey: key)
    }

    /// What the events so far change; rows that end as they are stored are left out.
    public var changes: RowChanges {
        var changes = RowChanges(to: table, upserts: added)
        for key in touched {
            switch (stored[key], current[key] ?? nil) {
            case (_?, nil): changes.deletions.append(key)
            case (let before, let after?): if before != after { changes.upserts.append(after) }
            case (nil, nil): break
            }
        }
        return changes
    }

    private func check(_ row: Row, _ key: RowKey, _ event: RecordedEvent) throws(ProjectionFault) {
        guard table.admits(row), table.has(key, in: row) else {
            throw ProjectionFault(.misfitRow, in: projection, at: event)
        }
    }
}
