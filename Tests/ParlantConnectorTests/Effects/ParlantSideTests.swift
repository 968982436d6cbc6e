import Connecting
import EventModel
import FoundationEssentials
import HTTPDriver
import Reconciliation
import Testing

@testable import ParlantConnector

@Suite("The side of Parlant") struct ParlantSideTests {
    typealias Script = RequesterTests.Script
    typealias Outcome = Result<HTTPAnswer, HTTPFault>

    static func errand(_ action: Effect.Action, session: String? = "s", premise: Effect.Premise? = nil) -> Errand {
        Errand(
            effect: Effect(
                id: UUID(), action: action, fields: [], resolutions: [], attempt: 1,
                deadline: Timestamp(microseconds: 0), premise: premise),
            workspace: .default, execution: "ex", workflow: nil, session: session)
    }

    static let entering = errand(.enter(journey: "j", state: ElementID("b"), from: ElementID("a")))
    static let beginning = errand(.enter(journey: "j", state: ElementID("b"), from: nil))
    static let leaving = errand(.leave(journey: "j", from: ElementID("a")))
    static let telling = errand(
        .tell(Effect.Told(values: ["amount": 3], inputs: ["ask": ["ok": true]])))
    static let all = [entering, leaving, telling]
    static let ofRuns: [Effect.Action] = [
        .close, .cancel, .resume(block: ElementID("b"), context: "c", input: .null),
    ]

    static func answer(_ status: Int, _ body: JSONValue = [:]) -> Outcome { RequesterTests.answer(status, body) }

    /// A session at this way through the journey `j`: numbers of the engine, and the states that they stand for now.
    static func stands(_ indexes: JSONValue?, _ states: JSONValue = [], busy: Bool = false) -> Outcome {
        let path = indexes.map { indexes -> JSONValue in
            ["trace_id": "t", "journey_paths": ["j": ["indexes": indexes, "node_ids": states]]]
        }
        return answer(
            200,
            [
                "session_id": "s", "agent_id": "a", "customer_id": "c", "mode": "auto", "busy": .bool(busy),
                "next_offset": 7, "last_trace_id": path == nil ? .null : "t",
                "agent_states": .array(path.map { [$0] } ?? []),
            ])
    }

    static let atA = stands(["1"], ["a"])
    static let atB = stands(["1", "2"], ["a", "b"])
    static let left = stands(["1", .null], ["a", .null])
    static let nowhere = stands(nil)

    static func event(_ offset: Int, telling errand: Errand? = nil) -> JSONValue {
        let data: JSONValue =
            errand.map { ["lockstep": ["effect": .string($0.effect.id.uuidString.lowercased())]] } ?? ["message": "hi"]
        return ["id": "e", "offset": .number(JSONNumber(offset)), "kind": "custom", "data": data]
    }

    static func side(_ script: Script) -> ParlantSide {
        ParlantSide(ParlantConnector(exchange: script, settings: ParlantSettings(attempts: 1), time: NoTime()))
    }

    func carryOut(_ errand: Errand, _ outcomes: [Outcome]) async -> ErrandAnswer {
        await Self.side(Script(outcomes)).carryOut(errand)
    }

    func probe(_ errand: Errand, _ outcomes: [Outcome]) async -> ProbeAnswer {
        await Self.side(Script(outcomes)).probe(errand)
    }

