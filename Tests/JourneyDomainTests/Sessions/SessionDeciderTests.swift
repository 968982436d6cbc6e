import EventModel
import JourneyDomain
import Testing

@Suite("The rule of a session") struct SessionDeciderTests {
    private typealias Decider = ParlantSessionDecider

    private func inputs(_ payloads: [JSONValue]) throws -> [SessionInput] {
        try payloads.flatMap { try SessionReports.read($0, receivedAt: noon).flatMap(\.inputs) }
    }

    private func state(_ payloads: [JSONValue], _ commands: [SessionCommand] = []) throws -> SessionState {
        var state = Decider.fold(
            Decider.initialState, try Decider.decide(.report(inputs(payloads)), Decider.initialState))
        for command in commands { state = Decider.fold(state, try Decider.decide(command, state)) }
        return state
    }

    private func binding(_ execution: String, _ journeys: [String] = []) -> SessionCommand {
        .bind(SessionBinding(execution: execution, session: "s1", journeys: journeys))
    }

    @Test func `makes events of what is new, once`() throws {
        let command = SessionCommand.report(try inputs([page(ConvergenceTests.eventful)]))
        let events = try Decider.decide(command, Decider.initialState)
        #expect(!events.isEmpty)
        let after = Decider.fold(Decider.initialState, events)
        #expect(try Decider.decide(command, after).isEmpty)
        #expect(after == (try Followed([page(ConvergenceTests.eventful)])).state)
    }

    @Test func `goes on from the log as if it had never stopped`() throws {
        for cut in stride(from: 0, through: ConvergenceTests.eventful.count, by: 5) {
            let first = try state([page(Array(ConvergenceTests.eventful[..<cut]))])
            let rest = SessionCommand.report(try inputs([page(Array(ConvergenceTests.eventful[cut...]))]))
            let whole = Decider.fold(first, try Decider.decide(rest, first))
            #expect(whole == (try state([page(ConvergenceTests.eventful)])))
        }
    }

