import EventModel
import EventSourcing
import Logging
import ReadModels
import ServiceLifecycle

/// Runs a projector for every generation that this program can follow: those that readers see, those that they may return to, and those that
/// wait to be activated, as far as they were made by this program's version of the fold.
///
/// A generation of another version is another program's: during a rolling deploy the old programs keep the old generation current and the
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

    /// A generation that this program can follow, and why it does not, if so.
    private struct Followed {
        let generation: ProjectionGeneration
        /// Whether it cannot be fed from where this program reads. Changing readers over changes it.
        let isUnfit: Bool
        let refusal: ProjectorFault?

        /// What makes it another one to follow.
        struct Mark: Hashable { let name: String, isUnfit: Bool }
        var mark: Mark { Mark(name: generation.table.generationName, isUnfit: isUnfit) }
    }

    /// Works until cancelled or shut down.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if let followed = await look(isWhole: true) {
                    await follow(followed)
                } else {
                    try? await settings.time.sleep(for: Self.interval)
                }
            }
        }
    }

    /// Follows these until others are to be followed, or cancelled.
    private func follow(_ generations: [Followed]) async {
        await withTaskGroup(of: Bool.self) { group in
            for followed in generations {
                group.addTask {
                    try? await ProjectorService(
                        followed.generation, log: log, views: views, leases: leases, settings: settings, logger: logger,
                        refusal: followed.refusal
                    ).run()
                    return false
                }
            }
            group.addTask {
                await untilOthers(than: generations)
                return true
            }
            for await isOver in group where isOver { group.cancelAll() }
        }
    }

    private func untilOthers(than generations: [Followed]) async {
        while !Task.isCancelled {
            try? await settings.time.sleep(for: Self.interval)
            if let found = await look(isWhole: false), Set(found.map(\.mark)) != Set(generations.map(\.mark)) { return }
        }
    }

    /// What is to be followed; `nil` when the registry does not answer.
    ///
    /// - Parameter isWhole: whether to ask why one of them is not to be followed, and to tell which are not this program's.
    private func look(isWhole: Bool) async -> [Followed]? {
        do throws(StoreError) {
            var known = try await views.generations()
            // What was given up must not be followed: its keys would be parked once more, and stay.
            if try await giveUpExpired(known) { known = try await views.generations() }
            if isWhole { tellForeign(known) }
            var followed: [Followed] = []
            for projection in projections {
                for generation in known where generation.projection == projection.name && generation.isFollowed {
                    guard generation.version == projection.version else { continue }
                    followed.append(
                        Followed(
                            generation: generation.keeping(projection), isUnfit: isUnfit(generation),
                            refusal: isWhole ? try await refusal(of: generation) : nil))
                }
            }
            return followed
        } catch {
            if !Task.isCancelled { logger.info("generations wait", metadata: [LogKey.reason: "\(error)"]) }
            return nil
        }
    }

    /// What is only kept to return to is fed from the log: making the present one by lane has been the cure.
    private func isUnfit(_ generation: Generation) -> Bool {
        if case .topic = settings.source { generation.layout == .whole && generation.state == .active } else { false }
    }

    /// Compares what the fold does with what the fold has done that made the rows, and keeps it when nothing, or less, is kept.
    private func refusal(of generation: Generation) async throws(StoreError) -> ProjectorFault? {
        if isUnfit(generation) {
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

    private func tellForeign(_ known: [Generation]) {
        for projection in projections {
            for foreign in known where foreign.projection == projection.name && foreign.state == .active {
                guard foreign.version != projection.version else { continue }
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
