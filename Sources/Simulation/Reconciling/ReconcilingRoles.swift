import Conversion
import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Ingest
import JourneyDomain
import Logging
import Reconciler
import Reconciliation
import Synchronization

/// The production code between the sides, each role as a main would wire it.
struct ReconcilingRoles: Sendable {
    static let ledgerLimits = LedgerLimits(
        patience: .seconds(10), attempts: 4, pause: .milliseconds(400), longestPause: .seconds(3), flaps: 4,
        flapWindow: .seconds(300))
    /// How long a try may take: two calls with all that can become of them, and what two clocks may be apart.
    private static let tryPatience = Duration.seconds(7)
    static let lanes = 3
    /// How long neither side of an execution may move before it is left alone.
    static let staleAfter = Duration.seconds(8)
    private static let commands = CommandLimits(
        decisions: 4, storeAttempts: 3, storeBackoff: Backoff(base: .milliseconds(20), cap: .milliseconds(500)))

    static let names = MappedNames(
        workflowID: ModelRuns.workflow, journeyID: ModelTalks.journey,
        states: Dictionary(
            uniqueKeysWithValues: ModelRuns.blocks.map { (ElementID($0), [ElementID(ModelTalks.state(of: $0))]) }),
        keys: [ElementID(ModelRuns.amount): ModelRuns.amount], graph: ModelJourney.graph)

    let world: World
    let database: SimulatedDatabase
    let audit: ReconcilingAudit
    let mail: ReportMail
    let runs: ModelRuns
    let talks: ModelTalks
    let doors: (runs: EngineDoor, talks: EngineDoor)
    let rules: RulesInForce

    // MARK: Reports

    /// Takes in what the engines report.
    func takeIn(_ process: SimulatedProcess) async {
        let connection = SimulatedConnection(process, database)
        let desk = InboundDesk(
            into: connection, remembering: connection, limits: Self.commands, time: process.clock,
            random: process.random)
        await connection.whileCommitting {
            while !rules.isMapped, await rest(process, 10_000...60_000) { await map(process, connection) }
            while await rest(process, 10_000...120_000) {
                let letters = mail.arrived()
                guard !letters.isEmpty else { continue }
                do throws(StoreError) {
                    try await desk.prepare()
                    let messages = letters.map { letter in
                        InboundMessage(
                            key: InboundKey(content: letter.payload), payload: letter.payload,
                            receivedAt: process.clock.now(), keepsTime: false, origin: "letter \(letter.number)")
                    }
                    let settled = try await desk.settle(desk.read(messages))
                    guard process.isAlive else { return }
                    for case let rejection? in settled.verdicts.map(\.rejection) {
                        world.report(Violation(.progress, "a report was refused: \(rejection)"))
                    }
                    mail.take(letters)
                } catch {
                    guard process.isAlive, error.isTransient else { continue }
                }
            }
        }
    }

    /// Makes the journey, and the mapping that runs pin, before anything is reported.
    private func map(_ process: SimulatedProcess, _ connection: SimulatedConnection) async {
        let nodes = ModelRuns.blocks.map {
            Mapping.Node(block: ElementID($0), states: [ElementID(ModelTalks.state(of: $0))])
        }
        let mapping = Mapping(
            workflowID: ModelRuns.workflow, journeyID: ModelTalks.journey, workflowDigest: ContentDigest(of: [1]),
            journeyDigest: ModelJourney.content.digest, nodes: nodes, links: [],
            contexts: [Mapping.Context(variable: ElementID(ModelRuns.amount), key: ModelRuns.amount)])
        let ids = IDSource(time: process.clock, random: process.random)
        let journeys = CommandHandler<JourneyDecider, SimulatedConnection>(
            connection, limits: Self.commands, time: process.clock, random: process.random)
        let journey = StreamCommand<JourneyDecider>(
            .define(ModelJourney.content), to: StreamName(trusting: "journey-\(ModelTalks.journey)"),
            CommandContext(id: ids.next(), time: process.clock.now()))
        guard (try? await journeys.handle(journey)) != nil else { return }
        let handler = CommandHandler<MappingDecider, SimulatedConnection>(
            connection, limits: Self.commands, time: process.clock, random: process.random)
        let commands: [MappingDecider.Command] = [
            .propose(mapping), .validate(version: 1, problems: 0), .activate(version: 1),
        ]
        for command in commands {
            let context = CommandContext(id: ids.next(), time: process.clock.now())
            let stream = StreamName(trusting: "mapping-\(ModelRuns.workflow)")
            guard (try? await handler.handle(StreamCommand(command, to: stream, context))) != nil else { return }
        }
        rules.noteMapped()
    }

    // MARK: Reconciling

