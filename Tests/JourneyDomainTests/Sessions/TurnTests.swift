import EventModel
import JourneyDomain
import Testing

@Suite("A turn of Parlant's") struct TurnTests {
    private let ask = "refund.ask"

    @Test func `is not over at an early ready`() throws {
        let events = turn(0, trace: "t1", [ask])
        var session = try Followed([page(Array(events[..<6]))])
        #expect(session.endings.isEmpty && session.state.activity == .open)
        try session.receive(page(Array(events[6...])))
        #expect(session.endings == ["completed"] && session.state.activity == .waiting)
        #expect(session.moves == ["+refund/refund.ask"])
    }

    @Test func `that matched something is completed at once`() throws {
        let session = try Followed([page(turn(0, trace: "t1", [ask]))])
        let completed = TurnCompleted(
            turn: "t1", offset: 6, event: "event-6", positions: [StatePosition(journey: "refund", state: "refund.ask")])
        #expect(session.facts.contains(.turnCompleted(completed)))
    }

    @Test func `whose end matched nothing may still fail, and then nothing has moved`() throws {
        var session = try Followed([page(turn(0, trace: "t1", [ask]))])
        let failing = failure(7, trace: "t2")
        #expect(try session.receive(page(Array(failing[..<3]))).compactMap(\.ending).isEmpty)
        #expect(session.state.activity == .open)
        let news = try session.receive(page([failing[3]]))
        #expect(news.compactMap(\.ending) == ["failed KeyError"] && news.compactMap(\.move).isEmpty)
        #expect(session.state.state(in: "refund") == "refund.ask" && session.state.turnsFailed == 1)
    }

    @Test func `never shows what a server says of its insides`() throws {
        var rich = failure(0, trace: "t1")
        rich.append(
            status(4, "error", trace: "t1", ["traceback": .string(traceback), "note": .string(traceback), "code": 7]))
        for fact in try Followed([page(rich)]).facts {
            let text = String(decoding: ParlantSessionEvent(fact).encoded(), as: UTF8.self)
            #expect(!text.contains("secret") && !text.contains("Traceback"))
        }
    }

    @Test(arguments: [
        ("KeyError: 'journey_id'\n", "KeyError"),
        ("a.b.core.ItemNotFoundError: Item 'x' not found", "ItemNotFoundError"),
        ("GuidelineMatchingBatchError: 'Failed: twice'", "GuidelineMatchingBatchError"), ("no name at all", "error"),
        (String(repeating: "E", count: 200) + "Error: long", "error"), ("asyncio.CancelledError: ", "CancelledError"),
    ])
    func `keeps the name of its error`(_ exception: String, _ name: String) throws {
        #expect(try Followed([page(failure(0, trace: "t1", exception))]).endings == ["failed \(name)"])
    }

    enum Certainty: CaseIterable { case laterEvent, quiet, agentState }

    @Test(arguments: Certainty.allCases)
    func `whose end matched nothing is completed once no error can be meant`(_ certainty: Certainty) throws {
        var session = try Followed([page(turn(0, trace: "t1", journeys: []))])
        #expect(session.endings.isEmpty)
        switch certainty {
        case .laterEvent: try session.receive(page([customerSays(7, "?", trace: "t2")]))
        case .quiet: try session.receive(["session_id": "s1", "quiet_through": 6])
        case .agentState: try session.receive(told([agentState("t1", [:])], at: 60))
        }
        #expect(session.endings == ["completed"])
    }

    @Test func `that was completed and then fails has failed`() throws {
        var session = try Followed([page(turn(0, trace: "t1", journeys: []) + [customerSays(7, "?", trace: "t2")])])
        #expect(session.endings == ["completed"])
        try session.receive(page([status(8, "error", trace: "t1", ["exception": "KeyError: 'x'"])]))
        #expect(session.endings == ["completed", "failed KeyError"])
        guard case .turnFailed(let failed)? = session.facts.last(where: { $0.ending != nil }) else { return }
        #expect(failed.corrected == .completed)
        #expect(session.state.turnsCompleted == 0 && session.state.turnsFailed == 1)
    }

    /// 17: three quick messages. The dead turn goes on talking after the next has begun.
    @Test func `that was cancelled stays so, whatever it says later`() throws {
        let events =
            [
                customerSays(0, "one", trace: "t1"), status(1, "acknowledged", trace: "t1"),
                customerSays(2, "two", trace: "t2"), status(3, "cancelled", trace: "t1"),
                ends(4, trace: "t1", journeys: ["refund"]), status(5, "acknowledged", trace: "t2"),
                status(6, "ready", trace: "t1"),
                status(7, "processing", trace: "t1", ["stage": "Interpreting"]),
            ] + Array(turn(6, trace: "t2", [ask])[2...])
        let session = try Followed([page(events)])
        #expect(session.endings == ["cancelled", "completed"])
        #expect(session.moves == ["+refund/refund.ask"] && session.state.activity == .waiting)
    }

