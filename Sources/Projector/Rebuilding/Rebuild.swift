import EventModel
import EventSourcing
import ReadModels
import Synchronization

/// Makes a read model anew beside the one that readers see, compares the two, and changes readers over.
///
/// All of it runs under one lease, whose token every write compares: two rebuilds of a projection cannot collide, and one that died in the
/// middle leaves the active generation untouched and its own work where the next run finds it. The fold is the projection's own, the one
/// that live projectors use (L4).
public struct Rebuild<Log: EventStore, Views: ProjectionStore & GenerationStore, Leases: LeaseStore>: Sendable {
    let projection: any Projection
    let log: Log
    let views: Views
    private let leases: Leases
    let settings: RebuildSettings
    let observer: RebuildObserver

    /// A rebuild of one projection.
    ///
    /// - Parameter observe: is told how far it is, after every page of events.
    public init(
        _ projection: any Projection, log: Log, views: Views, leases: Leases, settings: RebuildSettings,
        observe: @escaping @Sendable (RebuildProgress) -> Void = { _ in }
    ) {
        self.projection = projection
        self.log = log
        self.views = views
        self.leases = leases
        self.settings = settings
        observer = RebuildObserver(time: settings.time, observe)
    }

    /// Builds a generation, or goes on with one, follows it to the end of the log and compares it with the active one.
    ///
    /// - Throws: ``RebuildFault``, ``ProjectorFault`` at an event whose failure is not its key's, ``GenerationFlaw``, ``StoreError``.
    public func build() async throws -> RebuildReport {
        try await SharedScan.feeding(1, from: log, lanes: settings.lanes) { queues in
            try await build(reading: queues[0])
        }
    }

    /// The same, with the pages of a scan that others read as well.
    func build(reading pages: PageQueue) async throws -> RebuildReport {
        defer { pages.close() }
        return try await leading { lease in
            var shadow = try await views.begin(
                projection, fingerprint: settings.fingerprints[projection.name], layout: settings.layout, under: lease)
            guard !settings.insistsOnLayout || shadow.layout == settings.layout else {
                throw RebuildFault.otherLayout(shadow, asked: settings.layout)
            }
            try await fill(shadow, reading: pages, under: lease)
            shadow.state = .ready
            return try await compare(shadow, under: lease)
        }
    }

    /// Compares the generation that waits with the active one again.
    public func compare() async throws -> RebuildReport {
        try await leading { lease in
            guard let shadow = try await find(.ready) else {
                throw RebuildFault.noShadow(projection: projection.name)
            }
            return try await compare(shadow, under: lease)
        }
    }

    /// Shows the generation that waits to readers. The one that they see now is kept for ``RebuildSettings/retention``.
    ///
    /// - Parameter digest: of the report whose unexplained differences somebody has looked at and accepts.
    public func activate(accepting digest: String? = nil) async throws -> Generation {
        try await leading { lease in
            guard let shadow = try await find(.ready) else {
                throw RebuildFault.noShadow(projection: projection.name)
            }
            let report = try await views.report(of: shadow)
            try settings.rule.check(shadow, report, accepting: digest)
            try await exchange(for: shadow, under: lease)
            return shadow
        }
    }

    /// Returns to the generation that readers saw before.
    public func rollBack() async throws -> Generation {
        try await leading { lease in
            guard let previous = try await find(.previous) else {
                throw RebuildFault.noPrevious(projection: projection.name)
            }
            try await exchange(for: previous, under: lease)
            return previous
        }
    }

    /// Gives up the generation beside the active one, if there is one.
    public func giveUp() async throws -> Generation? {
        try await leading { lease in
            var shadow = try await find(.building)
            if shadow == nil { shadow = try await find(.ready) }
            if let shadow { try await views.retire(shadow, under: lease) }
            return shadow
        }
    }

    func find(_ state: Generation.State) async throws -> Generation? {
        try await views.generations().first { $0.projection == projection.name && $0.state == state }
    }

    private func exchange(for generation: Generation, under lease: Lease) async throws {
        observer.enter(.activating)
        try await approach(generation, under: lease)
        let kept = generation.keeping(projection)
        try await views.activate(kept, keepingFor: settings.retention, under: lease) { position in
            try await bring(generation, to: position, under: lease)
        }
        observer.enter(.done)
    }
}

// MARK: Under the lease

extension Rebuild {
    /// The lease under which the generations of a projection are changed.
    static func leaseName(of projection: String) -> String { "rebuild/\(projection)" }

    /// Runs `body` under the lease of the projection's rebuilds, or says at once who has it.
    func leading<R: Sendable>(_ body: @escaping @Sendable (Lease) async throws -> R) async throws -> R {
        let name = Self.leaseName(of: projection.name)
        if case .held(let holder, _) = try await leases.acquire(
            name, holder: settings.holder, for: settings.timing.duration)
        {
            throw RebuildFault.running(projection: projection.name, holder: holder)
        }
        let keeper = LeaseKeeper(store: leases, holder: settings.holder, time: settings.time, timing: settings.timing)
        guard let result = try await keeper.hold(name, body) else {
            throw RebuildFault.overtaken(generation: projection.name, "the lease was lost")
        }
        return result
    }

