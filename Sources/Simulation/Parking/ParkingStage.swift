import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels

/// Two writers, two competing projectors over a table that cannot hold some rows, and two people who ask for retries and for events to be
/// left out.
final class ParkingStage: Stage {
    /// How many appends are wanted.
    private static let appends = 60
    /// Events that may be left out: most keys shall be mended instead.
    private static let skips = 4
    private static let key = ConsumerProgress.Key(of: TallyProjection())

    let database: SimulatedDatabase
    private let auditor: Auditor
    private let ledger = Ledger(capacity: ParkingStage.appends)
    private let world: World

    init(in world: World) {
        self.world = world
        auditor = Auditor(world: world)
        database = SimulatedDatabase(world: world, auditor: auditor)
        database.withState { $0.isNarrow = true }
    }

    var parts: [Part] {
        let (database, ledger) = (database, ledger)
        let writers = Writer.parts(2, into: database, ledger)
        let projectors: [Part] = (1...2).map { number in
            (
                "projector-\(number)",
                { process in
                    let connection = SimulatedConnection(process, database)
                    await connection.whileCommitting { await PublishingRoles.project(process, connection) }
                }
            )
        }
        let operators: [Part] = (1...2).map { number in
            ("operator-\(number)", { process in await Self.operate(process, database) })
        }
        return writers + projectors + operators
    }

    /// Asks for what is parked, now and then, and tries to leave an event out.
    private static func operate(_ process: SimulatedProcess, _ database: SimulatedDatabase) async {
        let connection = SimulatedConnection(process, database)
        while await process.world.scheduler.sleep(
            for: process.world.roll { $0.duration(100_000...2_000_000) }, of: process.id), process.isAlive
        {
            do throws(StoreError) {
                let parked = try await connection.allParkedKeys(of: key)
                let isAllowed = try await connection.skippedEvents(of: key.consumer).count < skips
                if let first = parked.first, isAllowed, process.world.roll({ $0.chance(perMille: 200) }) {
                    let skip = RetryRequest.Skip(first.failure.position, because: "simulated")
                    _ = try await connection.requestSkip(of: first.key, of: key, skip, by: process.name)
                } else {
                    _ = try await connection.requestRetry(of: nil, of: key, by: process.name)
                }
            } catch {
                continue
            }
        }
    }

    /// Somebody mends the table, for a while.
    func strike(_ kind: Int, for duration: Duration) {
        database.withState { $0.isNarrow = false }
        world.scheduler.plan(after: duration) { [database] in
            database.withState { $0.isNarrow = !$0.isMended }
        }
    }

    func recover() {
        database.withState { state in
            state.isMended = true
            state.isNarrow = false
        }
    }

    var isSettled: Bool {
        ledger.isSettled
            && database.withState { state in
                state.checkpoints.progress(of: Self.key)?.position == state.log.head
                    && state.parking.parkedKeys(of: Self.key, after: nil, limit: 1).isEmpty
            }
    }

    func explainDelay() {}

    /// The last look: with nothing parked the view is the naive fold without what was left out.
    func conclude() { auditor.checkView(in: database) }
}
