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
public struct FollowedGenerations<Log: EventStore, Views: ProjectionStore & GenerationStore, Leases: LeaseStore>:
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

    /// Works until cancelled or shut down.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var followed: [ProjectionGeneration]?
            while !Task.isCancelled {
                if followed == nil { followed = await ask(insteadOf: nil) }
                guard let current = followed else {
                    try? await settings.time.sleep(for: Self.interval)
                    continue
                }
                followed = await follow(current)
            }
        }
    }

    /// Follows these until others are to be followed.
    ///
    /// - Returns: the others; the same when cancelled.
    private func follow(_ generations: [ProjectionGeneration]) async -> [ProjectionGeneration] {
        await withTaskGroup(of: [ProjectionGeneration]?.self) { group in
            for generation in generations {
                group.addTask {
                    try? await ProjectorService(
                        generation, log: log, views: views, leases: leases, settings: settings, logger: logger
                    ).run()
                    return nil
                }
            }
            group.addTask { await untilOthers(than: generations) }
            defer { group.cancelAll() }
            for await others in group {
                if let others { return others }
            }
            return generations
        }
    }

    private func untilOthers(than generations: [ProjectionGeneration]) async -> [ProjectionGeneration] {
        while !Task.isCancelled {
            try? await settings.time.sleep(for: Self.interval)
            if let found = await ask(insteadOf: generations), Self.names(found) != Self.names(generations) {
                return found
            }
        }
        return generations
    }

    private static func names(_ generations: [ProjectionGeneration]) -> Set<String> {
        Set(generations.map(\.table.generationName))
    }

    /// What is to be followed; `nil` when the registry does not answer.
    private func ask(insteadOf current: [ProjectionGeneration]?) async -> [ProjectionGeneration]? {
        let known: [Generation]
        do throws(StoreError) { known = try await views.generations() } catch {
            if !Task.isCancelled { logger.info("generations wait", metadata: [LogKey.reason: "\(error)"]) }
            return nil
        }
        return projections.flatMap { projection in
            let own = known.filter { $0.projection == projection.name && $0.isFollowed }
            if current == nil,
                let foreign = own.first(where: { $0.state == .active && $0.version != projection.version })
            {
                logger.error(
                    "projection is not followed",
                    metadata: [
                        LogKey.projection: "\(projection.name)", LogKey.reason: "\(Self.advice(foreign, projection))",
                    ])
            }
            return own.filter { $0.version == projection.version }.map { $0.keeping(projection) }
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
