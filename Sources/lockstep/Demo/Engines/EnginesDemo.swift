import EventModel
import EventSourcing
import JourneyDomain
import KafkaDriver
import ParlantConnector
import PostgresDriver
import Reconciler
import Reconciliation
import SimConnector

/// What the engines' part of the demonstration works with.
struct DemoEngineOptions: Sendable {
    /// With the roles that it needs, and both engines.
    let settings: Deployment
    let executions: Int
    let seed: UInt64
    let policies: DemoPolicies
    /// What verbs have to be told to find this log.
    let arguments: [String]

    static let range = 1...1_000
    static let usual = 40
}

/// Many executions on two engines at once, under conditions as bad as they get, until both sides of each are together.
struct EnginesDemo: Sendable {
    /// The workflow of the demonstration that asks a person.
    static let workflowFile = "demo_refund_export.json"
    /// Blocks of it: where it asks, what comes next, and where it does not come when the answer is yes.
    private static let (asks, goesOn, elsewhere) = (ElementID("approve"), ElementID("pay"), ElementID("declined"))

    let options: DemoEngineOptions
    let kafka: KafkaSettings
    let conversion: DemoConversion
    let report: DemoReport

    private var settings: Deployment { options.settings }

    /// - Returns: what people may ask afterwards; `nil` when there is nothing to ask about.
    func run() async throws -> DemoLastWords? {
        guard let sim = settings.sim, let parlant = settings.parlant else { return nil }
        report.heading(
            "Two engines at work on \(options.executions) executions, and every way between them is bad")
        return try await DemoEngines.connected(sim, parlant) { engines in
            guard try await areStandIns(engines) else { return nil }
            return try await run(engines, at: parlant)
        }
    }

    /// Nothing is done to engines that somebody works with.
    private func areStandIns(_ engines: DemoEngines) async throws -> Bool {
        for control in [engines.atSim, engines.atParlant] {
            guard try await !control.isStandIn() else { continue }
            report.check(
                "the engines are stand-ins, which may be broken", false,
                "what answers as \(control.engine) is none, and is left alone; tools/demo starts stand-ins")
            return false
        }
        return true
    }

    private func run(_ engines: DemoEngines, at parlant: ParlantServerSettings) async throws -> DemoLastWords {
        let book = try PolicyBook.read([options.policies.inForce])
        let (outcome, took) = try await ReconcilingRoom.with(
            settings.database, policies: book, actor: DemoImports.actor
        ) { room in
            let start = try await room.log.head().position
            try await push(engines.parlant, at: parlant.name, room)
            return try await DemoServing(settings: settings).run {
                try await play(engines, room, after: start)
            }
        }
        check(outcome, took)
        try await ask(engines, outcome.cases)
        return DemoLastWords(
            settings: settings.database, arguments: options.arguments, policies: options.policies,
            disputed: zip(outcome.stories, outcome.cases).filter { $0.0.isDisputed }.map(\.1.run))
    }

    /// The journey that the conversations are about.
    private func push(_ connector: ParlantConnector, at server: String, _ room: ReconcilingRoom) async throws {
        let pushing = JourneyPushing(
            connector: connector, server: server, log: room.log, workspace: .default, actor: DemoImports.actor)
        let permissions = PushPlan.Permissions(overwrites: true, recreates: true)
        let outcome = try await pushing.push(conversion.mapping.journeyID, permissions, isDryRun: false)
        if case .failure(let refusal) = outcome.plan.step {
            throw refusal.failure(conversion.mapping.journeyID, at: server)
        }
    }

    private func play(
        _ engines: DemoEngines, _ room: ReconcilingRoom, after start: GlobalPosition
    ) async throws -> (DemoPlay, took: Duration) {
        let script = DemoScript(executions: options.executions, seed: options.seed)
        var play = DemoPlay(
            script, try cases(), on: engines, room, after: start, seed: options.seed,
            screen: DemoScreen(isShown: !report.asJSON))
        _ = try await kafka.inboundTopic.prepare()
        let producer = try KafkaProducer(kafka.kafka)
        let took = try await play.run(to: producer, kafka.inboundNames.inbound, on: settings.database)
        try await producer.close(timeout: .seconds(10))
        return (play, took)
    }

    /// Ids that no run of the demonstration before had.
    private func cases() throws -> [DemoCase] {
        let stamp = String(SystemTimekeeper().now().milliseconds / 100, radix: 36)
        let states = conversion.mapping.statesByBlock
        guard let asks = states[Self.asks]?.first, let goesOn = states[Self.goesOn]?.first,
            let elsewhere = states[Self.elsewhere]?.first
        else {
            throw Failure(
                .internal, "the journey of \(Self.workflowFile) lacks states of its blocks",
                hint: "build the program from a complete checkout")
        }
        return (1...options.executions).map { number in
            DemoCase(
                run: "demo-\(stamp)-\(number)", workflow: conversion.mapping.workflowID,
                journey: conversion.mapping.journeyID, asks: asks, goesOn: goesOn, elsewhere: elsewhere)
        }
    }

    // MARK: What must be so

    private func check(_ play: DemoPlay, _ took: Duration) {
        let tally = play.tally
        let left = zip(play.cases, tally.looks).filter { $0.1.standing != .ended }.map(\.0.run)
        report.check(
            "\(tally.looks.count) executions went on at both engines at once and are over on both sides", left.isEmpty,
            left.isEmpty
                ? "in \(DemoTally.seconds(took)) s; engines were away \(play.absences) times; of \(play.wire.sent) messages from Sim \(play.wire.repeated) came twice and \(play.wire.overtaken) behind a later one"
                : "not over: \(left.prefix(5).joined(separator: ", ")); see `lockstep reconcile run --dry-run --execution \(left[0])`"
        )
        report.check(
            "\(tally.everApart.count) of them came apart, at most \(tally.mostApart) at a time, and none is now: the drift is zero",
            tally.apart == 0 && !tally.everApart.isEmpty,
            tally.apart == 0
                ? "\(tally.ledger.decisions) decisions; \(Counted.of(tally.ledger.asked, "conflict")) left to a person, \(play.settled) settled so, the rest none any more"
                : "apart: \(tally.apart), the longest for \(DemoTally.seconds(tally.drift(at: took))) s")
        report.check(
            "no effect is left open", tally.ledger.requested == tally.ledger.ended && tally.ledger.requested > 0,
            "\(tally.ledger.ended) of \(tally.ledger.requested) have ended")
    }

    /// What the engines themselves say, past the log.
    private func ask(_ engines: DemoEngines, _ cases: [DemoCase]) async throws {
        var flaws: [String] = []
        var runs: [String: Int] = [:]
        for one in cases {
            let run = try await engines.sim.run(one.run, of: one.workflow)
            runs[run.status.rawValue, default: 0] += 1
            guard let session = one.session else {
                flaws.append("\(one.run) has no session")
                continue
            }
            let path = try await engines.parlant.state(of: session).paths[one.journey]
            let isOutside = path.map { $0.current == nil } ?? true
            if !run.isOver || !isOutside {
                flaws.append("\(one.run): Sim says \(run.status.rawValue), Parlant \(path?.current?.text ?? "outside")")
            }
        }
        report.check(
            "asked directly, Sim and Parlant say so themselves: every run is over, and every conversation has left it",
            flaws.isEmpty,
            flaws.first
                ?? runs.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
                + "; \(cases.count) conversations outside of the journey")
    }
}
