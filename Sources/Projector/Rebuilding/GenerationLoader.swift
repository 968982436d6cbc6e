import EventModel
import EventSourcing
import ReadModels

/// Fills a generation from the log: takes page by page, folds the lanes of a page side by side in memory, and writes rows and checkpoint
/// together, a segment at a time.
///
/// A segment ends with the log, after ``RebuildLimits/segmentEvents``, or when the rows in memory have reached their limit; an interruption
/// costs the segment under way and nothing else. Rows of an append-only table are written while the segment is folded. The table has no key until a
/// row may have to be looked up: where the events of a row lie close together, that is never. Keys that cannot be folded are parked, as live
/// projectors park them.
final class GenerationLoader<Views: ProjectionStore & GenerationStore>: Sendable {
    private let generation: ProjectionGeneration
    private let pages: PageQueue
    private let views: Views
    private let limits: RebuildLimits
    private let lease: Lease
    private let folds: [LaneFold]
    private let notice: @Sendable (LoadNotice) -> Void

    /// - Parameters:
    ///   - stored: what the generation's table holds already.
    ///   - pages: what to fold, from the generation's checkpoint on.
    ///   - skips: the events that are left out of the projection.
    ///   - parked: what is parked in the generation already.
    ///   - notice: is told of every page that was folded.
    init(
        _ generation: ProjectionGeneration, onto stored: StoredKeys, pages: PageQueue, views: Views,
        limits: RebuildLimits, lease: Lease, skipping skips: SkippedEvents, parked: ParkedKeys,
        notice: @escaping @Sendable (LoadNotice) -> Void
    ) {
        self.generation = generation
        self.pages = pages
        self.views = views
        self.limits = limits
        self.lease = lease
        self.notice = notice
        folds = (0..<limits.workers).map { _ in
            LaneFold(generation, onto: stored, skipping: skips, parked: parked, limit: limits.parkedKeys)
        }
    }

