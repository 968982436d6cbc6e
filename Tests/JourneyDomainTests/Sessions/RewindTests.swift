import EventModel
import JourneyDomain
import Testing

@Suite("A rewind") struct RewindTests {
    private let events =
        turn(0, trace: "t1", ["refund.ask"]) + turn(7, trace: "t2", ["refund.check"])
        + turn(14, trace: "t3", ["refund.pay"])

    private func rewound(_ from: Int, before: Int? = nil, at seconds: Int = 60) -> JSONValue {
        var rewind: JSONObject = JSONObject()
        rewind["from"] = .number(JSONNumber(from))
        rewind["before"] = before.map { .number(JSONNumber($0)) }
        return [
            "session_id": "s1", "observed_at": .string(moment(seconds).description), "rewound": .object(rewind),
        ]
    }

    private func listing(_ events: [JSONValue], through: Int?) -> JSONValue {
        var listing = JSONObject()
        listing["from"] = 0
        listing["through"] = through.map { .number(JSONNumber($0)) }
        return [
            "session_id": "s1", "observed_at": .string(moment(60).description), "events": .array(events),
            "listing": .object(listing),
        ]
    }

    @Test func `takes back the turns from an offset on, and says which`() throws {
        var session = try Followed([page(events)])
        let news = try session.receive(rewound(7))
        let rewind = SessionRewind(from: 7, before: 21, at: moment(60), turns: ["t2", "t3"], gone: [.completed: 2])
        #expect(news.first == .rewound(rewind))
        #expect(news.compactMap(\.move) == ["-refund/refund.pay", "+refund/refund.ask"])
        #expect(session.state.turnsCompleted == 1 && session.state.deletedOffsets == [7..<21])
    }

    @Test func `is seen in what a complete answer leaves out, and not in a gap of any other`() throws {
        let after = turn(21, trace: "t4", ["refund.check"])
        var partial = try Followed([page(events)])
        #expect(try partial.receive(page(after)).allSatisfy { $0.kind != .rewound })
        var whole = try Followed([page(events)])
        let news = try whole.receive(listing(Array(events[..<7]) + after, through: nil))
        #expect(news.filter { $0.kind == .rewound }.count == 1)
        #expect(whole.state.deletedOffsets == [7..<21] && whole.state.state(in: "refund") == "refund.check")
        #expect(whole.state.turnsCompleted == 2)
    }

    @Test func `of the end is seen when the answer is known to reach it`() throws {
        var session = try Followed([page(events)])
        try session.receive(listing(Array(events[..<14]), through: 20))
        #expect(session.state.deletedOffsets == [14..<21] && session.state.state(in: "refund") == "refund.check")
    }

    @Test func `is seen in an event that says that it is deleted, and its turn is gone with it`() throws {
        var session = try Followed([page(events)])
        let deleted = customerSays(14, "hello", trace: "t3").with("deleted", true)
        let news = try session.receive(page([deleted]))
        #expect(news.map(\.kind) == [.rewound, .stateLeft, .stateEntered])
        #expect(session.state.state(in: "refund") == "refund.check")
    }

    @Test func `noticed before its events arrive keeps them from counting`() throws {
        var session = try Followed([page(Array(events[..<7])), rewound(7, before: 21)])
        let news = try session.receive(page(Array(events[7...])))
        #expect(news.allSatisfy { $0.kind != .stateEntered && $0.kind != .turnCompleted })
        #expect(session.state.eventCount == 21, "what was said is kept")
    }

    @Test func `keeps what a dead turn says later from counting`() throws {
        var session = try Followed([page(Array(events[..<20])), rewound(14, before: 20)])
        let news = try session.receive(page([events[20]]))
        #expect(news.map(\.kind) == [.statusReported])
        #expect(session.state.state(in: "refund") == "refund.check")
    }

    @Test func `told twice, or again as part of a larger one, is told once`() throws {
        var session = try Followed([page(events), rewound(7)])
        #expect(try session.receive(rewound(7, before: 21)).isEmpty)
        #expect(try session.receive(rewound(14, before: 21)).isEmpty)
    }

    @Test func `of everything leaves nothing, and offsets go on`() throws {
        var session = try Followed([page(events), rewound(0)])
        #expect(session.state.positions.isEmpty && session.state.turns.isEmpty)
        try session.receive(page(turn(21, trace: "t4", ["refund.ask"])))
        #expect(session.state.state(in: "refund") == "refund.ask" && session.state.lastOffset == 27)
    }

    /// 14: Parlant cuts its own states off at the turn of the first deleted event, and keeps them when that event is of no turn.
    @Test func `at a custom event leaves the engine where it was`() throws {
        let custom = event(14, "custom", "system", trace: "own", ["type": "note"])
        let after = turn(15, trace: "t3")
        var session = try Followed([page(Array(events[..<14]) + [custom] + after)])
        let path: [(String, String)?] = [("2", "refund.ask"), ("3", "refund.check"), nil]
        let states = (1...3).map { agentState("t\($0)", ["refund": Array(path[..<$0])]) }
        try session.receive(told(states, at: 30))
        #expect(session.state.state(in: "refund") == nil)
        try session.receive(rewound(14))
        #expect(session.state.state(in: "refund") == nil, "the turn is gone, what it did is not")
        #expect(try session.receive(told(states, at: 70)).compactMap(\.move).isEmpty)
        #expect(session.state.turnsCompleted == 2)
    }

    @Test func `at a turn takes the engine back with it, before it is asked and after`() throws {
        var session = try Followed([page(events)])
        let path = [("2", "refund.ask"), ("3", "refund.check"), ("4", "refund.pay")]
        let states = (1...3).map { agentState("t\($0)", ["refund": Array(path[..<$0])]) }
        try session.receive(told(states, at: 30))
        let news = try session.receive(rewound(14))
        #expect(news.compactMap(\.move) == ["-refund/refund.pay", "+refund/refund.check"])
        #expect(try session.receive(told(Array(states[..<2]), at: 70)).compactMap(\.move).isEmpty)
    }

    @Test func `lists so many turns and counts the others`() throws {
        let turns = (0...SessionLimits.listedTurns).flatMap { turn($0 * 7, trace: "t\($0)", ["refund.ask"]) }
        var session = Followed()
        for start in stride(from: 0, to: turns.count, by: SessionLimits.reportedEvents) {
            try session.receive(page(Array(turns[start..<min(start + SessionLimits.reportedEvents, turns.count)])))
        }
        guard case .rewound(let rewind)? = try session.receive(rewound(0)).first else {
            Issue.record("no rewind")
            return
        }
        #expect(
            rewind.turns.count == SessionLimits.listedTurns
                && rewind.gone == [.completed: SessionLimits.listedTurns + 1])
        var resumed = SessionState()
        for fact in session.facts { resumed.apply(fact) }
        #expect(resumed == session.state)
    }
}

extension JSONValue {
    func with(_ key: String, _ value: JSONValue) -> JSONValue {
        guard case .object(var object) = self else { return self }
        object[key] = value
        return .object(object)
    }
}
