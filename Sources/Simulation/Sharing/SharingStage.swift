import EventSourcing
import ReadModels

/// Two writers, and two projectors that share the lanes of a read model with a checkpoint for each.
final class SharingStage: Stage {
    /// How many appends are wanted.
    private static let appends = 60
    private static let projection = TallyProjection(layout: .byLane(PublishingRoles.lanes))

    let database: SimulatedDatabase
    private let auditor: Auditor
    private let ledger = Ledger(capacity: SharingStage.appends)

    init(in world: World) {
        auditor = Auditor(world: world, layout: Self.projection.layout)
        database = SimulatedDatabase(world: world, auditor: auditor)
    }

    var parts: [Part] {
        let database = database
        let projectors: [Part] = (1...2).map { number in
            (
                "projector-\(number)",
                { process in
                    await PublishingRoles.project(process, SimulatedConnection(process, database), Self.projection)
                }
            )
        }
        return Writer.parts(2, into: database, ledger) + projectors
    }

    /// Nothing of its own: who shares lanes is struck by what strikes processes and the database.
    func strike(_ kind: Int, for duration: Duration) {}

    func recover() {}

    var isSettled: Bool {
        ledger.isSettled
            && database.withState { state in
                ConsumerProgress.Key.all(of: Self.projection).allSatisfy {
                    state.checkpoints.progress(of: $0)?.position == state.log.head
                }
            }
    }

    func explainDelay() { auditor.checkView(in: database) }

    func conclude() { auditor.checkView(in: database) }
}