    /// Folds everything from `progress` to `end`.
    ///
    /// - Returns: the progress at the end.
    /// - Throws: ``ProjectorFault`` at an event whose failure is not its key's; ``RebuildFault``; ``StoreError``. What was stored before
    ///   stays.
    func load(from progress: LaneProgress, through end: GlobalPosition) async throws -> LaneProgress {
        var progress = progress
        var page: ScannedPage?
        var isIndexed = false
        while progress.least < end {
            try Task.checkCancellation()
            if page == nil { page = try await pages.next() }
            if !isIndexed, let page, page.needsRows(of: folds) {
                try await views.index(generation, under: lease)
                isIndexed = true
            }
            let segment = LoadSegment(
                generation, folds, pages: pages, beginningWith: page, isIndexed: isIndexed, views: views,
                limits: limits,
                from: progress, under: lease, notice: notice)
            let answer = try await views.load(into: generation, from: progress.least, under: lease) {
                try await segment.next()
            }
            switch answer {
            case .advanced:
                progress = await segment.progress
                page = await segment.rest
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
    /// In which lanes.
    var atWork: LanesAtWork?
}

/// One transaction of a load: yields rows until its events are folded.
private actor LoadSegment<Views: ProjectionStore & GenerationStore> {
    private let generation: ProjectionGeneration
    private let views: Views
    private let limits: RebuildLimits
    private let notice: @Sendable (LoadNotice) -> Void
    private let folds: [LaneFold]
    /// Whether rows can be looked up.
    private let isIndexed: Bool
    /// All lanes are at the same position.
    private(set) var progress: LaneProgress
    private let start: LaneProgress
    private let lease: Lease
    private let pages: PageQueue
    /// What is folded before anything else is taken.
    private var first: ScannedPage?
    /// A page that was taken and not folded, because rows would have to be looked up for it.
    private(set) var rest: ScannedPage?
    private var eventCount = 0
    /// The lanes of what was folded, and how many there are.
    private var busyLanes: Set<Int> = []
    private var laneCount = 0
    /// Rows that were taken off and not been handed out, each with the worker that made them, and the changes that go last.
    private var pending: [(rows: [Row], worker: Int)] = []
    private var changes: RowChanges
    private var parking = LaneParking.none
    private var isDrained = false

    init(
        _ generation: ProjectionGeneration, _ folds: [LaneFold], pages: PageQueue, beginningWith first: ScannedPage?,
        isIndexed: Bool, views: Views, limits: RebuildLimits, from progress: LaneProgress, under lease: Lease,
        notice: @escaping @Sendable (LoadNotice) -> Void
    ) {
        self.generation = generation
        self.views = views
        self.limits = limits
        self.progress = progress
        start = progress
        self.lease = lease
        self.notice = notice
        self.folds = folds
        self.isIndexed = isIndexed
        self.first = first
        self.pages = pages
        changes = RowChanges(to: generation.table)
    }

    func next() async throws -> LoadStep {
        while true {
            if let (rows, worker) = pending.popLast() {
                tellWriting(rows.count, of: worker)
                return .rows(views.prepare(rows, for: generation.table))
            }
            if isDrained {
                if !changes.upserts.isEmpty { tellWriting(changes.upserts.count) }
                return .end(changes, moving: moves)
            }
            guard !isFull, let page = try await nextPage() else {
                drain()
                continue
            }
            guard isIndexed || !page.needsRows(of: folds) else {
                rest = page
                drain()
                continue
            }
            let prepared = try await fold(page)
            if prepared.count > 0 { return .rows(prepared) }
        }
    }

    private func nextPage() async throws -> ScannedPage? {
        if let first = first.take() { return first }
        return try await pages.next()
    }

    private var moves: [CheckpointMove] {
        progress.moves(
            from: start, under: LaneShare(all: generation.layout, under: lease), parking: parking)
    }

    private var isFull: Bool {
        eventCount >= limits.segmentEvents || folds.reduce(0) { $0 + $1.byteCount } >= limits.memoryBytes
    }

    /// - Returns: rows of an append-only table.
    private func fold(_ page: ScannedPage) async throws -> PreparedRows {
        try Task.checkCancellation()
        let shares = page.shares(among: folds.count)
        let events = page.events
        if isIndexed { try await recall(events, shares) }
        let parts = try await withThrowingTaskGroup(of: PreparedRows.self) { group in
            for (worker, fold) in folds.enumerated() {
                let indices = shares[worker]
                guard !indices.isEmpty else { continue }
                group.addTask { [views, table = generation.table] in
                    try fold.fold(events, at: indices)
                    return views.prepare(fold.takeAdded(), for: table)
                }
            }
            var whole = PreparedRows(count: 0)
            for try await part in group { whole.add(part) }
            return whole
        }
        guard let last = events.last else { return parts }
        progress.add(page.seen(in: generation.layout))
        progress.stand(behind: last)
        eventCount += events.count
        laneCount = page.laneCount
        busyLanes.formUnion(page.busyLanes)
        notice(
            LoadNotice(
                events: events.count, bytes: events.reduce(0) { $0 + $1.byteCount }, rows: parts.count, parked: parked,
                position: last.position, atWork: page.ends(of: shares)))
        return parts
    }

    /// How many keys are parked. Every worker knows those that were parked before.
    private var parked: Int { folds.map(\.parkedCount).max() ?? 0 }

    private func recall(_ page: EventBatch, _ shares: [[Int]]) async throws {
        for (fold, indices) in zip(folds, shares) {
            let keys = fold.missingKeys(for: page, at: indices)
            guard !keys.isEmpty else { continue }
            fold.recall(try await views.rows(for: keys, in: generation.table), of: keys)
        }
    }

    /// The rows in memory are written in pieces, which also bounds what they take as bytes.
    private func drain() {
        isDrained = true
        progress.setState(.catchingUp)
        for (worker, fold) in folds.enumerated() {
            let (new, changed, parked) = fold.takeOff()
            parking.formUnion(parked)
            changes.upserts += changed.upserts
            changes.deletions += changed.deletions
            var rest = new[...]
            while !rest.isEmpty {
                pending.append((Array(rest.prefix(Self.rowsOfPiece)), worker))
                rest = rest.dropFirst(Self.rowsOfPiece)
            }
        }
    }

    /// Tells of rows that are being written: of the lanes of one worker, or of all.
    private func tellWriting(_ rows: Int, of worker: Int? = nil) {
        let lanes = busyLanes.filter { lane in worker.map { lane % folds.count == $0 } ?? true }
        notice(
            LoadNotice(
                rows: rows, parked: parked, position: progress.least,
                atWork: LanesAtWork(.writing, in: Array(lanes), of: laneCount)))
    }

    private static var rowsOfPiece: Int { 2_000 }
}

extension ScannedPage {
    /// Whether folding needs rows that the table may hold and that are not in memory.
    fileprivate func needsRows(of folds: [LaneFold]) -> Bool {
        zip(folds, shares(among: folds.count)).contains { !$0.missingKeys(for: events, at: $1).isEmpty }
    }
}

extension PreparedRows {
    /// Puts other rows behind these.
    fileprivate mutating func add(_ other: PreparedRows) {
        guard count > 0 else {
            self = other
            return
        }
        count += other.count
        bytes += other.bytes
        rows += other.rows
    }
}
