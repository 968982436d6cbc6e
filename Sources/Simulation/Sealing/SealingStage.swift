import EventModel
import EventSourcing
import EventSourcingTesting

/// Two writers of personal data, one who repeats old appends, two readers with rights, one who rotates keys, and two who carry out the
/// same erasures. Each process holds keys of its own for a while.
final class SealingStage: Stage {
    private static let appends = 70

    let database: SimulatedDatabase
    private let roles: SealingRoles

    init(in world: World) {
        let ledger = Ledger(capacity: Self.appends)
        let (orders, masterKeys) = world.roll { random in (Self.orders(&random), Self.masterKeys(&random)) }
        let audit = SealingAudit(world, ledger, orders, masterKeys)
        database = SimulatedDatabase(world: world, auditor: Auditor(world: world, watcher: audit))
        roles = SealingRoles(
            world: world, database: database, ledger: ledger, orders: orders, audit: audit, masterKeys: masterKeys)
    }

    /// Two subjects ask to be forgotten, one of them twice at a time, and once more when nothing is written any longer.
    private static func orders(_ random: inout SeededGenerator) -> ErasureOrders {
        var orders: [ErasureOrders.Order] = []
        for (index, subject) in SealingRoles.subjects.prefix(2).enumerated() {
            let due = Int64(2_000_000 + random.below(8_000_000))
            for _ in 0...index { orders.append(ErasureOrders.Order(subject: subject, due: due)) }
            orders.append(ErasureOrders.Order(subject: subject, due: due + Int64(random.below(8_000_000))))
            orders.append(ErasureOrders.Order(subject: subject, due: nil))
        }
        return ErasureOrders(orders)
    }

    private static func masterKeys(_ random: inout SeededGenerator) -> [String] {
        ["m1", "m2", "m3"].map { MasterKey.generate(id: $0, using: &random) }
    }

    var parts: [Part] {
        let roles = roles
        return [
            ("writer-1", { await roles.write($0) }), ("writer-2", { await roles.write($0) }),
            ("repeater", { await roles.repeatOld($0) }),
            ("reader-1", { await roles.read($0) }), ("reader-2", { await roles.read($0) }),
            ("rotator", { await roles.rotate($0) }),
            ("eraser-1", { await roles.erase($0) }), ("eraser-2", { await roles.erase($0) }),
        ]
    }

    /// Nothing of its own: what else could break is the database, which breaks in every scenario.
    func strike(_ kind: Int, for duration: Duration) {}

    func recover() {}

    var isSettled: Bool { roles.ledger.isSettled && roles.orders.isDone }

    func explainDelay() {}

    func conclude() { roles.audit.conclude(database) }
}
