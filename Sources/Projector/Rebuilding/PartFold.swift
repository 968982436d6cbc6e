import EventModel
import EventSourcing
import ReadModels

/// Folds the events of a part in memory, and proves that the rows which they concern are theirs alone: a row that an event outside of the part
/// concerns as well cannot be made from the part.
actor PartFold<Log: EventStore> {
    private let part: RebuildPart
    private let generation: ProjectionGeneration
    private let log: Log
    private let skips: SkippedEvents
    private let parked: ParkedKeys
    private let memoryBytes: Int
    private var rows: LaneRows
    private var touched: Set<RowKey> = []
    /// Everything up to here is folded, and was compared with the part.
    private(set) var position = GlobalPosition.start
    /// Events of the part that were folded.
    private(set) var events = 0

    /// - Parameters:
    ///   - skips: the events that are left out of the projection.
    ///   - parked: what is parked in the generation whose other rows stay.
    ///   - memoryBytes: how much the rows may take.
    init(
        _ part: RebuildPart, of generation: ProjectionGeneration, log: Log, skipping skips: SkippedEvents,
        parked: ParkedKeys, memoryBytes: Int
    ) {
        self.part = part
        self.generation = generation
        self.log = log
        self.skips = skips
        self.parked = parked
        self.memoryBytes = memoryBytes
        rows = LaneRows(generation)
    }

    /// Goes on to a position.
    ///
    /// - Parameter isBrief: not to read the whole log again, because somebody waits.
    /// - Returns: whether it is there; `false` only when it was to be brief and would have had to.
    /// - Throws: ``RebuildFault`` when the part is not closed, or too large; ``ProjectionFault``; ``StoreError``.
    func advance(to end: GlobalPosition, isBrief: Bool) async throws -> Bool {
        guard end > position else { return true }
        let known = touched.count
        try await foldPart(through: end)
        let isWhole = touched.count > known
        guard !isWhole || !isBrief else { return false }
        try await checkOthers(after: isWhole ? .start : position, through: end)
        position = end
        return true
    }

    /// How many rows the part concerns.
    var rowCount: Int { touched.count }

    /// What becomes of these rows.
    func changes(to table: TableDefinition) -> RowChanges {
        var rows = rows
        let made = rows.takeAdded() + rows.takeOff().new
        let kept = Set(made.map(table.key))
        return RowChanges(to: table, upserts: made, deletions: touched.filter { !kept.contains($0) })
    }

    private var folded = GlobalPosition.start

    private func foldPart(through end: GlobalPosition) async throws {
        let (first, last) = part.bounds(after: folded, through: end)
        if first < last {
            var scan = LogScan(log, part.selection, after: first, through: last)
            while let page = try await scan.next() {
                try Task.checkCancellation()
                for event in page where part.includes(event) { try fold(event) }
                guard rows.byteCount <= memoryBytes else {
                    throw RebuildFault.partTooLarge(projection: generation.name, part, limit: memoryBytes)
                }
            }
        }
        folded = end
    }

    private func fold(_ event: RecordedEvent) throws {
        guard generation.interest.includes(event), !skips.includes(event), let key = try generation.key(of: event)
        else { return }
        if let key = parked.covering(event, concerning: key) {
            throw RebuildFault.partIsParked(projection: generation.name, part, key: key.text)
        }
        try rows.fold(event, concerning: key)
        touched.insert(key)
        events += 1
    }

    private func checkOthers(after start: GlobalPosition, through end: GlobalPosition) async throws {
        var scan = LogScan(log, after: start, through: end)
        while !touched.isEmpty, let page = try await scan.next() {
            try Task.checkCancellation()
            for event in page where !part.includes(event) {
                // An event that does not tell its row is parked, and then so is whatever it may concern.
                guard generation.interest.includes(event), !skips.includes(event),
                    let key = try? generation.key(of: event), touched.contains(key)
                else { continue }
                throw RebuildFault.partIsOpen(
                    projection: generation.name, part, key: key.values.map(\.shown).joined(separator: " / "),
                    stream: event.stream.rawValue, position: event.position)
            }
        }
    }
}
