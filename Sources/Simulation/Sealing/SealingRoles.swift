import EventModel
import EventSourcing
import EventSourcingTesting

/// The production code around personal data, each role as a main would wire it.
struct SealingRoles: Sendable {
    /// How long a process holds a key.
    static let timeToLive = Duration.seconds(2)
    static let type = "customer.noted"
    static let marks = PersonalMarks([
        PersonalMark(EventType(trusting: type), version: 1, at: [.key("note")], of: .member("customer")),
        PersonalMark(
            EventType(trusting: type), version: 1, at: [.key("guests"), .everyElement, .key("name")],
            of: .member("customer")),
    ])
    static let subjects = (1...4).compactMap { try? DataSubject("customer:\($0)") }

    let world: World
    let database: SimulatedDatabase
    let ledger: Ledger
    let orders: ErasureOrders
    let audit: SealingAudit
    /// The configured master keys as they are spelled; every process knows all of them.
    let masterKeys: [String]

    private var isForgetful: Bool { world.mutation != .keysCachedForEver }

    /// The master keys with a random one first.
    private func someMasterKeys() -> MasterKeys? {
        var spellings = masterKeys
        spellings.swapAt(0, world.roll { $0.below(spellings.count) })
        return try? MasterKeys(spellings: spellings)
    }

    private func log(over connection: SimulatedConnection) -> SealingEventStore<SimulatedConnection> {
        let process = connection.process
        let keys = SubjectKeyring(
            connection, masterKeys: someMasterKeys(),
            limits: KeyringLimits(timeToLive: isForgetful ? Self.timeToLive : .seconds(100_000)), time: process.clock,
            random: process.random)
        return SealingEventStore(connection, marks: Self.marks, keys: keys, reading: .plain)
    }

    func write(_ process: SimulatedProcess) async {
        let connection = SimulatedConnection(process, database)
        let writer = Writer(process: process, connection: connection, log: log(over: connection), ledger: ledger) {
            (number, event, random) in
            let subject = Self.subjects[random.below(Self.subjects.count)]
            let secret = "\(SealingAudit.secret)-\(number)-\(event)"
            return .wanted(
                number, event,
                data: #"{"customer":"\#(subject)","guests":[{"name":"\#(secret)-guest"}],"note":"\#(secret)"}"#,
                type: Self.type)
        }
        await writer.run()
    }

    /// Repeats what was stored long ago, as clients do whose first answer was lost.
    func repeatOld(_ process: SimulatedProcess) async {
        let connection = SimulatedConnection(process, database)
        let log = log(over: connection)
        await connection.whileCommitting {
            while await rest(process, 50_000...600_000) {
                let stored = ledger.intents.compactMap { intent in intent.fate.receipt.map { (intent.request, $0) } }
                guard !stored.isEmpty else { continue }
                let (request, receipt) = stored[world.roll { $0.below(stored.count) }]
                do throws(StoreError) {
                    audit.answered(try await log.append(request), toRepetitionOf: receipt)
                } catch {
                    report(error, by: process)
                }
            }
        }
    }

    /// Reads with the right to see everything.
    func read(_ process: SimulatedProcess) async {
        let connection = SimulatedConnection(process, database)
        let log = log(over: connection)
        while await rest(process, 100_000...1_200_000) {
            let head = database.withState { $0.log.entries.count }
            let after = GlobalPosition(Int64(world.roll { $0.below(max(1, head)) }))
            let began = world.time
            do throws(StoreError) {
                let page = try await log.read(EventQuery(after: after, limit: 10))
                guard process.isAlive else { return }
                audit.saw(page.events, since: began, in: database)
            } catch {
                report(error, by: process)
            }
        }
    }

    /// Rotates master keys, to one and then to another.
    func rotate(_ process: SimulatedProcess) async {
        let connection = SimulatedConnection(process, database)
        while await rest(process, 50_000...500_000) {
            guard let masterKeys = someMasterKeys() else { return }
            do throws(StoreError) {
                _ = try await KeyRotation(connection, to: masterKeys, random: process.random).run()
            } catch {
                report(error, by: process)
            }
        }
    }

    /// Carries out erasures.
    func erase(_ process: SimulatedProcess) async {
        let connection = SimulatedConnection(process, database)
        let eraser = SubjectEraser(
            connection, keys: connection, workspace: .default, time: process.clock, random: process.random)
        await connection.whileCommitting {
            while await rest(process, 10_000...400_000) {
                guard let order = orders.take(at: world.time, writersAreDone: ledger.isSettled) else { continue }
                do throws(StoreError) {
                    let outcome = try await eraser.erase(order.subject, by: process.name, because: "asked to")
                    guard process.isAlive else {
                        orders.release(order.number)
                        return
                    }
                    audit.finished(outcome, of: order.subject, in: database)
                    orders.finish(order.number)
                } catch {
                    orders.release(order.number)
                    report(error, by: process)
                }
            }
        }
    }

    /// - Returns: `false` when the process is over.
    private func rest(_ process: SimulatedProcess, _ range: ClosedRange<Int>) async -> Bool {
        guard process.isAlive else { return false }
        let pause = world.roll { $0.duration(range) }
        return await world.scheduler.sleep(for: pause, of: process.id) && process.isAlive
    }

    /// What waiting does not help is a finding.
    private func report(_ error: StoreError, by process: SimulatedProcess) {
        guard process.isAlive, !error.isTransient else { return }
        world.report(Violation(.erasure, "\(process.name) was told: \(error)"))
    }
}

extension Intent.Fate {
    /// Where it is stored, if it is.
    fileprivate var receipt: AppendReceipt? {
        guard case .stored(let receipt) = self else { return nil }
        return receipt
    }
}
