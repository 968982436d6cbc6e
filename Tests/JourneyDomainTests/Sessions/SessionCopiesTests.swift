import EventModel
import JourneyDomain
import Testing

@Suite("A bound conversation") struct SessionCopiesTests {
    private var conversation = SessionState()
    private var executions: [String: SessionState] = [:]
    private var causes: [(String, SessionFact.Kind)] = []

    private mutating func decide(_ command: SessionCommand) throws {
        let facts = try ParlantSessionDecider.decide(command, conversation).map(\.fact)
        for fact in facts { conversation.apply(fact) }
        for copy in SessionCopies.copies(of: facts, behind: conversation) {
            let state = executions[copy.execution] ?? SessionState()
            let events = try JourneySessionDecider.decide(.accept(copy.facts), state)
            executions[copy.execution] = JourneySessionDecider.fold(state, events)
            causes += events.map { (copy.execution, $0.fact.kind) }
            #expect(copy.facts.allSatisfy { $0.kind == facts[copy.cause].kind || facts[copy.cause].kind == .bound })
        }
    }

    private mutating func report(_ payloads: JSONValue...) throws {
        let inputs = try payloads.flatMap { try SessionReports.read($0, receivedAt: noon).flatMap(\.inputs) }
        try decide(.report(inputs))
    }

    private func bind(_ execution: String, _ journeys: [String] = []) -> SessionCommand {
        .bind(SessionBinding(execution: execution, session: "s1", journeys: journeys))
    }

    @Test mutating func `opens the execution's stream with where it stands`() throws {
        try report(page(turn(0, trace: "t1", ["refund.ask"])))
        try decide(bind("e1", ["refund"]))
        let execution = try #require(executions["e1"])
        #expect(execution.state(in: "refund") == "refund.ask")
        let history = try #require(execution.bindings.first?.history)
        #expect(history.messages == 2 && history.turnsCompleted == 1 && history.lastOffset == 6)
        #expect(history.positions == [StatePosition(journey: "refund", state: "refund.ask")])
        #expect(causes.map(\.1) == [.bound, .stateEntered], "what was said stays where it is")
    }

    @Test mutating func `tells the execution who is to speak, whenever it is bound`() throws {
        try report(page(turn(0, trace: "t1", ["refund.ask"])))
        try decide(bind("e1", ["refund"]))
        let answered = try #require(executions["e1"]?.bindings.first?.history)
        #expect(answered.askedOffset == 0 && answered.answeredOffset == 6 && answered.turnsCancelled == 0)
        try report(page([customerSays(7, "and?", trace: "t2")]))
        try decide(bind("e2", ["claim"]))
        let asked = try #require(executions["e2"]?.bindings.first?.history)
        #expect(asked.askedOffset == 7 && asked.answeredOffset == 6)
    }

    @Test mutating func `a binding of before this was told is read`() throws {
        let old: JSONValue = [
            "execution": "e1", "engine": "parlant", "session": "s1", "journeys": [], "subject": "session:s1",
            "history": [
                "positions": [], "mode": .null, "messages": 2, "turnsCompleted": 1, "turnsFailed": 0, "lastOffset": 6,
            ],
        ]
        let event = try JourneySessionEvent(
            payload: PayloadReader(old), type: EventType(trusting: "journey_session.bound"), schemaVersion: 1)
        guard case .bound(let binding) = event.fact else {
            Issue.record("\(event)")
            return
        }
        #expect(binding.history?.lastOffset == 6 && binding.history?.answeredOffset == nil)
    }

    @Test mutating func `tells the execution what is said and where it goes, and no progress`() throws {
        try decide(bind("e1"))
        try report(page(turn(0, trace: "t1", ["refund.ask"]) + failure(7, trace: "t2")))
        #expect(
            causes.map(\.1) == [
                .bound, .messagePosted, .messagePosted, .turnCompleted, .stateEntered, .messagePosted, .turnFailed,
            ])
        let execution = try #require(executions["e1"])
        #expect(execution.positions == conversation.positions && execution.turns == conversation.turns)
        #expect(execution.activity == conversation.activity && execution.messages == conversation.messages)
    }

    @Test mutating func `tells each execution of its own journeys`() throws {
        try decide(bind("e1", ["refund"]))
        try decide(bind("e2", ["claim"]))
        try report(page(turn(0, trace: "t1", ["refund.ask", "claim.check"], journeys: ["refund", "claim"])))
        #expect(executions["e1"]?.positions == ["refund": "refund.ask"])
        #expect(executions["e2"]?.positions == ["claim": "claim.check"])
        guard case .completed(let turn)? = executions["e1"]?.turns["t1"] else {
            Issue.record("no turn")
            return
        }
        #expect(turn.positions.map(\.journey) == ["refund"])
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    mutating func `and its execution agree, whatever comes when`(_ seed: UInt64) throws {
        try decide(bind("e1"))
        for payload in ConvergenceTests.shuffled(ConvergenceTests.eventful, seed: seed) { try report(payload) }
        try report([
            "session_id": "s1", "observed_at": .string(moment(99).description), "rewound": ["from": 36, "before": 43],
        ])
        let execution = try #require(executions["e1"])
        #expect(execution.positions == conversation.positions && execution.turns == conversation.turns, "seed \(seed)")
        #expect(execution.mode == conversation.mode && execution.deletedOffsets == conversation.deletedOffsets)
    }

    @Test mutating func `is accepted once`() throws {
        try report(page(turn(0, trace: "t1", ["refund.ask"])))
        let facts = try ParlantSessionDecider.decide(bind("e1"), conversation).map(\.fact)
        for fact in facts { conversation.apply(fact) }
        let copy = try #require(SessionCopies.copies(of: facts, behind: conversation).first)
        let events = try JourneySessionDecider.decide(.accept(copy.facts), SessionState())
        let state = JourneySessionDecider.fold(SessionState(), events)
        #expect(try JourneySessionDecider.decide(.accept(copy.facts), state).isEmpty)
        let other = SessionFact.bound(SessionBinding(execution: "e1", session: "s2"))
        #expect(throws: SessionRejection.anotherSession(known: "s1", reported: "s2")) {
            try JourneySessionDecider.decide(.accept([other]), state)
        }
    }
}
