import Audit
import EventModel
import EventSourcing
import Ingest
import KafkaPublishing
import Logging
import PostgresDriver
import PostgresEventStore
import PostgresReadModels
import Projector
import ReadModels
import Reconciliation
import ServiceLifecycle

/// One serving process: every role a service, ended together in the reverse order of their beginning.
struct ServingProcess: Sendable {
    private let settings: Deployment
    private let operating: Operating?
    private let logger: Logger

    /// - Parameter operating: answers how the process does; `nil` when nobody is to be answered.
    init(_ settings: Deployment, operating: Operating? = nil, logger: Logger) {
        self.settings = settings
        self.operating = operating
        self.logger = logger
    }

    /// Serves until SIGTERM or SIGINT.
    func run() async throws {
        let store = PostgresEventStore(try settings.database.postgres(), poolLimits: settings.database.poolLimits)
        let pool = PostgresPool(configuration: try settings.database.postgres(), limits: settings.database.poolLimits)
        // The first to begin is the last to end: it answers while the others finish.
        var services: [any Service] = operating.map { [$0] } ?? []
        services.append(StoreService(store: store))
        services += try await roles(store, pool)
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(settings.serve.drainSeconds)
        configuration.maximumCancellationDuration = .seconds(5)
        logger.notice(
            "serving",
            metadata: [
                "roles": "\(settings.serve.roles.map(\.rawValue).joined(separator: ","))",
                "holder": "\(settings.serve.holder)",
                "topic": "\(settings.kafka?.topic ?? "-")", "parlant": "\(settings.parlant?.name ?? "-")",
                "sim": "\(settings.sim?.connection.baseURL ?? "-")",
            ])
        let result: Result<Void, any Error>
        do { result = .success(try await ServiceGroup(configuration: configuration).run()) } catch {
            result = .failure(error)
        }
        await pool.shutdown()
        await store.close()
        try result.get()
        logger.notice("ended")
    }

    /// The services of all roles.
    func roles(_ store: PostgresEventStore, _ pool: PostgresPool) async throws -> [any Service] {
        var services: [any Service] = []
        for role in settings.serve.roles {
            switch role {
            case .publisher:
                if let kafka = settings.kafka { services.append(publisher(store, kafka)) }
            case .state:
                if let kafka = settings.kafka { services.append(states(store, pool, kafka)) }
            case .projector: services += projectors(store, pool)
            case .ingest:
                if let kafka = settings.kafka { services += ingest(store, kafka) }
            case .sealer: services.append(sealer(store))
            case .reconciler: services.append(reconciler(store, pool))
            case .parlant:
                if let parlant = settings.parlant { services.append(follower(store, parlant)) }
            }
        }
        return services
    }

    private func publisher(_ store: PostgresEventStore, _ kafka: KafkaSettings) -> any Service {
        let logger = Logger(label: "lockstep.publisher")
        return StandingService(name: "publisher", logger: logger) { [settings] in
            let options = PublisherOptions(
                lanes: kafka.partitions, earlierIncarnations: try await EarlierIncarnations.read(from: store),
                lease: settings.serve.leaseTiming,
                limits: settings.publisher.limits(drain: .seconds(max(1, settings.serve.drainSeconds - 1))))
            return Publisher(
                from: store, to: kafka.recordTopic, checkpoints: store, leases: store, holder: settings.serve.holder,
                options: options,
                logger: logger)
        }
    }

    private func states(_ store: PostgresEventStore, _ pool: PostgresPool, _ kafka: KafkaSettings) -> any Service {
        let logger = Logger(label: "lockstep.state")
        return StandingService(name: "state", logger: logger) { [settings] in
            let options = StatePublisherOptions(
                lanes: kafka.partitions, earlierIncarnations: try await EarlierIncarnations.read(from: store),
                lease: settings.serve.leaseTiming)
            let aside = KeysSetAside(of: SyncStateProjection().name, pool: pool)
            return StatePublisher(
                from: store, to: kafka.stateTopic, checkpoints: store, leases: store, holder: settings.serve.holder,
                setAside: { try await aside.read() }, options: options, logger: logger)
        }
    }

    private func projectors(_ store: PostgresEventStore, _ pool: PostgresPool) -> [any Service] {
        let projections = ProjectionCatalogue.projections(lanes: settings.lanes)
        return [
            FollowedGenerations(
                of: projections, log: store,
                views: PostgresProjectionStore(pool: pool), leases: store,
                settings: ProjectorSettings(
                    holder: settings.serve.holder, timing: settings.serve.leaseTiming,
                    limits: settings.projection.limits, source: source(store),
                    fingerprints: FoldFingerprints(of: projections, samples: FoldSample.registered)),
                logger: Logger(label: "lockstep.projector"))
        ]
    }

    /// Where read models that are laid out by lane are fed from.
    private func source(_ store: PostgresEventStore) -> ProjectorSource {
        guard settings.projection.source == .topic, let kafka = settings.kafka else { return .log }
        return .topic(
            KafkaLaneTopic(kafka.topic, configuration: kafka.kafka, checkpoints: store) { () async throws(StoreError) in
                try await EarlierIncarnations.ends(in: store)
            })
    }

    /// One takes messages in; the other looks from outside how far that has come.
    private func ingest(_ store: PostgresEventStore, _ kafka: KafkaSettings) -> [any Service] {
        let logger = Logger(label: "lockstep.ingest")
        let reading = StandingService(name: "ingest", logger: logger) { [settings] in
            let intake = try Intake(into: store, settings.database.sealing)
            let consumer = InboundConsumer(
                of: kafka.inboundTopic, at: intake.desks, for: settings.ingest.workspaces, ledger: store,
                sealing: intake.sealing, leases: store, holder: settings.serve.holder,
                timing: settings.serve.leaseTiming, logger: logger)
            return SnapshotKeeping(intake.snapshots, beside: consumer)
        }
        return [reading, InboundWatch(of: kafka.inboundTopic, recording: store)]
    }

    private func follower(_ store: PostgresEventStore, _ parlant: ParlantServerSettings) -> any Service {
        let logger = Logger(label: "lockstep.parlant")
        return StandingService(name: "parlant", logger: logger) { [settings] in
            let log = try SealedLog(store, settings.database.sealing)
            let following = ParlantFollowing(
                log: log, store: store, parlant: parlant, serve: settings.serve, logger: logger)
            return SnapshotKeeping(log.snapshots, beside: following)
        }
    }

    private func reconciler(_ store: PostgresEventStore, _ pool: PostgresPool) -> any Service {
        let logger = Logger(label: "lockstep.reconciler")
        return StandingService(name: "reconciler", logger: logger) { [settings] in
            Reconciling(
                log: try SealedLog(store, settings.database.sealing), store: store,
                views: PostgresProjectionStore(pool: pool), policies: try PolicyBook.read(settings.reconciler.policies),
                deployment: settings, logger: logger)
        }
    }

    private func sealer(_ store: PostgresEventStore) -> any Service {
        let logger = Logger(label: "lockstep.sealer")
        return StandingService(name: "sealer", logger: logger) { [settings] in
            LogDigester(store, holder: settings.serve.holder, timing: settings.serve.leaseTiming, logger: logger)
        }
    }
}