    /// The path that is forced when a session stands there.
    func forced(_ errand: Errand, from state: Outcome) async throws -> JSONValue? {
        let script = Script([state, Self.atB])
        #expect(await Self.side(script).carryOut(errand) == .done)
        #expect(script.asked.map(\.method) == [.get, .post])
        return try JSONValue(try #require(script.asked.last?.body))["journey_paths"]?["j"]
    }

    @Test func `it can be told what Parlant can be told`() {
        #expect(Self.side(Script([])).capabilities == .parlant)
    }

    // MARK: places

    @Test func `a state is entered behind the way so far, if the session is where it was seen`() async throws {
        let script = Script([Self.atA, Self.atB])
        #expect(await Self.side(script).carryOut(Self.entering) == .done)
        #expect(
            script.asked.map(\.target) == [
                "/lockstep/sessions/s/state?states=20&wait=0", "/lockstep/sessions/s/state?states=20&wait=0",
            ])
        #expect(script.asked.map(\.method) == [.get, .post])
        let order = try JSONValue(try #require(script.asked.last?.body))
        #expect(order == ["journey_paths": ["j": ["a", "b"]], "expected_offset": 7, "expected_trace": "t"])
    }

    @Test func `a session that has not begun is taken to the state, and expected not to have begun`() async throws {
        let script = Script([Self.nowhere, Self.atB])
        #expect(await Self.side(script).carryOut(Self.beginning) == .done)
        let order = try JSONValue(try #require(script.asked.last?.body))
        #expect(order == ["journey_paths": ["j": ["b"]], "expected_offset": 7, "expected_trace": .null])
    }

    @Test func `a journey that was left is entered again, without the leaving in the middle of its way`() async throws {
        #expect(try await forced(Self.beginning, from: Self.left) == ["a", "b"])
    }

    @Test func `a way with a step that no state has any more is not said again`() async throws {
        #expect(try await forced(Self.entering, from: Self.stands(["9", "1"], [.null, "a"])) == ["b"])
        #expect(try await forced(Self.leaving, from: Self.stands(["9", "1"], [.null, "a"])) == [.null])
    }

    @Test(arguments: [left, nowhere, stands(["3"], ["c"]), stands(["1", "9"], ["a", .null])])
    func `a conversation that stands elsewhere than when that was decided is left where it is`(_ state: Outcome) async {
        let script = Script([state])
        guard case .movedOn = await Self.side(script).carryOut(Self.entering) else {
            Issue.record("it was moved")
            return
        }
        #expect(script.asked.map(\.method) == [.get])
    }

    @Test func `a journey is left at the end of the way so far`() async throws {
        #expect(try await forced(Self.leaving, from: Self.atA) == ["a", .null])
    }

    @Test(arguments: [
        (entering, atB), (leaving, left), (leaving, nowhere), (leaving, stands([], [])),
    ]) func `what is so already is done without an order`(_ errand: Errand, _ state: Outcome) async {
        let script = Script([state])
        #expect(await Self.side(script).carryOut(errand) == .done)
        #expect(script.asked.map(\.method) == [.get])
        #expect(await probe(errand, [state]) == .found)
    }

    @Test(arguments: [
        (entering, atA), (entering, left), (entering, nowhere), (leaving, atA), (leaving, stands(["9"], [.null])),
    ]) func `what is not so was not done`(_ errand: Errand, _ state: Outcome) async {
        #expect(await probe(errand, [state]) == .absent)
    }

    @Test(arguments: [stands(["1"], ["a"], busy: true), stands(["2"], ["b"], busy: true)])
    func `while a turn is under way nothing is ordered, and the place before it is not believed`(_ state: Outcome)
        async
    {
        let script = Script([state])
        #expect(await Self.side(script).carryOut(Self.entering) == .notNow(because: "a turn is under way"))
        #expect(script.asked.count == 1)
    }

    @Test func `a turn that begins between the look and the order leaves it for later`() async {
        let busy = Self.answer(409, ["error": "turn_in_progress"])
        #expect(
            await carryOut(Self.entering, [Self.atA, busy])
                == .notNow(because: "a turn is under way"))
    }

    @Test func `a session that moves between the look and the order is left, to be looked at anew`() async {
        let moved = Self.answer(409, ["error": "moved_on", "next_offset": 8, "last_trace_id": "u"])
        #expect(
            await carryOut(Self.entering, [Self.atA, moved])
                == .notNow(because: "the conversation has just moved"))
    }

    @Test(arguments: [
        answer(422, ["error": "invalid", "problems": [["code": "unknown_node", "place": "p", "detail": "no node"]]]),
        answer(404, ["error": "not_found", "kind": "journey", "id": "j"]), answer(400, ["detail": "no"]),
    ]) func `a state that cannot be reached is refused`(_ outcome: Outcome) async {
        guard case .refused = await carryOut(Self.entering, [Self.atA, outcome]) else {
            Issue.record("not refused")
            return
        }
    }

    @Test(arguments: ["", "a/b"]) func `what is no id of a journey is refused`(_ journey: String) async {
        let script = Script([])
        guard
            case .refused = await Self.side(script).carryOut(
                Self.errand(.leave(journey: journey, from: ElementID("a"))))
        else {
            Issue.record("asked")
            return
        }
        #expect(script.asked.isEmpty)
    }

