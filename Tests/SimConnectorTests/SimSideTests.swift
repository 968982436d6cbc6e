import Connecting
import EventModel
import EventSourcing
import FoundationEssentials
import HTTPDriver
import Reconciliation
import Synchronization
import Testing
import WorkflowDomain

@testable import SimConnector
@testable import SimStandIn

@Suite("The side of Sim") struct SimSideTests {
    static func errand(
        _ action: Effect.Action, run: String = "r", workflow: String? = "refund", premise: Effect.Premise? = nil,
        orderBy: Timestamp? = nil
    ) -> Errand {
        Errand(
            effect: Effect(
                id: UUID(), action: action, fields: [], resolutions: [], attempt: 1,
                deadline: Timestamp(microseconds: 0), premise: premise),
            workspace: .default, execution: run, workflow: workflow, session: nil, orderBy: orderBy)
    }

    static func resuming(_ context: String, run: String = "r", workflow: String? = "refund") -> Errand {
        errand(.resume(block: ElementID("ask"), context: context, input: ["ok": true]), run: run, workflow: workflow)
    }

    static let cancelling = errand(.cancel)
    static let orders = [resuming("c"), cancelling]
    static let ofConversations: [Effect.Action] = [
        .enter(journey: "j", state: ElementID("a"), from: nil), .leave(journey: "j", from: "a"), .close,
        .tell(Effect.Told()),
    ]
    static let open = says(shows("pending", pause("c"), workflow: "refund"))
    static let receipt = says(["data": ["runId": "r", "statusUrl": "http://sim/r"]], 202)

    static func state(_ status: String, _ paused: JSONValue = .null) -> Result<HTTPAnswer, HTTPFault> {
        says(shows(status, paused, workflow: "refund"))
    }

    func carryOut(_ errand: Errand, _ outcomes: [Result<HTTPAnswer, HTTPFault>]) async throws -> ErrandAnswer {
        await SimSide(try Script(outcomes).connector(attempts: 1)).carryOut(errand)
    }

    func probe(_ errand: Errand, _ outcomes: [Result<HTTPAnswer, HTTPFault>]) async throws -> ProbeAnswer {
        await SimSide(try Script(outcomes).connector(attempts: 1)).probe(errand)
    }

    @Test func `it can be told what Sim can be told`() throws {
        #expect(SimSide(try Script([]).connector()).capabilities == .sim)
    }

    // MARK: resume

    @Test func `a run that waits is resumed, goes on, and is found to have been`() async throws {
        try await StandInServer.running { server in
            let (side, errand) = (SimSide(server.connector), Self.resuming(try await server.waiting()))
            #expect(await side.probe(errand) == .absent)
            #expect(await side.carryOut(errand) == .done)
            #expect(try await server.connector.run("r", of: "refund").status == .completed)
            #expect(await side.probe(errand) == .found)
        }
    }

    @Test func `what a run is resumed with is what the effect says`() async throws {
        let script = Script([Self.open, Self.receipt])
        #expect(await SimSide(try script.connector()).carryOut(Self.resuming("c")) == .done)
        #expect(script.asked.map(\.method) == [.get, .post])
        #expect(script.asked[1].body == Array(#"{"contextId":"c","input":{"ok":true}}"#.utf8))
    }

