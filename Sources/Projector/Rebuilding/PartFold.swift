import EventModel
import EventSourcing
import ReadModels

/// Folds the events of a part in memory, and proves that the rows which they concern are theirs alone: a row that an event outside of the part
/// concerns as well cannot be made from the part.
actor PartFold<Log: EventStore> {
    let part: RebuildPart
    private let generation: ProjectionGeneration
    private let log: Log
    private let skips: SkippedEvents
    private let parked: ParkedKeys
    private let memoryBytes: Int
    /// How many lanes the log has.
    private let lanes: Int
    private let notice: @Sendable (LoadNotice) -> Void
    private var rows: PartRows
    /// Everything up to here is folded, and was compared with the part.
    private(set) var position = GlobalPosition.start

    /// - Parameters:
    ///   - skips: the events that are left out of the projection.
    ///   - parked: what is parked in the generation whose other rows stay.
    ///   - memoryBytes: how much the rows may take.
    ///   - lanes: how many lanes the log has.
    ///   - notice: is told of every page that was read.
    init(
        _ part: RebuildPart, of generation: ProjectionGeneration, log: Log, skipping skips: SkippedEvents,
        parked: ParkedKeys, memoryBytes: Int, lanes: Int, notice: @escaping @Sendable (LoadNotice) -> Void
    ) {
        self.part = part
        self.generation = generation
        self.log = log
        self.skips = skips
        self.parked = parked
        self.memoryBytes = memoryBytes
        self.lanes = lanes
        self.notice = notice
        rows = PartRows(generation)
    }

    /// Events of the part that were folded.
    var events: Int { rows.events }
    /// How many rows the part concerns.
    var rowCount: Int { rows.touched.count }

    /// Goes on to a position.
    ///
    /// - Parameter isBrief: not to read the whole log again, because somebody waits.
    /// - Returns: whether it is there; `false` only when it was to be brief and would have had to.
    /// - Throws: ``RebuildFault`` when the part is not closed, or too large; ``ProjectionFault``; ``StoreError``.
    func advance(to end: GlobalPosition, isBrief: Bool) async throws -> Bool {
        guard end > position else { return true }
        let further = try await foldPart(onto: rows, after: position, through: end) { _ in true }
        // A row that is new is compared with the whole log, so until that was done it is not known.
        let isWhole = further.touched.count > rows.touched.count
        guard !isWhole || !isBrief else { return false }
        try await checkOthers(than: further, after: isWhole ? .start : position, through: end) { _ in true }
        (rows, position) = (further, end)
        return true
    }

    /// What becomes of the rows of the part where the lanes of a generation are, which may be apart: somebody waits.
    ///
    /// - Returns: `nil` when rows have come to the part for which the whole log would have to be read again.
    /// - Throws: as ``advance(to:isBrief:)``.
    func changes(to table: TableDefinition, at frontier: Frontier) async throws -> RowChanges? {
        guard try await advance(to: frontier.least, isBrief: true) else { return nil }
        // Beyond it only what some lanes have handled is in the rows; the next attempt may find lanes elsewhere.
        let further = try await foldPart(
            onto: rows, after: position, through: frontier.greatest, where: frontier.includes)
        guard further.touched.count == rows.touched.count else { return nil }
        try await checkOthers(than: further, after: position, through: frontier.greatest, where: frontier.includes)
        return further.changes(to: table)
    }

    private func foldPart(
        onto rows: PartRows, after start: GlobalPosition, through end: GlobalPosition,
        where isHandled: (RecordedEvent) -> Bool
    ) async throws -> PartRows {
        var rows = rows
        let (first, last) = part.bounds(after: start, through: end)
        guard first < last else { return rows }
        var scan = LogScan(log, part.selection, after: first, through: last)
        while let page = try await scan.next() {
            try Task.checkCancellation()
            var last: RecordedEvent?
            for event in page where part.includes(event) && isHandled(event) {
                try fold(event, into: &rows)
                last = event
            }
            if let last { tell(at: position, in: last) }
            guard rows.byteCount <= memoryBytes else {
                throw RebuildFault.partTooLarge(projection: generation.name, part, limit: memoryBytes)
            }
        }
        return rows
    }

    private func fold(_ event: RecordedEvent, into rows: inout PartRows) throws {
        guard generation.interest.includes(event), !skips.includes(event), let key = try generation.key(of: event)
        else { return }
        if let key = parked.covering(event, concerning: key) {
            throw RebuildFault.partIsParked(projection: generation.name, part, key: key.text)
        }
        try rows.fold(event, concerning: key)
    }

    private func checkOthers(
        than rows: PartRows, after start: GlobalPosition, through end: GlobalPosition,
        where isHandled: (RecordedEvent) -> Bool
    ) async throws {
        guard start < end, !rows.touched.isEmpty else { return }
        var scan = LogScan(log, after: start, through: end)
        while let page = try await scan.next() {
            try Task.checkCancellation()
            for event in page where !part.includes(event) && isHandled(event) {
                // An event that does not tell its row is parked, and then so is whatever it may concern.
                guard generation.interest.includes(event), !skips.includes(event),
                    let key = try? generation.key(of: event), rows.touched.contains(key)
                else { continue }
                throw RebuildFault.partIsOpen(
                    projection: generation.name, part, key: key.values.map(\.shown).joined(separator: " / "),
                    stream: event.stream.rawValue, position: event.position)
            }
            if let last = page.last { tell(at: last.position) }
        }
    }

    /// Tells where it is, and in the lane of which event it is at work.
    private func tell(at position: GlobalPosition, in event: RecordedEvent? = nil) {
        let lane = event.map { Int(Lane(of: $0, count: lanes).rawValue) }
        notice(
            LoadNotice(
                parked: 0, position: position, atWork: lane.map { LanesAtWork(.folding, in: [$0], of: lanes) }))
    }
}

/// The rows that a part makes, up to some position.
private struct PartRows {
    private var rows: LaneRows
    /// The keys that the part concerns.
    private(set) var touched: Set<RowKey> = []
    /// Events that were folded.
    private(set) var events = 0

    // Nothing is ever looked up for it, so it need not remember what is stored.
    init(_ generation: ProjectionGeneration) { rows = LaneRows(generation, stored: .unknown) }

    var byteCount: Int { rows.byteCount }

    mutating func fold(_ event: RecordedEvent, concerning key: RowKey) throws(ProjectionFault) {
        try rows.fold(event, concerning: key)
        touched.insert(key)
        events += 1
    }

    /// What becomes of the rows that readers see.
    func changes(to table: TableDefinition) -> RowChanges {
        var rows = rows
        let made = rows.takeAdded() + rows.takeOff().new
        let kept = Set(made.map(table.key))
        return RowChanges(to: table, upserts: made, deletions: touched.filter { !kept.contains($0) })
    }
}
