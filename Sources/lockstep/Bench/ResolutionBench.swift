import Connecting
import Conversion
import EventModel
import EventSourcing
import FoundationEssentials
import JourneyDomain
import PostgresDriver
import PostgresEventStore
import PostgresReadModels
import Reconciler
import Reconciliation
import WorkflowDomain

/// `bench reconcile`, from the event to the decision: runs wait for a person, their conversations are answered at a steady rate, and a reconciler decides
/// that the runs are to be resumed. Measured between the database's times of the two commits; beside them what two flushes of the disk take.
struct ResolutionBench: Sendable {
    let server: PostgresConfiguration
    let report: BenchReport
    let runs: Int
    let scale: Double
    /// Answers a second.
    let rate: Int

    func run() async throws {
        let executions = max(200, Int(5_000 * scale))
        for quiet in [Duration.zero, ReconcilingLimits().quiet] {
            var (p50, p99, flushes): ([Double], [Double], [Double]) = ([], [], [])
            for _ in 0..<runs {
                try await BenchDatabase.with(server) { database in
                    let latencies = try await database.withStore { store in
                        try await decide(executions, quiet, store, database)
                    }
                    p50.append(latencies.quantile(0.5))
                    p99.append(latencies.quantile(0.99))
                    flushes.append(2 * (try await CommitProbe.flushes(100, in: database)).quantile(0.5))
                }
            }
            let name = "event-to-resolution,rate=\(rate)/s,quiet=\(quiet / .milliseconds(1))ms"
            for (metric, values) in [("latency_ms_p50", p50), ("latency_ms_p99", p99)] {
                report.add(
                    Figure(
                        bench: "reconcile", case: name, system: "lockstep", metric: metric, unit: "ms", values: values))
            }
            report.add(
                Figure(
                    bench: "reconcile", case: name, system: "limit:two-flushes", metric: "latency_ms_p50", unit: "ms",
                    values: flushes))
        }
    }

    /// - Returns: milliseconds from each answer to the decision about it.
    private func decide(
        _ executions: Int, _ quiet: Duration, _ store: PostgresEventStore, _ database: BenchDatabase
    ) async throws -> [Double] {
        let pool = PostgresPool(configuration: database.configuration, limits: PoolLimits(maxConnections: 4))
        let views = PostgresProjectionStore(pool: pool)
        let scene = WaitingRuns(store: store)
        try await scene.convert()
        let desk = ReconcilingDesk(
            store, shelf: PolicyShelf(PolicyBook(only: try DefaultPolicy.read()), telling: .connected))
        let engine = Engine(ObedientEngine(), name: "bench")
        let reconciler = Reconciler(
            store, desk: desk, courier: Courier(desk, to: Engines(workflow: engine, journey: engine)), listing: views,
            memory: ReconcilerMemory(comparisons: views, progress: store), leases: store, holder: database.name,
            limits: ReconcilingLimits(quiet: quiet), logger: BenchServices.logger)
        try await scene.prepare(executions)
        try await BenchServices.running([reconciler]) {
            try await database.withConnection { connection in
                try await Self.wait(for: executions, of: "reconciliation.agreed", connection)
                try await steadily(executions, rate: rate) { try await scene.answer($0) }
                try await Self.wait(for: executions, of: "reconciliation.resolved", connection)
            }
        }
        await pool.shutdown()
        return try await database.withConnection(Self.latencies)
    }

    /// Until so many executions have an event of a type.
    private static func wait(for executions: Int, of type: String, _ connection: PostgresConnection) async throws {
        let statement = PostgresStatement(
            "select count(distinct stream) from lockstep.event_log where type = '\(type)'")
        for _ in 0..<1_200 {
            if try await connection.query(statement).int64(0, 0) >= Int64(executions) { return }
            try await SystemTimekeeper().sleep(for: .milliseconds(250))
        }
        throw BenchFault.incomplete("not every execution has a \(type) after five minutes")
    }

    private static func latencies(_ connection: PostgresConnection) async throws -> [Double] {
        let rows = try await connection.query(
            """
            select extract(epoch from min(d.recorded_at) - min(a.recorded_at))::float8 * 1000
            from lockstep.event_log a join lockstep.event_log d on d.stream = 'reconciliation-' || substr(a.stream, 17)
            where a.stream like 'journey\\_session-%' and a.type = 'journey_session.state_left' and d.type = 'reconciliation.resolved'
            group by a.stream
            """)
        return try (0..<rows.rowCount).map { try rows.double($0, 0) }
    }
}

