import EventModel
import EventSourcing
import Logging
import ReadModels
import ServiceLifecycle

/// Runs a projector for every generation that this program can follow: those that readers see, those that they may return to, and those that
/// wait to be activated, as far as they were made by this program's version of the fold.
///
/// One that comes or goes disturbs none of the others. A generation of another version is another program's: during a rolling deploy the old programs keep the old generation current and the
/// new ones the new one, and neither writes into the other's table.
public struct FollowedGenerations<
    Log: EventStore, Views: ProjectionStore & GenerationStore, Leases: LeaseStore & LeaseSharing
>:
    Service
{
    /// How often the registry is asked what is to be followed: how long a generation waits for its projector after it was made.
    private static var interval: Duration { .seconds(1) }

    private let projections: [any Projection]
    private let log: Log
    private let views: Views
    private let leases: Leases
    private let settings: ProjectorSettings
    private let logger: Logger

    /// Projectors of `projections`.
    public init(
        of projections: [any Projection], log: Log, views: Views, leases: Leases, settings: ProjectorSettings,
        logger: Logger
    ) {
        self.projections = projections
        self.log = log
        self.views = views
        self.leases = leases
        self.settings = settings
        self.logger = logger
    }

    /// A generation that this program can follow.
    private struct Followed {
        let generation: Generation
        let projection: any Projection
        /// Whether it cannot be fed from where this program reads. Changing readers over changes it.
        let isUnfit: Bool

        /// What makes it another one to follow.
        struct Mark: Hashable { let generation: String, isUnfit: Bool }
        var mark: Mark { Mark(generation: generation.keeping(projection).table.generationName, isUnfit: isUnfit) }
    }

    /// Works until cancelled or shut down.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Followed.Mark.self) { group in
                var ends: [Followed.Mark: AsyncStream<Never>.Continuation] = [:]
                var foreign: Set<String> = []
                while !Task.isCancelled {
                    await look(in: &group, &ends, &foreign)
                    try? await settings.time.sleep(for: Self.interval)
                }
            }
        }
    }

    /// Ends with what is not to be followed any more, and begins with what is new. The others are not touched.
    private func look(
        in group: inout TaskGroup<Followed.Mark>, _ ends: inout [Followed.Mark: AsyncStream<Never>.Continuation],
        _ foreign: inout Set<String>
    ) async {
        do throws(StoreError) {
            var known = try await views.generations()
            // What was given up must not be followed: its keys would be parked once more, and stay.
            if try await giveUpExpired(known) { known = try await views.generations() }
            tellForeign(known, except: &foreign)
            let followed = followed(among: known)
            let marks = Set(followed.map(\.mark))
            let over = ends.keys.filter { !marks.contains($0) }
            for mark in over {
                ends.removeValue(forKey: mark)?.finish()
                // The next one may be the same generation fed in another way, which must not begin before this end.
                while let ended = await group.next(), ended != mark {}
            }
            // Waiting for an end may have taken long: what is to be begun is looked up anew.
            guard over.isEmpty else { return }
            for one in followed where ends[one.mark] == nil {
                guard case .some(let refusal) = await examine(one) else { continue }
                let (end, continuation) = AsyncStream<Never>.makeStream()
                ends[one.mark] = continuation
                group.addTask {
                    await follow(one, refusal, until: end)
                    return one.mark
                }
            }
        } catch {
            if !Task.isCancelled { logger.info("generations wait", metadata: [LogKey.reason: "\(error)"]) }
        }
    }

    /// Follows a generation until the stream ends, or cancelled.
    private func follow(_ followed: Followed, _ refusal: ProjectorFault?, until end: AsyncStream<Never>) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await ProjectorService(
                    followed.generation.keeping(followed.projection), log: log, views: views, leases: leases,
                    settings: settings, logger: logger, refusal: refusal
                ).run()
            }
            group.addTask { for await _ in end {} }
            await group.next()
            group.cancelAll()
        }
    }

    private func followed(among known: [Generation]) -> [Followed] {
        projections.flatMap { projection in
            known.filter { generation in
                generation.projection == projection.name && generation.version == projection.version
                    && generation.isFollowed
            }.map { Followed(generation: $0, projection: projection, isUnfit: isUnfit($0)) }
        }
    }

    /// What is only kept to return to is fed from the log: making the present one by lane has been the cure.
    private func isUnfit(_ generation: Generation) -> Bool {
        if case .topic = settings.source { generation.layout == .whole && generation.state == .active } else { false }
    }

    /// Why a generation is not to be followed.
    ///
    /// - Returns: a refusal or none; nothing when the store does not answer about this one, which is looked at again.
    private func examine(_ followed: Followed) async -> ProjectorFault?? {
        do throws(StoreError) { return .some(try await refusal(of: followed)) } catch {
            if !Task.isCancelled {
                logger.info(
                    "generation waits",
                    metadata: [
                        LogKey.projection: "\(followed.generation.title)", LogKey.reason: "\(error)",
                    ])
            }
            return nil
        }
    }

    /// Compares what the fold does with what the fold has done that made the rows, and keeps it when nothing, or less, is kept.
    private func refusal(of followed: Followed) async throws(StoreError) -> ProjectorFault? {
        let generation = followed.generation
        if followed.isUnfit {
            return .topic(.oneCheckpoint(generation), projection: generation.projection)
        }
        guard let own = settings.fingerprints[generation.projection] else { return nil }
        let stored = try await views.fingerprint(of: generation)
        let differences = stored.map(own.differences) ?? []
        guard differences.isEmpty else { return .changedFold(generation, differences) }
        if stored != own { try await views.sign(generation, own) }
        return nil
    }

    /// - Returns: whether there was any.
    private func giveUpExpired(_ known: [Generation]) async throws(StoreError) -> Bool {
        let now = settings.time.now()
        var isAny = false
        for generation in known where generation.state == .previous {
            guard let end = generation.keptUntil, end < now else { continue }
            let lease = Rebuild<Log, Views, Leases>.leaseName(of: generation.projection)
            guard
                case .granted(let lease) = try await leases.acquire(
                    lease, holder: settings.holder, for: settings.timing.duration)
            else { continue }
            for expired in try await views.retireExpired(of: generation.projection, under: lease) {
                logger.info("generation given up", metadata: [LogKey.projection: "\(expired.title)"])
                isAny = true
            }
            try await leases.release(lease)
        }
        return isAny
    }

    /// Says which generations are other programs', each once.
    private func tellForeign(_ known: [Generation], except told: inout Set<String>) {
        for projection in projections {
            for foreign in known where foreign.projection == projection.name && foreign.state == .active {
                guard foreign.version != projection.version, told.insert(foreign.title).inserted else { continue }
                logger.error(
                    "projection is not followed",
                    metadata: [
                        LogKey.projection: "\(projection.name)", LogKey.reason: "\(Self.advice(foreign, projection))",
                    ])
            }
        }
    }

    private static func advice(_ foreign: Generation, _ projection: any Projection) -> String {
        foreign.version < projection.version
            ? "readers see version \(foreign.version) and this program folds version \(projection.version): run "
                + "`lockstep projections rebuild \(projection.name) --activate`"
            : "readers see version \(foreign.version), which is newer than this program's \(projection.version): it is left to newer "
                + "programs"
    }
}
