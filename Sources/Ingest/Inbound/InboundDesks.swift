import EventModel
import EventSourcing
import Synchronization

/// The desks of all tenants that a topic speaks of, each made when it is first needed. The ones that were used last are remembered; a desk
/// keeps nothing that it could not read again.
public final class InboundDesks<Ledger: InboundLedger>: Sendable {
    private struct Shelf {
        var desks: [Workspace: (desk: InboundDesk<Ledger>, usedAt: Int)] = [:]
        var uses = 0
    }

    private let make: @Sendable (Workspace) -> InboundDesk<Ledger>
    private let limit: Int
    private let shelf = Mutex(Shelf())

    /// Desks that `make` makes, of which `limit` are remembered.
    public init(
        remembering limit: Int = InboundLimits.workspaces,
        _ make: @escaping @Sendable (Workspace) -> InboundDesk<Ledger>
    ) {
        self.limit = max(1, limit)
        self.make = make
    }

    /// The desk of a tenant.
    public func desk(of workspace: Workspace) -> InboundDesk<Ledger> {
        shelf.withLock { shelf in
            shelf.uses += 1
            let desk = shelf.desks[workspace]?.desk ?? make(workspace)
            shelf.desks[workspace] = (desk, shelf.uses)
            if shelf.desks.count > limit, let oldest = shelf.desks.min(by: { $0.value.usedAt < $1.value.usedAt }) {
                shelf.desks[oldest.key] = nil
            }
            return desk
        }
    }
}
