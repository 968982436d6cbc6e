import EventSourcing
import KafkaDriver
import KafkaPublishing
import Logging
import ParlantConnector
import PostgresDriver
import PostgresEventStore

/// What must hold before a process begins to serve. Later the same things may fail and are waited for; at the start somebody is looking.
struct Readiness: Sendable {
    private let settings: Deployment
    private let logger: Logger

    init(_ settings: Deployment, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// - Throws: ``Failure`` with status 3, and what to do.
    func confirm(migrating: Bool) async throws {
        try await confirmSchema(migrating: migrating)
        try await confirmHistory()
        if let kafka = settings.kafka {
            if settings.serve.roles.contains(.publisher) { try await confirm(kafka) }
            if settings.serve.roles.contains(.state) { try await confirmStates(kafka) }
            if settings.serve.roles.contains(.ingest) { try await confirmInbound(kafka) }
        }
        if let parlant = settings.parlant { try await confirm(parlant) }
        if settings.serve.roles.contains(.reconciler) { try await confirmPolicies() }
    }

    /// Decisions name a policy and its version: what those say is on record before the first is taken.
    ///
    /// - Throws: ``Failure`` when a version is on record as something else.
    private func confirmPolicies() async throws {
        let policies = try PolicyFiles(settings.reconciler.policies)
        let outcomes = try await OpenLog.forAppending(settings.database) { log in
            try await PolicyPublishing(log: log, actor: "reconciler").publish(policies)
        }
        for outcome in outcomes where outcome.isNew {
            logger.notice(
                "policy published",
                metadata: ["policy": "\(outcome.policy.name)", "version": "\(outcome.policy.version)"])
        }
    }

    /// - Throws: ``Failure`` with status 3 when what is written to the inbound topic cannot be read, or what is refused could not be kept.
    private func confirmInbound(_ kafka: KafkaSettings) async throws {
        do {
            _ = try await kafka.inboundTopic.prepare()
        } catch {
            guard case .unavailable = error else { throw error }
            throw Self.noBroker(kafka)
        }
        guard try settings.database.sealing.masterKeys() == nil else { return }
        logger.warning(
            "there is no master key: ingest stands still at the first message that holds personal data or is refused",
            metadata: ["cure": "set LOCKSTEP_MASTER_KEY_FILE or LOCKSTEP_MASTER_KEY"])
    }

    /// - Throws: ``Failure`` with status 3 when no broker answers, or the topic of states cannot be used.
    private func confirmStates(_ kafka: KafkaSettings) async throws {
        do {
            try await kafka.stateTopic.prepare(lanes: kafka.partitions)
        } catch {
            guard case .unavailable = error else { throw error }
            throw Self.noBroker(kafka)
        }
    }

    private static func noBroker(_ kafka: KafkaSettings) -> Failure {
        Failure(
            .environment, "no Kafka broker answers at \(kafka.bootstrap)",
            hint:
                "check --kafka or LOCKSTEP_KAFKA and whether the broker runs; to do without it: serve --roles projector,sealer"
        )
    }

    /// A server that is away is waited for, as it is later; one without our module waits for somebody.
    private func confirm(_ parlant: ParlantServerSettings) async throws {
        do {
            let module = try await parlant.connected(ParlantServerSettings.patience) { try await $0.module() }
            let finding = ParlantExamination.module(module, at: parlant.name)
            guard finding.verdict == .ok else {
                throw Failure(.environment, finding.found, hint: finding.cure ?? "see ops/parlant/README.md")
            }
        } catch let error as ParlantError where error.isTransient {
            logger.warning("the Parlant server is not there yet", metadata: ["reason": "\(error)"])
        }
    }

    private func confirmSchema(migrating: Bool) async throws {
        let migrator = Migrator(try settings.database.postgres())
        if migrating {
            for migration in try await SchemaUpgrade.up(try settings.database.postgres()) {
                logger.notice(
                    "migration applied", metadata: ["version": "\(migration.version)", "name": "\(migration.name)"])
            }
        }
        let status = try await migrator.status()
        if let newer = status.last(where: { $0.state == .unknown }) {
            throw Failure(
                .environment,
                "the database has schema version \(newer.version), this program knows \(Migrator.currentVersion)",
                hint: "use the newer program")
        }
        if let altered = status.first(where: { $0.state == .altered }) {
            throw Failure(MigrationError.altered(version: altered.version, name: altered.name))
        }
        let pending = status.count { $0.state == .pending }
        guard pending == 0 else {
            throw Failure(
                .environment, "the database lacks \(pending) of \(status.count) migrations",
                hint: "run `lockstep migrate up`, or serve with --migrate")
        }
    }

    private func confirmHistory() async throws {
        try await OpenLog.connection(settings.database) { connection in
            let history = try await LogHistory.read(on: connection)
            guard let mismatch = history.mismatch else { return }
            throw Failure(StoreError.historyChanged(mismatch))
        }
    }

    /// - Throws: ``Failure`` with status 3 when no broker answers, or its topic cannot be used.
    func confirm(_ kafka: KafkaSettings) async throws {
        do {
            try await kafka.recordTopic.prepare(lanes: kafka.partitions)
        } catch {
            guard case .unavailable = error else { throw error }
            throw Self.noBroker(kafka)
        }
    }
}