    /// 12: a client can post any status in the engine's name, but not in the trace of a turn.
    @Test(arguments: [
        status(7, "ready", trace: "own", ["stage": "completed"]),
        ends(7, trace: "own", ["refund.refund"], journeys: ["refund"]),
        status(7, "error", trace: "own", ["stage": "sim"]), status(7, "cancelled", trace: "own"),
        status(7, "acknowledged", trace: "own"), status(7, "ready", trace: "own"),
    ])
    func `cannot be forged by a client`(_ forged: JSONValue) throws {
        var session = try Followed([page(turn(0, trace: "t1", [ask]))])
        let news = try session.receive(page([forged]))
        #expect(news.map(\.kind) == [.statusReported])
        #expect(session.state.state(in: "refund") == "refund.ask" && session.state.activity == .waiting)
    }

    @Test func `is not ended by an engine's ready that names no matches`() throws {
        var events = turn(0, trace: "t1", [ask])
        events[6] = status(6, "ready", trace: "t1", ["stage": "completed"])
        #expect(try Followed([page(events)]).endings.isEmpty)
    }

    @Test(arguments: ["customer", "customer_ui", "human_agent", "system"])
    func `is not ended by anybody but the engine`(_ source: String) throws {
        var events = turn(0, trace: "t1", [ask])
        events[6] = status(6, "ready", trace: "t1", matches([ask], journeys: ["refund"]), source: source)
        #expect(try Followed([page(events)]).endings.isEmpty)
    }

    /// 13: a turn can be asked for without a message.
    @Test func `can begin without a message`() throws {
        let session = try Followed([page(Array(turn(0, trace: "t1", [ask])[1...]))])
        #expect(session.endings == ["completed"] && session.moves == ["+refund/refund.ask"])
    }

    /// 09: the agent is gone after a restart; a message is taken, and nothing follows.
    @Test func `that never begins leaves the customer without an answer`() throws {
        let session = try Followed([page(turn(0, trace: "t1", [ask]) + [customerSays(7, "hello?", trace: "t2")])])
        #expect(session.state.activity == .open && session.endings == ["completed"])
    }

    @Test func `is not waited for when a person has answered`() throws {
        let answer = event(
            1, "message", "human_agent", trace: "t2", ["message": "by hand", "participant": ["display_name": "Ann"]])
        let session = try Followed([page([customerSays(0, "hello", trace: "t1"), answer])])
        #expect(session.state.activity == .waiting && session.endings.isEmpty)
    }

    /// 25: two journeys advance in one turn.
    @Test func `names states and journeys in no order that means anything`() throws {
        func end(_ states: [String], _ journeys: [String]) throws -> [SessionFact] {
            let events = turn(0, trace: "t1", states, journeys: journeys)
            return try Followed([page(events)]).facts.filter { $0.ending != nil || $0.move != nil }
        }
        let one = try end(["refund.ask", "claim.check"], ["refund", "claim"])
        let other = try end(["claim.check", "refund.ask"], ["claim", "refund"])
        #expect(one == other)
        #expect(one.compactMap(\.move) == ["+claim/claim.check", "+refund/refund.ask"])
    }

    @Test func `belongs to the journeys that are known to have its states, whatever they are called`() throws {
        var session = try Followed([page(turn(0, trace: "t1", ["x", "y"], journeys: ["a", "b"]))])
        #expect(session.moves == ["+/x"], "whose state it is, nobody knows")
        try session.receive(told([agentState("t1", ["a": [("2", "y")], "b": [("2", "x")]])], at: 60))
        #expect(session.state.state(in: "a") == "y" && session.state.state(in: "b") == "x")
        #expect(session.state.state(in: "") == nil)
    }

    @Test func `names a state that only a guideline names`() throws {
        var events = turn(0, trace: "t1")
        let data: JSONValue = [
            "stage": "completed", "matched_guidelines": [["id": "journey_node:wf:1.ask:u67y"], ["id": "WebN"]],
            "matched_journeys": [["id": "refund"]], "matched_journey_states": [],
        ]
        events[6] = status(6, "ready", trace: "t1", data)
        #expect(try Followed([page(events)]).moves == ["+refund/wf:1.ask"])
    }
}
