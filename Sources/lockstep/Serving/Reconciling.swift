import EventSourcing
import HTTPDriver
import Logging
import ParlantConnector
import PostgresEventStore
import PostgresReadModels
import Reconciler
import Reconciliation
import ServiceLifecycle
import SimConnector

/// Reconciles, over connections of its own to the engines that are named. Effects for an engine that is not named wait.
struct Reconciling: Service {
    let log: SealedLog
    let store: PostgresEventStore
    let views: PostgresProjectionStore
    let policies: PolicyBook
    let deployment: Deployment
    let logger: Logger

    func run() async throws {
        try await withSim { sim in
            try await withParlant { parlant in
                try await run(Engines(workflow: sim, journey: parlant))
            }
        }
    }

    private func run(_ engines: Engines) async throws {
        let settings = deployment.reconciler
        let desk = ReconcilingDesk(
            log, shelf: PolicyShelf(policies, telling: .connected), actor: "reconciler", limits: settings.ledger)
        let courier = Courier(desk, to: engines, limits: settings.course, logger: logger)
        let reconciler = Reconciler(
            log, desk: desk, courier: courier, listing: views,
            memory: ReconcilerMemory(comparisons: views, progress: store), leases: store,
            holder: deployment.serve.holder,
            limits: settings.limits(lanes: deployment.lanes), timing: deployment.serve.leaseTiming, logger: logger)
        // Half of the looks: what something has happened to goes first in any case.
        let jobs = JobRunner(
            views, listing: views, desk: JobLooks(desk), remembering: views, leases: store,
            holder: deployment.serve.holder,
            limits: JobLimits(concurrency: max(1, settings.concurrency / 2), lanes: deployment.lanes),
            timing: deployment.serve.leaseTiming, logger: logger
        ) { try await reconciler.giveWay() }
        let reporting = EngineReporting(engines, to: views, as: deployment.serve.holder, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await reconciler.run() }
            group.addTask { try await reporting.run() }
            group.addTask { try await jobs.run() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func withSim(_ body: (Engine?) async throws -> Void) async throws {
        guard let sim = deployment.sim else { return try await body(nil) }
        var connection = sim.connection
        connection.orderPatience = .seconds(deployment.reconciler.orderSeconds)
        connection.requestPatience = min(connection.requestPatience, connection.orderPatience)
        try await SimConnector.connected(connection) { connector in
            try await body(Engine(SimSide(connector), name: sim.connection.description))
        }
    }

    private func withParlant(_ body: (Engine?) async throws -> Void) async throws {
        guard let parlant = deployment.parlantForEffects else { return try await body(nil) }
        try await parlant.connected(ParlantServerSettings.patience) { connector in
            try await body(Engine(ParlantSide(connector), name: parlant.name))
        }
    }
}