    /// Reconciles, and begins anew when other rules are in force.
    func reconcile(_ process: SimulatedProcess) async {
        let connection = SimulatedConnection(process, database) { [audit] in audit.looked(at: $0) }
        await connection.whileCommitting {
            while process.isAlive {
                let known = rules.number
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await serve(process, connection) }
                    group.addTask { while rules.number == known, await rest(process, 200_000...200_000) {} }
                    await group.next()
                    group.cancelAll()
                }
                guard await rest(process, 50_000...300_000) else { return }
            }
        }
    }

    private func serve(_ process: SimulatedProcess, _ connection: SimulatedConnection) async {
        let desk = desk(of: process, connection, actor: StillnessAudit.reconciler)
        let logger = Logger(label: "simulation") { _ in NotingLog(process) }
        let (runSide, talkSide) = (
            ModelRunSide(line: EngineLine(process: process, engine: doors.runs), runs: runs, audit: audit),
            ModelTalkSide(line: EngineLine(process: process, engine: doors.talks), talks: talks, audit: audit)
        )
        let circuit = CircuitLimits(
            failures: 4, firstPause: .milliseconds(300), longestPause: .seconds(3), tryPatience: .seconds(5))
        let engines = Engines(
            workflow: Engine(runSide, name: "runs", limits: circuit, time: process.clock, random: process.random),
            journey: Engine(talkSide, name: "talks", limits: circuit, time: process.clock, random: process.random))
        let courier = Courier(
            desk, to: engines,
            limits: CourseLimits(
                pause: .milliseconds(400), longestPause: .seconds(3),
                tryPatience: world.mutation == .lateOrders ? .zero : Self.tryPatience, silence: .seconds(8)),
            time: process.clock, logger: logger)
        let service = Reconciler(
            connection, desk: desk, courier: courier, listing: connection, leases: connection,
            holder: "\(process.name)#\(process.id.index)",
            limits: ReconcilingLimits(
                quiet: .milliseconds(100), patience: .seconds(1), passInterval: .seconds(4),
                cleanUpInterval: .seconds(2),
                staleAfter: Self.staleAfter, page: 2, concurrency: 3,
                retryPause: .milliseconds(500), lanes: Self.lanes),
            timing: PublishingRoles.timing, time: process.clock, logger: logger)
        do { try await service.run() } catch {
            guard process.isAlive, !Task.isCancelled else { return }
            world.report(Violation(.progress, "\(process.name) stopped: \(error)"))
        }
    }

    private func desk(
        of process: SimulatedProcess, _ connection: SimulatedConnection, actor: String
    ) -> ReconcilingDesk<SimulatedConnection> {
        var limits = Self.ledgerLimits
        if world.mutation == .flapsUncounted { limits.flaps = .max }
        return ReconcilingDesk(
            connection, shelf: PolicyShelf(rules.book, telling: .engines), actor: actor, limits: limits,
            time: process.clock, random: process.random)
    }

    // MARK: People

    /// Settles what waits, takes decisions back, and hands fields over, now and then.
    func decide(_ process: SimulatedProcess) async {
        let connection = SimulatedConnection(process, database)
        await connection.whileCommitting {
            while await rest(process, 300_000...2_500_000) {
                guard rules.isTurmoil else { continue }
                let key = ExecutionKey(
                    workspace: .default,
                    execution: world.roll { ReconcilingStage.executions[$0.below(ReconcilingStage.executions.count)] })
                do throws(DeskFault) { try await decide(key, desk(of: process, connection, actor: process.name)) } catch
                {
                    guard process.isAlive else { return }
                    switch error {
                    case .rejected, .contended: break
                    case .store(let error): if error.isTransient { break }
                    case .unreadable: world.report(Violation(.reconciliation, "\(key.execution): \(error)"))
                    }
                }
            }
        }
    }

    private func decide(
        _ key: ExecutionKey, _ desk: ReconcilingDesk<SimulatedConnection>
    ) async throws(DeskFault) {
        let (choice, side) = world.roll { ($0.below(100), $0.chance(perMille: 500) ? Side.workflow : .journey) }
        switch choice {
        case 0..<60:
            let waiting = try await desk.preview(key).ledger.queue.values.sorted { $0.finding.path < $1.finding.path }
            guard let conflict = waiting.first else { return }
            _ = try await desk.settle(conflict.id, of: key, choice < 25 ? .accept : .take(side))
        case 60..<85:
            guard let receipt = audit.receipts(of: key.execution).last else { return }
            _ = try await desk.flip(receipt, of: key, apart: side == .workflow)
        default:
            _ = try await desk.handOver(
                HandOver(
                    pattern: .data(of: choice < 93 ? .inputs : .variables),
                    owner: choice.isMultiple(of: 2) ? side : nil,
                    because: nil), of: key)
        }
    }

    /// - Returns: `false` when the process is over.
    private func rest(_ process: SimulatedProcess, _ range: ClosedRange<Int>) async -> Bool {
        guard process.isAlive, !Task.isCancelled else { return false }
        let pause = world.roll { $0.duration(range) }
        return await world.scheduler.sleep(for: pause, of: process.id) && process.isAlive
    }
}

/// The rules that are in force, and whether the world is calm.
final class RulesInForce: Sendable {
    private struct State {
        var number: Int
        var isMapped = false
        var isTurmoil = true
    }

    static let policies = [
        policy(1, steps: .furthest, data: .manual), policy(2, steps: .furthest, data: .workflowWins),
        policy(3, steps: .latest, data: .journeyWins), policy(4, steps: .workflowWins, data: .latest),
    ]
    private let state: Mutex<State>

    init(_ number: Int) { state = Mutex(State(number: number)) }

    private static func policy(_ version: Int, steps: Rule, data: Rule) -> Policy {
        Policy(
            name: "model", version: version,
            rules: [
                PolicyRule(.fields(of: .status), .manual, owner: .workflow), PolicyRule(.fields(of: .steps), steps),
                PolicyRule(
                    .data(of: .variables), data, otherwise: version.isMultiple(of: 2) ? .accept : .manual),
                PolicyRule(.data(of: .inputs), data), PolicyRule(.everything, .manual),
            ])
    }

    var number: Int { state.withLock { $0.number } }
    var policy: Policy { Self.policies[number % Self.policies.count] }
    var isMapped: Bool { state.withLock { $0.isMapped } }
    var isTurmoil: Bool { state.withLock { $0.isTurmoil } }

    /// The one policy, for everything.
    var book: PolicyBook { PolicyBook(only: policy) }

    func change() { state.withLock { $0.number += 1 } }
    func noteMapped() { state.withLock { $0.isMapped = true } }
    func calm() { state.withLock { $0.isTurmoil = false } }
}
