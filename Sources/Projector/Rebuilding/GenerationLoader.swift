import EventModel
import EventSourcing
import ReadModels

/// Fills a generation from the log: reads page by page, folds the lanes of a page side by side in memory, and writes rows and checkpoint
/// together, a segment at a time.
///
/// A segment ends with the log, after ``RebuildLimits/segmentEvents``, or when the rows in memory have reached their limit; an interruption
/// costs the segment under way and nothing else. Rows of an append-only table are written while the segment is folded. Keys that cannot be
/// folded are parked, as live projectors park them.
final class GenerationLoader<Log: EventStore, Views: ProjectionStore & GenerationStore>: Sendable {
    private let generation: ProjectionGeneration
    private let log: Log
    private let views: Views
    private let limits: RebuildLimits
    private let lease: Lease
    private let folds: [LaneFold]
    private let notice: @Sendable (LoadNotice) -> Void

    /// - Parameters:
    ///   - skips: the events that are left out of the projection.
    ///   - parked: what is parked in the generation already.
    ///   - notice: is told of every page that was folded.
    init(
        _ generation: ProjectionGeneration, log: Log, views: Views, limits: RebuildLimits, lease: Lease,
        skipping skips: SkippedEvents, parked: ParkedKeys, notice: @escaping @Sendable (LoadNotice) -> Void
    ) {
        self.generation = generation
        self.log = log
        self.views = views
        self.limits = limits
        self.lease = lease
        self.notice = notice
        folds = (0..<limits.workers).map { _ in
            LaneFold(generation, skipping: skips, parked: parked, limit: limits.parkedKeys)
        }
    }

    /// Folds everything from `progress` to `end`.
    ///
    /// - Returns: the progress at the end.
    /// - Throws: ``ProjectorFault`` at an event whose failure is not its key's; ``RebuildFault``; ``StoreError``. What was stored before
    ///   stays.
    func load(from progress: ConsumerProgress, through end: GlobalPosition) async throws -> ConsumerProgress {
        var progress = progress
        while progress.position < end {
            try Task.checkCancellation()
            if progress.position > .start && !generation.table.isAppendOnly {
                // From here on rows are looked up.
                try await views.index(generation, under: lease)
            }
            let segment = LoadSegment(
                generation, folds, log: log, views: views, limits: limits, from: progress, through: end, notice: notice)
            let answer = try await views.load(into: generation, from: progress.position, under: lease) {
                try await segment.next()
            }
            switch answer {
            case .advanced: progress = await segment.progress
            case .refused(let reason): throw RebuildFault.refused(generation: generation.name, reason: reason)
            case .fenced, .moved: throw RebuildFault.overtaken(generation: generation.name, "\(answer)")
            }
        }
        return progress
    }
}

/// What was folded and written since the last notice.
struct LoadNotice: Sendable {
    var events = 0
    var bytes = 0
    var rows = 0
    /// How many keys are parked by now.
    var parked: Int
    var position: GlobalPosition
}