/// An engine that says that it has done what it was asked.
private struct ObedientEngine: SideConnector {
    var capabilities: Capabilities { .everything }
    func carryOut(_ errand: Errand) async -> ErrandAnswer { .done }
    func probe(_ errand: Errand) async -> ProbeAnswer { .found }
}

/// Runs that wait for a person, each with a conversation that asks.
private struct WaitingRuns: Sendable {
    let store: PostgresEventStore
    private let ids = IDSource()
    private let time = SystemTimekeeper()

    private static let blocks = ["start", "ask", "check", "done"]
    private static let journey = "j-refund"

    init(store: PostgresEventStore) { self.store = store }

    private var context: CommandContext { CommandContext(id: ids.next(), time: time.now()) }

    /// The mapping of the workflow, active.
    func convert() async throws {
        let nodes = Self.blocks.map { Mapping.Node(block: ElementID($0), states: [ElementID("s-\($0)")]) }
        let digest = ContentDigest(of: [1])
        let mapping = Mapping(
            workflowID: "refund", journeyID: Self.journey, workflowDigest: digest, journeyDigest: digest, nodes: nodes,
            links: [], contexts: [])
        let handler = CommandHandler<MappingDecider, PostgresEventStore>(store)
        for command in [
            MappingDecider.Command.propose(mapping), .validate(version: 1, problems: 0), .activate(version: 1),
        ] {
            _ = try await handler.handle(StreamCommand(command, to: StreamName(trusting: "mapping-refund"), context))
        }
    }

    func prepare(_ executions: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<executions {
                if index >= 64 { try await group.next() }
                group.addTask { try await prepare(run: "run-\(index)") }
            }
            try await group.waitForAll()
        }
    }

    private func prepare(run: String) async throws {
        try await report(run, .started(ExecutionStart(trigger: "api")))
        try await report(run, .blockStarted(BlockFact(BlockVisit("start"))))
        try await report(run, .blockCompleted(BlockFact(BlockVisit("start"))))
        try await report(run, .blockStarted(BlockFact(BlockVisit("ask"))))
        try await report(run, .waitStarted(WaitFact(kind: .human, context: "ctx-1", blockedOn: "ask")))
        try await tell(
            run,
            [
                .bound(
                    SessionBinding(
                        execution: run, session: "session-\(run)", journeys: [Self.journey],
                        mapping: MappingReference(id: "refund", version: 1), subject: "customer:\(run)")),
                .stateEntered(
                    StateEntered(journey: Self.journey, state: "s-ask", turn: "turn-1", cause: .turn)),
            ])
    }

    /// The conversation goes on to the next block.
    func answer(_ index: Int) async throws {
        try await tell(
            "run-\(index)",
            [
                .stateLeft(
                    StateLeft(
                        journey: Self.journey, state: "s-ask", next: "s-check", turn: "turn-2", cause: .turn)),
                .stateEntered(
                    StateEntered(journey: Self.journey, state: "s-check", turn: "turn-2", cause: .turn)),
            ])
    }

    private func report(_ run: String, _ fact: ExecutionFact) async throws {
        guard let id = ExecutionID(run) else { throw BenchFault.incomplete("\(run) is no id of an execution") }
        let report = ExecutionReport(
            fact, of: id, workflow: WorkflowID("refund"), at: time.now(), contents: ReportContents(),
            original: OriginalWord(source: "bench", word: "x"))
        _ = try await CommandHandler<ExecutionDecider, PostgresEventStore>(store).handle(
            StreamCommand(
                .report(report, pin: MappingPin(mapping: "refund", version: 1)),
                to: StreamName(trusting: "workflow_execution-\(run)"), context))
    }

    private func tell(_ run: String, _ facts: [SessionFact]) async throws {
        _ = try await CommandHandler<JourneySessionDecider, PostgresEventStore>(store).handle(
            StreamCommand(.accept(facts), to: StreamName(trusting: "journey_session-\(run)"), context))
    }
}
