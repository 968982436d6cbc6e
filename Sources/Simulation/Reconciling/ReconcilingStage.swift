import EventModel
import EventSourcing
import EventSourcingTesting
import Synchronization

/// Two or three reconcilers between an engine that runs a workflow and one that talks with customers. Runs, customers and people act at any time; what the
/// engines report comes late, twice and in any order.
final class ReconcilingStage: Stage {
    static let executions = (1...6).map { "run-\($0)" }
    /// The execution whose customer takes back whatever is decided about the amount.
    private static let stubborn = "run-2"
    /// The execution that nobody talks for.
    private static let silent = "run-4"
    /// The execution in which nobody does anything for long, and somebody does at last.
    private static let late = "run-5"
    /// How long nothing may be recorded before the world counts as settled: longer than every pause and every effect's time.
    private static let stillness = Duration.seconds(24)

    let database: SimulatedDatabase
    private let world: World
    private let roles: ReconcilingRoles
    private let reconcilers: Int
    private let hasSpoken = Mutex(false)

    init(in world: World) {
        self.world = world
        let audit = ReconcilingAudit(world)
        database = SimulatedDatabase(world: world, auditor: Auditor(world: world, watcher: audit))
        let mail = ReportMail(world)
        roles = ReconcilingRoles(
            world: world, database: database, audit: audit, mail: mail, runs: ModelRuns(world, mail, audit),
            talks: ModelTalks(world, mail, audit), doors: (EngineDoor(), EngineDoor()),
            rules: RulesInForce(world.roll { $0.below(RulesInForce.policies.count) }))
        reconcilers = world.roll { $0.chance(perMille: 300) ? 3 : 2 }
        for execution in Self.executions { begin(execution) }
        act()
        speakLate()
    }

    var parts: [Part] {
        let roles = roles
        let reconcilers: [Part] = (1...reconcilers).map { number in
            ("reconciler-\(number)", { await roles.reconcile($0) })
        }
        let readers: [Part] = (1...2).map { number in ("reader-\(number)", { await roles.takeIn($0) }) }
        let people: [Part] = [("person", { await roles.decide($0) })]
        return reconcilers + readers + people
    }

    private func begin(_ execution: String) {
        let (run, talk, isHeard) = world.roll { random in
            (random.duration(500_000...8_000_000), random.duration(0...2_000_000), random.chance(perMille: 500))
        }
        let roles = roles
        world.scheduler.plan(after: run) { roles.runs.begin(execution) }
        guard execution != Self.silent || isHeard else { return }
        world.scheduler.plan(after: run + talk) {
            roles.talks.begin(execution, isStubborn: execution == Self.stubborn)
        }
    }

    /// Customers talk, and people do at the engine what nobody was told to.
    private func act() {
        world.scheduler.plan(after: world.roll { $0.duration(30_000...350_000) }) {
            guard self.roles.rules.isTurmoil else { return }
            let (execution, kind) = self.world.roll { random in
                (Self.executions[random.below(Self.executions.count)], random.below(1_000))
            }
            switch kind {
            case _ where execution == Self.late: break
            case _ where execution == Self.stubborn: self.roles.talks.talk(execution)
            case 0..<900: self.roles.talks.talk(execution)
            case 900..<980:
                if let context = self.roles.runs.look(at: execution).openWait {
                    let value = "p\(kind)@example.org"
                    _ = self.roles.runs.resume(
                        execution, at: context, with: ["email": .string(value)], isOwn: true)
                }
            default: _ = self.roles.runs.cancel(execution)
            }
            self.act()
        }
    }

    /// Long behind the turmoil one side speaks again.
    private func speakLate() {
        world.scheduler.plan(after: world.roll { $0.duration(27_000_000...34_000_000) }) {
            defer { self.hasSpoken.withLock { $0 = true } }
            guard let context = self.roles.runs.look(at: Self.late).openWait,
                self.world.roll({ $0.chance(perMille: 500) })
            else { return self.roles.talks.talk(Self.late) }
            _ = self.roles.runs.resume(Self.late, at: context, with: ["email": "late@example.org"], isOwn: true)
        }
    }

    func strike(_ kind: Int, for duration: Duration) {
        switch kind {
        case 74..<82: roles.mail.holdUp(for: duration * 8)
        case 82..<95:
            world.count(.engineAway)
            let door = kind.isMultiple(of: 2) ? roles.doors.runs : roles.doors.talks
            door.close(for: duration * 3, world.scheduler)
        default:
            world.count(.policyChanged)
            world.note("other rules are in force")
            roles.rules.change()
        }
    }

    func recover() {
        roles.rules.calm()
        roles.mail.letGo()
        roles.doors.runs.open()
        roles.doors.talks.open()
    }

    var isSettled: Bool {
        hasSpoken.withLock { $0 } && roles.mail.isEmpty && !roles.talks.isBusy
            && world.time - roles.audit.recordedAt > Self.stillness.wholeMicroseconds
    }

    func explainDelay() { conclude() }

    func conclude() { roles.audit.conclude(database, policy: roles.rules.policy) }
}