    @Test func `lets an execution claim a session, once`() throws {
        let bound = try state([page(turn(0, trace: "t1", ["refund.ask"]))], [binding("exec-1")])
        #expect(bound.bindings.map(\.execution) == ["exec-1"])
        #expect(try Decider.decide(binding("exec-1"), bound).isEmpty)
        #expect(throws: SessionRejection.alreadyBound(journey: nil, execution: "exec-1")) {
            try Decider.decide(binding("exec-2"), bound)
        }
        #expect(throws: SessionRejection.boundDifferently(execution: "exec-1", journeys: [])) {
            try Decider.decide(binding("exec-1", ["refund"]), bound)
        }
    }

    @Test func `lets executions share a session that walks several journeys`() throws {
        let bound = try state([], [binding("exec-1", ["refund"]), binding("exec-2", ["claim"])])
        #expect(bound.binding(of: "claim")?.execution == "exec-2" && bound.binding(of: "other") == nil)
        #expect(throws: SessionRejection.alreadyBound(journey: "claim", execution: "exec-2")) {
            try Decider.decide(binding("exec-3", ["other", "claim"]), bound)
        }
        #expect(throws: SessionRejection.alreadyBound(journey: "refund", execution: "exec-1")) {
            try Decider.decide(binding("exec-3"), bound)
        }
    }

    @Test func `refuses another event under a known id`() throws {
        let known = try state([page([customerSays(0, "hello", trace: "t1")])])
        let others = [
            customerSays(1, "hello", trace: "t1").with("id", "event-0"), customerSays(0, "hello", trace: "t2"),
            event(0, "custom", "customer", trace: "t1", 1),
        ]
        for other in others {
            #expect(throws: SessionRejection.self) { try Decider.decide(.report(inputs([page([other])])), known) }
        }
    }

    @Test func `takes changed metadata of a known event as news, and only that`() throws {
        let custom = event(0, "custom", "system", trace: "c", ["a": 1], metadata: ["seq": 1])
        let known = try state([page([custom])])
        let amended = custom.with("metadata", ["seq": 1, "acked": true])
        let events = try Decider.decide(.report(inputs([page([amended, amended, custom])])), known)
        #expect(events.map(\.type.rawValue) == ["parlant_session.event_amended"])
        let hidden = custom.with("data", ["a": 2])
        #expect(try Decider.decide(.report(inputs([page([hidden])])), known).isEmpty)
    }

    @Test func `closes a session once, and goes on reading what is still reported`() throws {
        let closing = SessionClosing(reason: .executionEnded, at: noon)
        let closed = try state([page([customerSays(0, "hello", trace: "t1")])], [.close(closing)])
        #expect(closed.activity == .closed)
        #expect(try Decider.decide(.close(SessionClosing(reason: .requested, at: noon)), closed).isEmpty)
        #expect(try Decider.decide(.report(inputs([page(turn(7, trace: "t2", ["a"]))])), closed).count > 7)
        #expect(throws: SessionRejection.closed(.executionEnded)) { try Decider.decide(binding("exec-1"), closed) }
        let deleted = try state([["session_id": "s1", "deleted": true]])
        #expect(deleted.closing?.reason == .deleted)
    }

    @Test func `tells the mode when it changes, and believes the later answer`() throws {
        func mode(_ mode: String, _ seconds: Int) -> JSONValue {
            ["session_id": "s1", "mode": .string(mode), "observed_at": .string(moment(seconds).description)]
        }
        #expect(try state([mode("auto", 1), mode("manual", 2), mode("manual", 3)]).mode == .manual)
        #expect(try state([mode("manual", 2), mode("auto", 1)]).mode == .manual)
        let events = try Decider.decide(
            .report(inputs([mode("auto", 1), mode("auto", 2), mode("manual", 3)])), Decider.initialState)
        #expect(events.map(\.type.rawValue) == ["parlant_session.mode_changed", "parlant_session.mode_changed"])
    }

    @Test func `describes a session again only when it is described differently`() throws {
        func session(_ title: String, _ consumed: Int, _ seconds: Int) -> JSONValue {
            [
                "session_id": "s1", "observed_at": .string(moment(seconds).description),
                "session": [
                    "id": "s1", "agent_id": "a", "customer_id": "cust-1", "mode": "auto", "title": .string(title),
                    "labels": ["b", "a"], "metadata": [:],
                    "consumption_offsets": ["client": .number(JSONNumber(consumed))],
                ],
            ]
        }
        let events = try Decider.decide(
            .report(inputs([session("one", 0, 1), session("one", 5, 2), session("two", 5, 3), session("one", 5, 1)])),
            Decider.initialState)
        #expect(events.map(\.type.rawValue) == ["parlant_session.described", "parlant_session.described"])
        let other = session("one", 0, 4).with("session_id", "s2").with(
            "session", try #require(session("one", 0, 4)["session"]).with("id", "s2"))
        #expect(throws: SessionRejection.anotherSession(known: "s1", reported: "s2")) {
            try Decider.decide(.report(inputs([other])), try state([session("one", 0, 1)]))
        }
    }

    @Test func `knows whose data it is`() throws {
        func subjects(_ payloads: [JSONValue]) throws -> Set<String> {
            var subjects: Set<String> = []
            for event in try Decider.decide(.report(inputs(payloads)), Decider.initialState) {
                if case .reported(let event) = event.fact { subjects.insert(event.subject) }
            }
            return subjects
        }
        let described: JSONValue = ["id": "s1", "agent_id": "a", "customer_id": "cust-1"]
        #expect(try subjects([described, page(turn(0, trace: "t1"))]) == ["customer:cust-1"])
        #expect(try subjects([page([customerSays(0, "x", trace: "t", customer: "cust-2")])]) == ["customer:cust-2"])
        #expect(try subjects([described.with("customer_id", "guest"), page(turn(0, trace: "t1"))]) == ["session:s1"])
        let long = String(repeating: "c", count: 195)
        #expect(try subjects([page([customerSays(0, "x", trace: "t", customer: long)])]) == ["session:s1"])
    }
}
