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

/// What the verbs of reconciliation work with: the log, a desk over it, and the lists of executions that are open, and in which something was decided.
struct ReconcilingRoom: Sendable {
    let log: SealedLog
    let desk: ReconcilingDesk<SealedLog>
    let shelf: PolicyShelf
    /// The policies in use.
    let policies: PolicyBook
    let views: PostgresProjectionStore
    let pool: PostgresPool
    /// How long a verb that was killed blocks the next one.
    let leaseTiming: LeaseTiming
    /// Lanes that the log is divided into.
    let lanes: Int

    /// Runs `body` in a room over connections of its own.
    static func with<R: Sendable>(
        _ settings: DatabaseSettings, policies: PolicyBook, actor: String,
        _ body: sending (ReconcilingRoom) async throws -> R
    ) async throws -> R {
        let pool = PostgresPool(configuration: try settings.postgres(), limits: settings.poolLimits)
        let result: Result<R, any Error>
        do {
            result = .success(
                try await OpenLog.forAppending(settings) { log in
                    let shelf = PolicyShelf(policies, telling: .connected)
                    let desk = ReconcilingDesk(log, shelf: shelf, actor: actor)
                    return try await body(
                        ReconcilingRoom(
                            log: log, desk: desk, shelf: shelf, policies: policies,
                            views: PostgresProjectionStore(pool: pool), pool: pool,
                            leaseTiming: settings.leaseTiming, lanes: settings.lanes))
                })
        } catch {
            result = .failure(error)
        }
        await pool.shutdown()
        return try result.get()
    }

    /// Goes through executions in which anything was decided or waits, open or over, page by page.
    ///
    /// - Parameters:
    ///   - workspace: those of this tenant only.
    ///   - since: those in which something was recorded then or later.
    func forEachDiverged(
        in workspace: Workspace?, since: Timestamp, _ body: (ExecutionKey) async throws -> Void
    ) async throws {
        var last: ExecutionKey?
        while true {
            try Task.checkCancellation()
            let page = try await views.diverged(after: last, limit: 500, in: workspace, since: since)
            for key in page { try await body(key) }
            guard page.count == 500 else { return }
            last = page.last
        }
    }

    /// The execution that a decision or a conflict is about, by the read model.
    ///
    /// - Throws: ``Failure`` with status 1 when there is none that is projected.
    func execution(of id: UUID, in workspace: Workspace) async throws -> ExecutionKey {
        let found = try await views.diverged(by: id, in: workspace)
        guard let key = found.first, found.count == 1 else {
            throw Failure(
                .no,
                found.isEmpty
                    ? "no decision \(id.text) and no conflict of that id that waits is projected in workspace \(workspace.rawValue)"
                    : "\(id.text) is in several executions",
                hint: found.isEmpty
                    ? "check the id and --workspace, wait for the read model with --wait-for POSITION, or name the execution"
                    : "name the execution")
        }
        return key
    }

    /// Goes through open executions, stale ones as well, with what is noted of them, page by page: of most of them no stream has to be read.
    ///
    /// - Parameter workspace: those of this tenant only.
    func forEachStanding(
        in workspace: Workspace?, _ body: (NotedExecution) async throws -> Void
    ) async throws {
        let selection = ExecutionSelection(workspace: workspace)
        var last: ExecutionKey?
        while true {
            try Task.checkCancellation()
            let page = try await views.standings(
                of: selection, withStale: true, after: last, limit: Self.standingsTogether)
            for standing in page { try await body(standing) }
            guard page.count == Self.standingsTogether else { return }
            last = page.last?.key
        }
    }

    private static let standingsTogether = 5_000

    /// Whether anything was heard of an execution, from either side or between them.
    ///
    /// - Throws: ``Failure`` with status 1 when nothing was: a name that was mistyped agrees with nobody.
    func know(_ key: ExecutionKey) async throws {
        for category in Self.categories {
            let stream = StreamName(trusting: "\(category)-\(key.execution)")
            let page = try await log.read(StreamQuery(workspace: key.workspace, stream, limit: 1))
            if !page.events.isEmpty { return }
        }
        throw Failure(
            .no, "nothing was heard of execution \(key.execution) in workspace \(key.workspace.rawValue)",
            hint: "check its name and --workspace; `lockstep read --category workflow_execution` shows executions")
    }

    /// Why the rules are what they are by which was decided.
    var reasons: RuleReasons { RuleReasons(log, book: policies) }

    /// The streams that an execution may have.
    static let categories = [ExecutionID.category, JourneySessionEvent.category, ReconciliationEvent.category]

    /// Every event between the two sides of an execution, in order.
    func history(of key: ExecutionKey) async throws -> [RecordedReconciliation] {
        var history: [RecordedReconciliation] = []
        let stream = StreamName(trusting: "\(ReconciliationEvent.category)-\(key.execution)")
        var query: StreamQuery? = StreamQuery(workspace: key.workspace, stream)
        while let current = query {
            let page = try await log.read(current)
            for event in page.events where event.type.rawValue.hasPrefix("\(ReconciliationEvent.category).") {
                history.append(
                    RecordedReconciliation(
                        event: try ReconciliationEvent(event), position: event.position, actor: event.actor,
                        at: event.recordedAt))
            }
            query = current.next(after: page)
        }
        return history
    }
}

/// Something that happened between the two sides of an execution, and where that is in the log.
struct RecordedReconciliation: Sendable {
    let event: ReconciliationEvent
    let position: GlobalPosition
    let actor: String?
    let at: Timestamp
}

extension [RecordedReconciliation] {
    /// The decision of this id.
    func receipt(_ id: UUID) -> Receipt? {
        for entry in self {
            if case .resolved(let receipt, _) = entry.event, receipt.id == id { return receipt }
        }
        return nil
    }

    /// The field that a decision, a conflict or an accepted difference of this id is about.
    func field(of id: UUID) -> FieldPath? {
        for entry in self {
            switch entry.event {
            case .resolved(let receipt, _) where receipt.id == id: return receipt.finding.path
            case .conflictQueued(let conflict, _) where conflict.id == id: return conflict.finding.path
            case .divergenceAccepted(let accepted, _) where accepted.id == id: return accepted.finding.path
            default: continue
            }
        }
        return nil
    }
}

extension PolicyBook {
    /// The default policy, and those of the files.
    static func read(_ files: [String]) throws(Failure) -> PolicyBook { try PolicyFiles(files).book }
}
