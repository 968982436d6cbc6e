import CoreMetrics
import Logging
import Operations
import ServiceLifecycle

/// Answers over HTTP how this process and the whole deployment do.
struct Operating: Service {
    private let settings: Deployment
    private let address: ListenAddress
    private let registry: MeterRegistry
    private let logger = Logger(label: "lockstep.operations")

    /// Makes this process count what it does, when somebody can ask for it; once in a process, before anything is counted.
    ///
    /// - Returns: `nil` when nobody is to be answered.
    init?(_ settings: Deployment) {
        guard let address = settings.operations.listen else { return nil }
        self.settings = settings
        self.address = address
        registry = MeterRegistry(help: Self.help)
        MetricsSystem.bootstrap(registry)
    }

    func run() async throws {
        let look = try DatabaseLook(settings.database, patience: Double(settings.projection.stallSeconds))
        let server = OperationsServer(
            OperationsDesk(Lookout(look), counting: registry), at: address, logger: logger
        ) { [logger] address in
            logger.notice("listening", metadata: ["health,ready,metrics": "http://\(address)"])
        }
        let result: Result<Void, any Error>
        do { result = .success(try await server.run()) } catch { result = .failure(error) }
        await look.close()
        try result.get()
    }

    /// What the libraries count, by the names under which it is shown.
    static let help = [
        "lockstep_reconciler_looks_total": "Executions that were looked at.",
        "lockstep_reconciler_failed_looks_total": "Looks at executions that have failed.",
        "lockstep_reconciler_decisions_total": "Decisions that were taken and recorded.",
        "lockstep_reconciler_conflicts_queued_total": "Conflicts that were handed to a person.",
        "lockstep_reconciler_orders_total": "Orders given to engines, by side and by what was answered.",
        "lockstep_projector_events_total": "Events that were folded into a read model.",
        "lockstep_projector_batches_total": "Batches that were applied to a read model.",
        "lockstep_projector_batch_seconds": "How long applying a batch took.",
    ]
}