    @Test func `a run that was resumed has moved on`() async throws {
        try await StandInServer.running { server in
            let (side, errand) = (SimSide(server.connector), Self.resuming(try await server.waiting()))
            #expect(await side.carryOut(errand) == .done)
            #expect(
                await side.carryOut(errand) == .movedOn(because: SimError.notWaiting(.completed).reason))
        }
        #expect(
            try await carryOut(Self.resuming("c"), [Self.state("running")])
                == .movedOn(because: SimError.alreadyResumed(context: "c").reason))
    }

    @Test func `a run that waits elsewhere has moved on, and waits there still`() async throws {
        try await StandInServer.running { server in
            let context = try await server.waiting()
            let answer = await SimSide(server.connector).carryOut(Self.resuming("another"))
            #expect(answer == .movedOn(because: SimError.alreadyResumed(context: "another").reason))
            #expect(try await server.connector.standing(of: context, in: "r", of: "refund") == .open)
        }
    }

    @Test func `a run that was cancelled while it waited has moved on, and nobody can tell whether it was resumed`()
        async throws
    {
        try await StandInServer.running { server in
            let (side, errand) = (SimSide(server.connector), Self.resuming(try await server.waiting()))
            _ = try await server.connector.cancel("r", of: "refund")
            #expect(await side.carryOut(errand) == .movedOn(because: SimError.notWaiting(.cancelled).reason))
            guard case .untellable = await side.probe(errand) else {
                Issue.record("told")
                return
            }
        }
    }

    @Test func `a run that waits at several places is left to Sim, which cannot be asked afterwards`() async throws {
        let several = Self.state("pending", pause("d", points: 2))
        #expect(try await carryOut(Self.resuming("c"), [several, Self.receipt]) == .done)
        guard case .untellable = try await probe(Self.resuming("c"), [several]) else {
            Issue.record("told")
            return
        }
    }

    @Test func `what was taken by somebody else between the look and the order has moved on`() async throws {
        #expect(
            try await carryOut(Self.resuming("c"), [Self.open, refuses(409), Self.state("running")])
                == .movedOn(because: SimError.alreadyResumed(context: "c").reason))
    }

    @Test func `an order whose answer is lost is unknown, and is found afterwards`() async throws {
        try await StandInServer.running { server in
            let errand = Self.resuming(try await server.waiting())
            let side = SimSide(try server.connector(breakingOrders: "drop_after_doing"))
            guard case .unknown = await side.carryOut(errand) else {
                Issue.record("known")
                return
            }
            #expect(await side.probe(errand) == .found)
        }
    }

    @Test func `an order that was lost on its way is unknown, and is not found afterwards`() async throws {
        try await StandInServer.running { server in
            let errand = Self.resuming(try await server.waiting())
            let side = SimSide(try server.connector(breakingOrders: "drop_before_doing"))
            guard case .unknown = await side.carryOut(errand) else {
                Issue.record("known")
                return
            }
            #expect(await side.probe(errand) == .absent)
            #expect(await SimSide(server.connector).carryOut(errand) == .done)
        }
    }

    @Test func `an order that Sim fails at is unknown, and may be given again when it is not found`() async throws {
        try await StandInServer.running { server in
            let (side, errand) = (SimSide(server.connector), Self.resuming(try await server.waiting()))
            try await server.control(.post, "fail_resumes", ["times": 1])
            guard case .unknown = await side.carryOut(errand) else {
                Issue.record("known")
                return
            }
            #expect(await side.probe(errand) == .absent)
            #expect(await side.carryOut(errand) == .done)
        }
    }

    // MARK: cancel

    @Test func `a run is cancelled once, and is cancelled when it was`() async throws {
        try await StandInServer.running { server in
            _ = try await server.waiting()
            let side = SimSide(server.connector)
            #expect(await side.probe(Self.cancelling) == .absent)
            #expect(await side.carryOut(Self.cancelling) == .done)
            #expect(try await server.connector.run("r", of: "refund").status == .cancelled)
            #expect(await side.carryOut(Self.cancelling) == .done)
            #expect(await side.probe(Self.cancelling) == .found)
        }
    }

    @Test func `a run that has completed cannot be cancelled, and was not`() async throws {
        try await StandInServer.running { server in
            _ = try await server.connector.execute("plain", as: "r", waiting: true)
            let (side, errand) = (SimSide(server.connector), Self.errand(.cancel, workflow: "plain"))
            #expect(await side.carryOut(errand) == .movedOn(because: "the run is over: it is completed"))
            #expect(await side.probe(errand) == .absent)
        }
    }

    @Test func `a cancellation whose answer is lost is given again`() async throws {
        let recorded = says(["data": ["runId": "r", "success": true, "reason": "recorded"]])
        let script = Script([Self.open, .failure(.brokenOff(reason: "x")), recorded])
        #expect(await SimSide(try script.connector()).carryOut(Self.cancelling) == .done)
        #expect(script.asked.map(\.method) == [.get, .post, .post])
    }

    @Test func `a run that ends between the look and the order has moved on`() async throws {
        let ended = says(["data": ["runId": "r", "success": false, "reason": "already_completed"]])
        #expect(
            try await carryOut(Self.cancelling, [Self.open, ended]) == .movedOn(because: "the run has completed before")
        )
    }

    // MARK: what was decided against

    static func against(_ status: ExecutionStatus, _ waits: String...) -> Errand {
        errand(.cancel, premise: .run(status, waits: waits))
    }

    @Test func `a run that somebody resumed since is not cancelled, until that is decided anew`() async throws {
        try await StandInServer.running { server in
            let first = try await server.waiting(workflow: "twice")
            func decided(_ premise: Effect.Premise?) -> Errand {
                Self.errand(.cancel, workflow: "twice", premise: premise)
            }
            _ = try await server.connector.resume("r", of: "twice", at: first)
            let second = try #require(try await server.connector.run("r", of: "twice").pause?.context)
            let side = SimSide(server.connector)
            let answer = await side.carryOut(decided(.run(.waiting, waits: [first])))
            #expect(answer == .movedOn(because: "the run was resumed since"))
            #expect(try await server.connector.standing(of: second, in: "r", of: "twice") == .open)
            #expect(await side.carryOut(decided(.run(.waiting, waits: [second]))) == .done)
            #expect(try await server.connector.run("r", of: "twice").status == .cancelled)
        }
    }

    // MARK: Too late

    private static let busy = refuses(503)
    private static let resume = Effect.Action.resume(block: ElementID("ask"), context: "c", input: .null)

    @Test(arguments: [(Effect.Action.cancel, 1), (resume, 1)])
    func `what is over its time is not ordered at all, and may be as good as ever`(
        _ action: Effect.Action, _ looks: Int
    )
        async throws
    {
        let (script, clock) = (Script([Self.open, Self.receipt]), DozingClock(for: .seconds(100)))
        let answer = await SimSide(try script.connector(time: clock)).carryOut(
            Self.errand(action, orderBy: clock.now()))
        guard case .unavailable = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(script.asked.map(\.method) == [HTTPRequest.Method](repeating: .get, count: looks))
    }

    @Test(arguments: [(Effect.Action.cancel, [open, busy, receipt]), (resume, [open, busy, receipt])])
    func
        `whoever stands still between two tries does not order behind its time, and nobody knows what the first has done`(
            _ action: Effect.Action, _ outcomes: [Result<HTTPAnswer, HTTPFault>]
        ) async throws
    {
        let (script, clock) = (Script(outcomes), DozingClock(for: .seconds(100)))
        let errand = Self.errand(action, orderBy: clock.now().advanced(by: .seconds(99)))
        let answer = await SimSide(try script.connector(time: clock)).carryOut(errand)
        guard case .unknown = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(script.asked.count == outcomes.count - 1)
        // In time it is tried again.
        let (again, patient) = (Script(outcomes), DozingClock(for: .seconds(98)))
        _ = await SimSide(try again.connector(time: patient)).carryOut(errand)
        #expect(again.asked.count == outcomes.count)
    }

    @Test func `what was decided before it was recorded against what is held to the end of the run alone`() async throws
    {
        try await StandInServer.running { server in
            _ = try await server.connector.resume(
                "r", of: "twice", at: try await server.waiting(workflow: "twice"))
            #expect(await SimSide(server.connector).carryOut(Self.errand(.cancel, workflow: "twice")) == .done)
        }
    }

    static let recorded = says(["data": ["runId": "r", "success": true, "reason": "recorded"]])

    @Test(arguments: [
        (against(.running), state("running")), (against(.running), state("pending", pause("c"))),
        (against(.queued), state("running")), (against(.waiting), state("pending", pause("c"))),
        (against(.waiting, "c"), state("pending", pause("c"))), (against(.paused, "c"), state("paused", pause("c"))),
        (against(.waiting, "c", "d"), state("pending", pause("d", points: 5, resumed: 3))),
        // Sim names another of several: nothing shows that it was resumed.
        (against(.waiting, "c"), state("pending", pause("d", points: 3, resumed: 1))),
    ]) func `a run that stands as it did, or went on by itself, is cancelled`(
        _ errand: Errand, _ state: Result<HTTPAnswer, HTTPFault>
    ) async throws {
        let script = Script([state, Self.recorded])
        #expect(await SimSide(try script.connector()).carryOut(errand) == .done)
        #expect(script.asked.map(\.method) == [.get, .post])
    }

    private static let nameless: JSONValue = ["contextId": .null, "pausePointCount": 1, "resumedCount": 0]

    @Test(arguments: [
        (against(.waiting, "c"), state("running")), (against(.waiting), state("running")),
        (against(.paused, "c"), state("running")), (against(.waiting, "c"), state("pending", pause("d"))),
        (against(.waiting, "c"), state("queued")), (against(.waiting, "c"), state("pending", nameless)),
        (against(.waiting), state("pending", nameless)),
        (against(.running, "c"), state("running")),
        (against(.waiting, "c", "d"), state("pending", pause("c", points: 2, resumed: 1))),
        (against(.waiting, "c", "d"), state("pending", pause("d", points: 2, resumed: 1))),
        (against(.waiting, "c"), state("completed")), (against(.waiting, "c"), state("failed")),
        (against(.running), state("redacting")), (cancelling, state("redacting")), (cancelling, state("failed")),
    ]) func `a run that was resumed or has ended since has moved on, and nothing is ordered`(
        _ errand: Errand, _ state: Result<HTTPAnswer, HTTPFault>
    ) async throws {
        let script = Script([state, Self.recorded])
        guard case .movedOn = await SimSide(try script.connector()).carryOut(errand) else {
            Issue.record("it was cancelled")
            return
        }
        #expect(script.asked.map(\.method) == [.get])
    }

    @Test func `a run that is cancelled is cancelled, whatever was decided against, and nothing is ordered`()
        async throws
    {
        let script = Script([Self.state("cancelled")])
        #expect(await SimSide(try script.connector()).carryOut(Self.against(.waiting, "c")) == .done)
        #expect(script.asked.map(\.method) == [.get])
    }

    @Test(arguments: [
        ("queued", ProbeAnswer.absent), ("pending", .absent), ("running", .absent), ("paused", .absent),
        ("completed", .absent), ("failed", .absent), ("cancelled", .found),
        ("redacting", .untellable(because: "the run is over, and Sim does not say how it ended")),
    ]) func `only a run that is cancelled was cancelled`(_ status: String, _ answer: ProbeAnswer) async throws {
        #expect(try await probe(Self.cancelling, [Self.state(status)]) == answer)
    }

    @Test func `a cancellation of which Sim is not sure is unknown`() async throws {
        let unsure = says(["data": ["runId": "r", "success": false, "reason": "redis_unavailable"]])
        guard case .unknown = try await carryOut(Self.cancelling, [Self.open, unsure]) else {
            Issue.record("known")
            return
        }
    }

    // MARK: what cannot be done

    @Test(arguments: orders) func `of a run that is not there everything is refused, and nothing can be told`(
        _ errand: Errand
    )
        async throws
    {
        try await StandInServer.running { server in
            let side = SimSide(server.connector)
            let because = SimError.notFound(.run("r")).reason
            #expect(await side.carryOut(errand) == .refused(because: because))
            #expect(await side.probe(errand) == .untellable(because: because))
        }
    }

    @Test(arguments: orders) func `with a wrong key nothing happens, and may later`(_ errand: Errand) async throws {
        try await StandInServer.running(key: "another") { server in
            let side = SimSide(server.connector)
            #expect(await side.carryOut(errand) == .unavailable(because: SimError.unauthorized.reason))
            #expect(await side.probe(errand) == .unavailable(because: SimError.unauthorized.reason))
        }
    }

    @Test(arguments: orders) func `with the server away nothing happens, and may later`(_ errand: Errand) async throws {
        try await StandInServer.running(attempts: 1) { server in
            try await server.breaks("drop_before_doing")
            _ = await refusal { () async throws(SimError) in _ = try await server.connector.runs(of: "refund") }
            try await server.door.close()
            let side = SimSide(server.connector)
            guard case .unavailable = await side.carryOut(errand), case .unavailable = await side.probe(errand) else {
                Issue.record("somebody answered")
                return
            }
        }
    }

    @Test(arguments: [
        refuses(429), refuses(503), refuses(402), refuses(403), tells("", 302, type: nil),
        tells("<html>", 404, type: "text/html"),
    ]) func `what keeps the server from taking an order leaves it as good as ever`(
        _ outcome: Result<HTTPAnswer, HTTPFault>
    ) async throws {
        guard case .unavailable = try await carryOut(Self.cancelling, [outcome]),
            case .unavailable = try await carryOut(Self.cancelling, [Self.open, outcome]),
            case .unavailable = try await carryOut(Self.resuming("c"), [Self.open, outcome, Self.open])
        else {
            Issue.record("given up, or in doubt")
            return
        }
    }

    @Test(arguments: [
        tells("{"), tells("<html>", type: "text/html"), says(["data": [:]]),
        says(shows("running", run: "another", workflow: "refund")), says(shows("unheard_of", workflow: "refund")),
        .failure(.timedOut(after: .seconds(1))), .failure(.brokenOff(reason: "x")),
    ]) func `a look that comes to nothing leaves an order that was not given`(
        _ outcome: Result<HTTPAnswer, HTTPFault>
    ) async throws {
        guard case .unavailable = try await carryOut(Self.resuming("c"), [outcome]),
            case .unavailable = try await carryOut(Self.cancelling, [outcome]),
            case .unavailable = try await probe(Self.resuming("c"), [outcome]),
            case .unavailable = try await probe(Self.cancelling, [outcome])
        else {
            Issue.record("given up, or in doubt")
            return
        }
    }

    @Test(arguments: [
        tells("{"), tells("<html>", type: "text/html"), .failure(.timedOut(after: .seconds(1))),
        .failure(.brokenOff(reason: "x")), .failure(.tooLarge(limit: 1)), refuses(500), tells("", 504, type: nil),
    ]) func `an order whose answer says nothing is in doubt`(_ outcome: Result<HTTPAnswer, HTTPFault>) async throws {
        guard case .unknown = try await carryOut(Self.cancelling, [Self.open, outcome]),
            case .unknown = try await carryOut(Self.resuming("c"), [Self.open, outcome])
        else {
            Issue.record("taken for known")
            return
        }
    }

    @Test(arguments: orders) func `without a workflow nothing is asked`(_ errand: Errand) async throws {
        let script = Script([])
        let side = SimSide(try script.connector())
        let nameless = Errand(
            effect: errand.effect, workspace: .default, execution: "r", workflow: nil, session: "s")
        guard case .refused = await side.carryOut(nameless), case .untellable = await side.probe(nameless) else {
            Issue.record("asked")
            return
        }
        #expect(script.asked.isEmpty)
    }

    @Test(arguments: ofConversations) func `what conversations do no run does`(_ action: Effect.Action) async throws {
        let script = Script([])
        let side = SimSide(try script.connector())
        #expect(await side.carryOut(Self.errand(action)) == .refused(because: "no run does that"))
        #expect(await side.probe(Self.errand(action)) == .untellable(because: "no run does that"))
        #expect(script.asked.isEmpty)
    }

    @Test(arguments: ["", "..", "a/b", "ü", String(repeating: "x", count: 10_000)])
    func `an execution that cannot be the id of a run is refused, and never looked for`(_ run: String) async throws {
        let script = Script([])
        let side = SimSide(try script.connector())
        for errand in [Self.resuming("c", run: run), Self.errand(.cancel, run: run)] {
            guard case .refused = await side.carryOut(errand), case .untellable = await side.probe(errand) else {
                Issue.record("asked")
                return
            }
        }
        #expect(script.asked.isEmpty)
    }
}

