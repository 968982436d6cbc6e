import EventSourcing
import ServiceLifecycle

/// A service, and beside it the writing and checking of the snapshots that its loads have put aside.
struct SnapshotKeeping<Base: Service>: Service {
    private let snapshots: Snapshots?
    private let base: Base

    init(_ snapshots: Snapshots?, beside base: Base) {
        self.snapshots = snapshots
        self.base = base
    }

    /// As long as the service runs. What is put aside then is left out.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            if let snapshots { group.addTask { await snapshots.run() } }
            defer { group.cancelAll() }
            try await base.run()
        }
    }
}