/// One transaction of a load: yields rows until its events are folded.
private actor LoadSegment<Log: EventStore, Views: ProjectionStore & GenerationStore> {
    private let generation: ProjectionGeneration
    private let views: Views
    private let limits: RebuildLimits
    private let notice: @Sendable (LoadNotice) -> Void
    private let folds: [LaneFold]
    /// Whether the table holds rows already, so that a key that is not in memory has to be looked up.
    private let isResumed: Bool
    private(set) var progress: ConsumerProgress
    /// Pages of the log, the next one fetched while the last one is folded; gone while a page is awaited.
    private var scan: LogScan<Log>?
    private var events = 0
    /// Rows that were taken off and not been handed out, and the changes that go last.
    private var pending: [[Row]] = []
    private var changes: RowChanges
    private var parking = ParkingChanges.none
    private var isDrained = false

    init(
        _ generation: ProjectionGeneration, _ folds: [LaneFold], log: Log, views: Views, limits: RebuildLimits,
        from progress: ConsumerProgress, through end: GlobalPosition, notice: @escaping @Sendable (LoadNotice) -> Void
    ) {
        self.generation = generation
        self.views = views
        self.limits = limits
        self.progress = progress
        self.notice = notice
        self.folds = folds
        isResumed = progress.position > .start
        scan = LogScan(log, after: progress.position, through: end)
        changes = RowChanges(to: generation.table)
    }

    func next() async throws -> LoadStep {
        while true {
            if let rows = pending.popLast() {
                return .rows(views.prepare(rows, for: generation.table))
            }
            if isDrained { return .end(progress, changes, parking) }
            guard !isFull, let page = try await nextPage() else {
                drain()
                continue
            }
            let prepared = try await fold(page)
            if prepared.count > 0 { return .rows(prepared) }
        }
    }

    private func nextPage() async throws -> EventBatch? {
        guard var pages = scan.take() else { return nil }
        let page = try await pages.next()
        scan = consume pages
        return page
    }

    private var isFull: Bool {
        events >= limits.segmentEvents || folds.reduce(0) { $0 + $1.byteCount } >= limits.memoryBytes
    }

    /// - Returns: rows of an append-only table.
    private func fold(_ page: EventBatch) async throws -> PreparedRows {
        try Task.checkCancellation()
        let shares = share(page)
        if isResumed { try await recall(page, shares) }
        let parts = try await withThrowingTaskGroup(of: PreparedRows.self) { group in
            for (fold, indices) in zip(folds, shares) where !indices.isEmpty {
                group.addTask { [views, table = generation.table] in
                    try fold.fold(page, at: indices)
                    return views.prepare(fold.takeAdded(), for: table)
                }
            }
            var whole = PreparedRows(count: 0)
            for try await part in group {
                whole.count += part.count
                whole.bytes += part.bytes
                whole.rows += part.rows
            }
            return whole
        }
        guard let last = page.last else { return parts }
        progress.position = last.position
        progress.lastEventID = last.id
        progress.eventsHandled += Int64(page.count)
        events += page.count
        notice(
            LoadNotice(
                events: page.count, bytes: page.reduce(0) { $0 + $1.byteCount }, rows: parts.count, parked: parked,
                position: last.position))
        return parts
    }

    /// How many keys are parked. Every worker knows those that were parked before.
    private var parked: Int { folds.map(\.parkedCount).max() ?? 0 }

    /// Whose events are whose: a lane is always the same worker's.
    private func share(_ page: EventBatch) -> [[Int]] {
        guard folds.count > 1 else { return [Array(page.indices)] }
        var shares = [[Int]](repeating: [], count: folds.count)
        for index in page.indices {
            let lane = Int(Lane(of: page[index], count: Lane.defaultCount).rawValue)
            shares[lane % folds.count].append(index)
        }
        return shares
    }

    private func recall(_ page: EventBatch, _ shares: [[Int]]) async throws {
        for (fold, indices) in zip(folds, shares) {
            let keys = fold.missingKeys(for: page, at: indices)
            guard !keys.isEmpty else { continue }
            fold.recall(try await views.rows(for: keys, in: generation.table), of: keys)
        }
    }

    /// The rows in memory are written in pieces, which also bounds what they take as bytes. The parts of the digest come together here.
    private func drain() {
        isDrained = true
        var written = 0
        progress.state = ProjectorState.catchingUp.rawValue
        for fold in folds {
            let (new, changed, parked, digest) = fold.takeOff()
            progress.digest.add(digest)
            parking.formUnion(parked)
            written += new.count + changed.upserts.count
            changes.upserts += changed.upserts
            changes.deletions += changed.deletions
            var rest = new[...]
            while !rest.isEmpty {
                pending.append(Array(rest.prefix(Self.rowsOfPiece)))
                rest = rest.dropFirst(Self.rowsOfPiece)
            }
        }
        if written > 0 { notice(LoadNotice(rows: written, parked: parked, position: progress.position)) }
    }

    private static var rowsOfPiece: Int { 2_000 }
}
