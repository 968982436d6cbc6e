import EventModel
import EventSourcing
import EventSourcingTesting
import JourneyDomain
import Reconciliation
import WorkflowDomain

/// Every execution that anything was reported of; whoever looks at one that is over finds nothing to do.
extension SimulatedConnection: OpenExecutions {
    func open(after last: ExecutionKey?, limit: Int) async throws(StoreError) -> [ExecutionKey] {
        let isStaleListed = process.world.mutation == .staleListed
        return try await call(.read) { database in
            database.perform { state -> [ExecutionKey] in
                let open = state.log.executions.filter { isStaleListed || !state.log.isStale($0) }
                return Array(open.sorted().drop { key in last.map { key <= $0 } ?? false }.prefix(limit))
            }
        }
    }

    func quiet(
        since moment: Timestamp, after last: QuietExecution?, limit: Int
    ) async throws(StoreError) -> [QuietExecution] {
        guard process.world.mutation != .quietUnlisted else { return [] }
        return try await call(.read) { database in
            database.perform { state -> [QuietExecution] in
                let quiet = state.log.executions.compactMap { key -> QuietExecution? in
                    guard let since = state.log.movedAt(key), since <= moment, !state.log.isStale(key) else {
                        return nil
                    }
                    return QuietExecution(key, since: since)
                }
                return Array(quiet.sorted().drop { one in last.map { one <= $0 } ?? false }.prefix(limit))
            }
        }
    }
}

extension InMemoryLog {
    fileprivate var executions: Set<ExecutionKey> {
        Set(
            entries.map(\.stream).filter { $0.category.rawValue == ExecutionID.category }.map {
                ExecutionKey(workspace: .default, execution: $0.syncKey)
            })
    }

    private func last(_ category: String, of key: ExecutionKey) -> RecordedEvent? {
        events(of: StreamName(trusting: "\(category)-\(key.execution)")).last
    }

    /// When something was recorded on a side last.
    fileprivate func movedAt(_ key: ExecutionKey) -> Timestamp? {
        [ExecutionID.category, JourneySessionEvent.category].compactMap { last($0, of: key)?.recordedAt }.max()
    }

    /// What cannot be read is not stale: whoever looks says what is wrong with it.
    fileprivate func isStale(_ key: ExecutionKey) -> Bool {
        let stream = StreamName(trusting: "\(ReconciliationEvent.category)-\(key.execution)")
        guard events(of: stream).contains(where: { $0.type == ReconciliationEvent.Kind.wentStale.type }),
            let ledger = try? state(of: stream, by: ReconciliationDecider.self)
        else { return false }
        return ledger.isStale(
            at: Receipt.Compared(
                workflow: last(ExecutionID.category, of: key)?.version,
                journey: last(JourneySessionEvent.category, of: key)?.version))
    }
}
