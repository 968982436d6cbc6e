import EventSourcing
import EventSourcingTesting

/// Two editors who change a few workflows, and three processes that convert them all the time, the same and different revisions at once.
final class ConversionStage: Stage {
    private static let edits = 24

    let database: SimulatedDatabase
    private let roles: ConversionRoles

    init(in world: World) {
        let audit = ConversionAudit(world)
        database = SimulatedDatabase(world: world, auditor: Auditor(world: world, watcher: audit))
        roles = ConversionRoles(world: world, database: database, audit: audit, edits: EditAllowance(Self.edits))
    }

    var parts: [Part] {
        let roles = roles
        let editors: [Part] = (1...2).map { number in ("editor-\(number)", { await roles.edit($0) }) }
        let converters: [Part] = (1...3).map { number in ("converter-\(number)", { await roles.convert($0) }) }
        return editors + converters
    }

    /// Nothing of its own: what else could break is the database, which breaks in every scenario.
    func strike(_ kind: Int, for duration: Duration) {}

    func recover() {}

    var isSettled: Bool { roles.edits.isUsedUp && roles.audit.isConverted }

    func explainDelay() {}

    func conclude() { roles.audit.conclude(database) }
}