extension StandInServer {
    /// A connector of whose orders, and only of those, the stand-in loses each in this way.
    fileprivate func connector(breakingOrders kind: String) throws -> SimConnector {
        SimConnector(
            exchange: BreakingOrders(server: self, kind: kind),
            settings: try SimSettings(baseURL: "http://127.0.0.1:\(port)", apiKey: Self.key))
    }
}

/// Has the stand-in fail at each order, right before it is passed on.
private struct BreakingOrders: HTTPExchange {
    let server: StandInServer
    let kind: String

    func send(_ request: HTTPRequest, within timeout: Duration, atMost limit: Int) async throws(HTTPFault) -> HTTPAnswer
    {
        if request.method != .get {
            do { try await server.breaks(kind) } catch { throw .unreachable(reason: "the stand-in cannot be told") }
        }
        return try await server.exchange.send(request, within: timeout, atMost: limit)
    }
}

/// A clock of a process that stands still for so long whenever it pauses.
private final class DozingClock: Timekeeper {
    private let moment = Mutex(Timestamp(microseconds: 1_770_000_000_000_000))
    private let doze: Duration

    init(for doze: Duration) { self.doze = doze }

    func now() -> Timestamp { moment.withLock { $0 } }
    func steady() -> Duration { .zero }
    func sleep(for duration: Duration) async throws(CancellationError) {
        moment.withLock { $0 = $0.advanced(by: doze) }
    }
}
