import EventModel
import EventSourcing
import PostgresDriver
import Reconciler
import Reconciliation
import Synchronization

/// What one look at all executions of the demonstration has found.
struct DemoSight: Sendable {
    /// Looks at the same time.
    private static let width = 4

    let standings: [Int: DemoLook.Standing]
    let ledger: DemoLedger

    /// - Parameter runs: what the ids of all runs begin with.
    static func read(
        _ keys: [(place: Int, key: ExecutionKey)], _ room: ReconcilingRoom, on database: DatabaseSettings,
        after start: GlobalPosition, runs: String
    ) async throws -> DemoSight {
        let ledger = try await OpenLog.connection(database) { connection in
            try await DemoLedger.read(on: connection, after: start, runs: runs)
        }
        var standings: [Int: DemoLook.Standing] = [:]
        try await withThrowingTaskGroup(of: (Int, DemoLook.Standing).self) { tasks in
            var rest = keys[...]
            func next() {
                guard let (place, key) = rest.popFirst() else { return }
                tasks.addTask {
                    let report = try await room.desk.preview(key)
                    return (place, standing(report, isOver: ledger.over.contains(key.execution)))
                }
            }
            for _ in 0..<width { next() }
            while let (place, standing) = try await tasks.next() {
                standings[place] = standing
                next()
            }
        }
        return DemoSight(standings: standings, ledger: ledger)
    }

    private static func standing(
        _ report: ReconcilingDesk<SealedLog>.Report, isOver: Bool
    ) -> DemoLook.Standing {
        guard report.workflow != nil, report.session != nil else { return .unheard }
        if !report.ledger.queue.isEmpty { return .waiting }
        if !report.ledger.pending.isEmpty { return report.examined.isConverged ? .together : .underWay }
        guard report.examined.isConverged else { return .apart }
        return isOver ? .ended : .together
    }
}

/// Where a look that goes on beside everything else leaves what it has found.
final class DemoSights: Sendable {
    private let latest = Mutex<Result<DemoSight, any Error>?>(nil)

    func put(_ sight: Result<DemoSight, any Error>) { latest.withLock { $0 = sight } }

    func take() -> Result<DemoSight, any Error>? {
        latest.withLock { latest in
            defer { latest = nil }
            return latest
        }
    }
}

/// What the log and the read model hold of the executions of one demonstration.
struct DemoLedger: Sendable {
    let counts: DemoTally.Ledger
    /// The runs that are over, and whose conversations have left them.
    let over: Set<String>

    /// - Parameter runs: what the ids of all runs begin with; letters, digits and hyphens.
    static func read(
        on connection: PostgresConnection, after start: GlobalPosition, runs: String
    ) async throws -> DemoLedger {
        let rows = try await connection.query(
            PostgresStatement(
                """
                select count(*) filter (where type = 'reconciliation.resolved'),
                    count(*) filter (where type = 'reconciliation.conflict_queued'),
                    count(*) filter (where type = 'reconciliation.effect_requested'),
                    count(*) filter (where type in ('reconciliation.effect_confirmed', 'reconciliation.effect_stale'))
                from lockstep.event_log
                where position > \(start.rawValue) and stream like 'reconciliation-\(runs)%'
                """))
        func number(_ column: Int) throws -> Int { Int(try rows.int64(0, column)) }
        let counts = DemoTally.Ledger(
            decisions: try number(0), asked: try number(1), requested: try number(2), ended: try number(3))
        let ended = try await connection.query(
            PostgresStatement(
                """
                select execution_id from lockstep_views.sync_state
                where execution_id like '\(runs)%' and workflow_over and journey_states::text = '{}'
                """))
        var over: Set<String> = []
        for row in 0..<ended.rowCount { over.insert(try ended.text(row, 0)) }
        return DemoLedger(counts: counts, over: over)
    }
}