    // MARK: messages

    @Test func `data are told once, under the name of the effect`() async throws {
        let script = Script([Self.answer(200, [Self.event(0)]), Self.answer(201, Self.event(1))])
        #expect(await Self.side(script).carryOut(Self.telling) == .done)
        #expect(
            script.asked.map(\.target) == [
                "/sessions/s/events?min_offset=0&wait_for_data=0", "/sessions/s/events",
            ])
        let body = try JSONValue(try #require(script.asked.last?.body))
        #expect(body["kind"] == "custom")
        #expect(
            body["data"] == [
                "lockstep": [
                    "effect": .string(Self.telling.effect.id.uuidString.lowercased()), "values": ["amount": 3],
                    "inputs": ["ask": ["ok": true]],
                ]
            ])
    }

    private static func behind(_ offset: Int) -> Errand {
        errand(.tell(Effect.Told(values: ["amount": 3])), premise: .heard(through: offset))
    }

    @Test
    func `what is told is looked for behind what was heard when it was decided, before it is told and afterwards`()
        async throws
    {
        let script = Script([Self.answer(200, []), Self.answer(201, Self.event(41)), Self.answer(200, [])])
        let errand = Self.behind(40)
        #expect(await Self.side(script).carryOut(errand) == .done)
        #expect(await Self.side(script).probe(errand) == .absent)
        #expect(
            script.asked.map(\.target) == [
                "/sessions/s/events?min_offset=41&wait_for_data=0", "/sessions/s/events",
                "/sessions/s/events?min_offset=41&wait_for_data=0",
            ])
    }

    @Test(arguments: [Int.max, -1, -40, .min]) func `an offset that is none is looked behind all the same`(
        _ offset: Int
    )
        async
    {
        let script = Script([Self.answer(200, [Self.event(0)])])
        #expect(await Self.side(script).probe(Self.behind(offset)) == .absent)
        #expect(script.asked.map(\.target) == ["/sessions/s/events?min_offset=0&wait_for_data=0"])
    }

    @Test(arguments: all)
    func `of a session that says more than can be read nobody can tell, now or ever, and nothing is ordered`(
        _ errand: Errand
    ) async {
        let script = Script([.failure(.tooLarge(limit: 1))])
        guard case .refused = await Self.side(script).carryOut(errand),
            case .untellable = await probe(errand, [.failure(.tooLarge(limit: 1))])
        else {
            Issue.record("it is asked for again and again")
            return
        }
        #expect(script.asked.map(\.method) == [.get])
    }

    @Test func `what there is nothing of is not told`() async throws {
        let script = Script([Self.answer(200, []), Self.answer(201, Self.event(1))])
        let errand = Self.errand(.tell(Effect.Told()))
        #expect(await Self.side(script).carryOut(errand) == .done)
        #expect(
            try JSONValue(try #require(script.asked.last?.body))["data"]
                == ["lockstep": ["effect": .string(errand.effect.id.uuidString.lowercased())]])
    }

    @Test func `data that were told are not told again`() async {
        let script = Script([Self.answer(200, [Self.event(0), Self.event(4, telling: Self.telling)])])
        #expect(await Self.side(script).carryOut(Self.telling) == .done)
        #expect(script.asked.map(\.method) == [.get])
    }

    @Test(arguments: [true, false]) func `what was told is looked for over all pages`(_ isThere: Bool) async {
        let many = (0...ParlantLimits.eventsPerPage).map { Self.event($0) }
        let rest = Self.event(ParlantLimits.eventsPerPage, telling: isThere ? Self.telling : Self.entering)
        let script = Script([Self.answer(200, .array(many)), Self.answer(200, [rest])])
        #expect(await Self.side(script).probe(Self.telling) == (isThere ? .found : .absent))
        #expect(
            script.asked.map(\.target) == [
                "/sessions/s/events?min_offset=0&wait_for_data=0",
                "/sessions/s/events?min_offset=\(ParlantLimits.eventsPerPage)&wait_for_data=0",
            ])
    }

    @Test(arguments: [answer(200, []), answer(504), answer(200, [event(0)]), answer(200, [event(3, telling: leaving)])])
    func `what only others have told was not told`(_ events: Outcome) async {
        #expect(await probe(Self.telling, [events]) == .absent)
    }

    @Test func `events that look like an effect and are none are passed over`() async {
        let id = Self.telling.effect.id.uuidString.lowercased()
        let odd: [JSONValue] = [
            .null, "lockstep", ["lockstep": .string(id)], ["lockstep": ["effect": [.string(id)]]],
            ["message": .string(#"{"lockstep":{"effect":"\#(id)"}}"#)],
        ]
        let events = odd.enumerated().map { at, data -> JSONValue in
            ["id": "e", "offset": .number(JSONNumber(at)), "data": data]
        }
        #expect(await probe(Self.telling, [Self.answer(200, .array(events))]) == .absent)
    }

    // MARK: what cannot be done

    static let looks: [(Errand, Outcome)] = [(entering, atA), (leaving, atA), (telling, answer(200, []))]
    static let silences: [Outcome] = [
        .failure(.timedOut(after: .seconds(1))), .failure(.brokenOff(reason: "x")), answer(500), answer(504),
        .success(HTTPAnswer(status: 200, body: Array("{".utf8))), .failure(.tooLarge(limit: 1)),
    ]

    @Test(arguments: looks, silences) func `an order whose answer says nothing is in doubt`(
        _ look: (errand: Errand, outcome: Outcome), _ silence: Outcome
    ) async {
        guard case .unknown = await carryOut(look.errand, [look.outcome, silence]) else {
            Issue.record("taken for known")
            return
        }
    }

    @Test(
        arguments: all,
        [
            Outcome.failure(.timedOut(after: .seconds(1))), .failure(.brokenOff(reason: "x")),
            .failure(.unreachable(reason: "x")), answer(500), answer(503), answer(429), answer(302), answer(401),
            answer(403), answer(404, ["detail": "Not Found"]), answer(200, "nonsense"),
            .success(HTTPAnswer(status: 200, body: Array("{".utf8))),
        ]) func `a look that comes to nothing leaves an order that was not given`(_ errand: Errand, _ outcome: Outcome)
        async
    {
        // Of events, 404 says that the session is gone, whoever says it.
        if errand == Self.telling, outcome == Self.answer(404, ["detail": "Not Found"]) { return }
        let script = Script([outcome])
        guard case .unavailable = await Self.side(script).carryOut(errand),
            case .unavailable = await probe(errand, [outcome])
        else {
            Issue.record("given up, or in doubt")
            return
        }
        #expect(script.asked.count == 1)
    }

    @Test(arguments: looks) func `an order that nobody has taken may be given again`(
        _ errand: Errand, _ look: Outcome
    ) async {
        guard case .unavailable = await carryOut(errand, [look, .failure(.unreachable(reason: "x"))]) else {
            Issue.record("given up, or in doubt")
            return
        }
    }

    @Test(arguments: all) func `of a session that is gone everything is refused, and nothing can be told`(
        _ errand: Errand
    ) async {
        let gone = Self.answer(404, ["error": "not_found", "kind": "session", "id": "s"])
        let because = ParlantError.notFound(.session("s")).reason
        #expect(await carryOut(errand, [gone]) == .refused(because: because))
        #expect(await probe(errand, [gone]) == .untellable(because: because))
    }

    @Test(arguments: all) func `without a session nothing is asked, nor of one that cannot be asked for`(
        _ errand: Errand
    ) async {
        let script = Script([])
        for session in [nil, "", "a/b", String(repeating: "x", count: 10_000)] {
            let odd = Self.errand(errand.effect.action, session: session)
            guard case .refused = await Self.side(script).carryOut(odd),
                case .untellable = await Self.side(script).probe(odd)
            else {
                Issue.record("asked")
                return
            }
        }
        #expect(script.asked.isEmpty)
    }

    @Test(arguments: ofRuns) func `what runs do no conversation does`(_ action: Effect.Action) async {
        let script = Script([])
        let errand = Self.errand(action)
        #expect(await Self.side(script).carryOut(errand) == .refused(because: "no conversation does that"))
        #expect(await Self.side(script).probe(errand) == .untellable(because: "no conversation does that"))
        #expect(script.asked.isEmpty)
    }
}
