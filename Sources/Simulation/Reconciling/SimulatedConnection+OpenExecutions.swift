import EventModel
import EventSourcing
import EventSourcingTesting
import WorkflowDomain

extension SimulatedConnection: OpenExecutions {
    /// Every execution that anything was reported of; whoever looks at one that is over finds nothing to do.
    func open(after last: ExecutionKey?, limit: Int) async throws(StoreError) -> [ExecutionKey] {
        try await call(.read) { database in
            database.perform { state -> [ExecutionKey] in
                let keys = Set(
                    state.log.entries.map(\.stream).filter { $0.category.rawValue == ExecutionID.category }.map {
                        ExecutionKey(workspace: .default, execution: $0.syncKey)
                    })
                return Array(keys.sorted().drop { key in last.map { key <= $0 } ?? false }.prefix(limit))
            }
        }
    }
}