    /// Folds the log into a generation until it is as good as at its end, and makes it whole.
    private func fill(_ shadow: Generation, reading pages: PageQueue, under lease: Lease) async throws {
        let generation = shadow.keeping(projection)
        let follower = follower(of: generation, under: lease)
        let head = try await log.head()
        let start = try await follower.start()
        observer.begin(at: start.progress.least, target: head.position)
        guard shadow.state == .building else {
            pages.close()
            observer.enter(.followingUp)
            return try await follower.follow(through: Frontier(shadow.layout, at: head.position))
        }
        pages.open(PageQueue.Stretch(start: start.progress.least, end: head.position))
        let loader = GenerationLoader(
            generation, onto: start.progress.least == .start ? .none : .unknown, pages: pages, views: views,
            limits: settings.limits, lease: lease, skipping: start.skips,
            parked: start.parked, notice: { [observer] in observer.note($0) })
        var position = try await loader.load(from: start.progress, through: head.position).least
        pages.close()
        observer.enter(.indexing)
        try await views.index(generation, under: lease)
        observer.enter(.followingUp)
        var end = try await log.head().position
        while position.distance(to: end) > settings.limits.closeEvents {
            try await follower.follow(through: Frontier(shadow.layout, at: end))
            position = end
            end = try await log.head().position
        }
        try await views.finish(shadow, under: lease)
    }

    func compare(_ shadow: Generation, under lease: Lease) async throws -> RebuildReport {
        observer.enter(.comparing)
        guard let active = try await find(.active) else { throw GenerationFlaw.unknownProjection(projection.name) }
        let kept = shadow.keeping(projection)
        try await approach(shadow, under: lease)
        let comparison = try await aligned(shadow, under: lease) { align in
            try await views.compare(kept, with: active, limit: settings.limits.comparison, align: align)
        }
        let report = try await explain(comparison, of: shadow, with: active)
        try await views.record(report.kept, of: shadow, under: lease)
        observer.enter(.done)
        return report
    }

    private func explain(
        _ comparison: GenerationComparison, of shadow: Generation, with active: Generation
    ) async throws -> RebuildReport {
        let kept = shadow.keeping(projection)
        let parked = try await views.allParkedKeys(of: ConsumerProgress.Key.all(of: active))
        let unhandled = UnhandledRows(
            of: kept, among: Set(comparison.differences.map(\.key) + comparison.otherKeys), log: log, views: views)
        let behind = try await unhandled.between(comparison.active, comparison.shadow)
        let waiting = try await unhandled.waiting(behind: parked)
        return RebuildReport(
            comparison, of: shadow, with: active, behind: behind.union(waiting), projection: kept,
            parked: (
                active: parked.count,
                shadow: try await views.allParkedKeys(of: ConsumerProgress.Key.all(of: shadow)).count
            ))
    }

    /// The active generation may be a moment behind the new one: it is waited for. When it stands still, the two are compared as they are.
    private func aligned<R: Sendable>(
        _ shadow: Generation, under lease: Lease,
        _ body: (@escaping @Sendable (Frontier) async throws -> Void) async throws -> R
    ) async throws -> R {
        let deadline = settings.time.steady() + settings.limits.alignmentPatience
        while true {
            let isPatient = settings.time.steady() < deadline
            do {
                return try await body { active in
                    let own = try await bring(shadow, to: active, under: lease)
                    if active.isBehind(own), isPatient { throw ActiveIsBehind() }
                }
            } catch is ActiveIsBehind {
                try await settings.time.sleep(for: .milliseconds(20))
            }
        }
    }
}

// MARK: Following

extension Rebuild {
    private func follower(of generation: ProjectionGeneration, under lease: Lease) -> GenerationFollower<Log, Views> {
        GenerationFollower(
            generation, log: log, views: views, limits: settings.limits, lease: lease, lanes: settings.lanes,
            notice: { [observer] in observer.note($0) })
    }

    /// Brings a generation near the active one while that one moves on, so that it has to stand still for a few events only. Somebody else may have
    /// the version that can.
    private func approach(_ generation: Generation, under lease: Lease) async throws {
        guard generation.version == projection.version else { return }
        for _ in 0..<Self.approaches {
            guard let active = try await find(.active) else { return }
            let end = try await views.frontier(of: active)
            let own = try await views.frontier(of: generation)
            guard own.least.distance(to: end.greatest) > settings.limits.closeEvents else { return }
            try await bring(generation, to: end, under: lease)
        }
    }

    /// The first one may take long, the next ones take what came meanwhile.
    private static var approaches: Int { 4 }

    /// Brings a generation to where the active one stands, or as far as its lanes let it if it keeps its checkpoints in another way, unless it is
    /// there.
    ///
    /// - Returns: where it is.
    @discardableResult
    private func bring(_ generation: Generation, to active: Frontier, under lease: Lease) async throws -> Frontier {
        let kept = generation.keeping(projection)
        // A generation that has seen more than the log holds is on a history that is lost: nothing can be brought to where it is.
        let end = active.reached(in: generation.layout).limited(to: try await log.head().position)
        let own = try await views.frontier(of: generation)
        guard own.isBehind(end) else { return own }
        guard generation.version == projection.version else {
            throw RebuildFault.foreignVersion(generation, own: projection.version)
        }
        try await follower(of: kept, under: lease).follow(through: end)
        return try await views.frontier(of: generation)
    }
}

/// The active generation has not come to where the new one is.
private struct ActiveIsBehind: Error {}
