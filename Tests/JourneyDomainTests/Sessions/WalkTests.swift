import EventModel
import JourneyDomain
import Testing

@Suite("The way of a conversation through its journeys") struct WalkTests {
    private let ask = "refund.ask"
    private let check = "refund.check"

    /// 05: waiting for approval is the same state once more.
    @Test func `stands still when a turn names the same state again`() throws {
        let session = try Followed([page(turn(0, trace: "t1", [ask]) + turn(7, trace: "t2", [ask]))])
        #expect(session.moves == ["+refund/refund.ask"] && session.endings.count == 2)
    }

    /// 04: two rounds.
    @Test func `comes back in a loop`() throws {
        let events = turn(0, trace: "t1", [ask]) + turn(7, trace: "t2", [check]) + turn(14, trace: "t3", [ask])
        let session = try Followed([page(events)])
        let round: [(String, String)?] = [("2", ask), ("3", check), ("2", ask)]
        var told = session
        let news = try told.receive(
            JourneyDomainTests.told((1...3).map { agentState("t\($0)", ["refund": Array(round[..<$0])]) }, at: 60))
        #expect(
            session.moves == [
                "+refund/refund.ask", "-refund/refund.ask", "+refund/refund.check", "-refund/refund.check",
                "+refund/refund.ask",
            ])
        #expect(news.compactMap(\.move).isEmpty)
    }

    /// 01: after the end the journey is still named, without a state; its path ends in null, then is [null].
    @Test func `leaves a journey when it is named without a state`() throws {
        var session = try Followed([page(turn(0, trace: "t1", [ask]) + turn(7, trace: "t2"))])
        #expect(session.moves == ["+refund/refund.ask", "-refund/refund.ask"])
        let states = [
            agentState("t1", ["refund": [("2", ask)]]), agentState("t2", ["refund": [("2", ask), nil]]),
            agentState("t3", ["refund": [nil]]),
        ]
        #expect(try session.receive(told(states, at: 60)).compactMap(\.move).isEmpty)
    }

    /// 02: an inactive journey begins anew.
    @Test func `begins a journey anew after it was inactive`() throws {
        var session = try Followed([page(turn(0, trace: "t1", [ask]) + turn(7, trace: "t2"))])
        try session.receive(told([agentState("t2", ["refund": [nil]])], at: 10))
        try session.receive(page(turn(14, trace: "t3", [check])))
        #expect(session.state.state(in: "refund") == "refund.check")
    }

    /// 07: the journey's condition is not matched, its state is.
    @Test func `stays in a journey while the talk is of something else`() throws {
        let session = try Followed([
            page(
                turn(0, trace: "t1", [ask]) + turn(7, trace: "t2", journeys: []) + [customerSays(14, "?", trace: "t3")])
        ])
        #expect(session.moves == ["+refund/refund.ask"] && session.endings.count == 2)
    }

    /// 06: no turn names the root; only the path knows.
    @Test func `stands at the root as long as the path says so`() throws {
        var session = try Followed([page(turn(0, trace: "t1"))])
        #expect(session.moves.isEmpty)
        try session.receive(told([agentState("t1", ["refund": [("1", "root")]])], at: 7))
        try session.receive(page(turn(7, trace: "t2")))
        #expect(session.state.state(in: "refund") == "root", "a turn without a state says nothing about a root")
        try session.receive(page(turn(14, trace: "t3", [check])))
        #expect(session.moves == ["+refund/root", "-refund/root", "+refund/refund.check"])
    }

    /// 16: a forced path counts at once, and the turn after it honours it.
    @Test func `goes where it is forced`() throws {
        var session = try Followed([page(turn(0, trace: "t1", [ask]))])
        let first = agentState("t1", ["refund": [("2", ask)]])
        let forward = agentState("bridge", ["refund": [("2", ask), ("3", check)]])
        let back = agentState("bridge", ["refund": [("2", ask)]])
        let out = agentState("bridge", ["refund": [("2", ask), nil]])
        #expect(
            try session.receive(told([first, forward], at: 10)).compactMap(\.move)
                == ["-refund/refund.ask", "+refund/refund.check"])
        #expect(
            try session.receive(told([first, forward, back], at: 11)).compactMap(\.move)
                == ["-refund/refund.check", "+refund/refund.ask"])
        #expect(
            try session.receive(told([first, forward, back, out], at: 12)).compactMap(\.move) == ["-refund/refund.ask"])
    }

    @Test func `can be forced before the first turn`() throws {
        var session = try Followed([told([agentState("bridge", ["refund": [("2", ask), ("3", check)]])], at: 0)])
        #expect(session.moves == ["+refund/refund.check"])
        try session.receive(page(turn(0, trace: "t1", [check])))
        #expect(session.moves == ["+refund/refund.check"])
    }

    /// 24: the journey was deleted and created again under the same id; the path stayed.
    @Test func `goes on when a journey is created again under its id`() throws {
        var session = try Followed([page(turn(0, trace: "t1", [ask]))])
        try session.receive(told([agentState("t1", ["refund": [("2", ask)]])], at: 7))
        #expect(try session.receive(told([agentState("t1", ["refund": [("2", ask)]])], at: 8)).isEmpty)
        try session.receive(page(turn(14, trace: "t2", [check])))
        #expect(session.state.state(in: "refund") == "refund.check")
    }

    @Test func `ignores an answer that is older than the last`() throws {
        var session = try Followed([told([agentState("bridge", ["refund": [("3", check)]])], at: 10)])
        #expect(
            try session.receive(told([agentState("bridge", ["refund": [("2", ask)]])], at: 9)).allSatisfy {
                $0.move == nil
            })
        #expect(session.state.state(in: "refund") == "refund.check")
    }
}

@Suite("A structural edit under a live conversation") struct RenumberingTests {
    private let before = [("1", "root"), ("2", "refund.ask"), ("3", "refund.check")]
    private let edit: JSONValue = [
        "session_id": "s1", "observed_at": .string(moment(20).description),
        "renumbered": [
            "journey": "refund",
            "states": ["1": "root", "2": "refund.greet", "3": "refund.ask", "4": "refund.check"],
        ],
    ]

    /// 15: the stored indexes stay and mean other states.
    @Test func `does not move it, though the engine believes that it stands elsewhere`() throws {
        var session = try Followed([page(turn(0, trace: "t1", ["refund.ask"]) + turn(7, trace: "t2", ["refund.check"]))]
        )
        try session.receive(
            told(
                [
                    agentState("t1", ["refund": [before[1]]]), agentState("t2", ["refund": [before[1], before[2]]]),
                ], at: 15))
        #expect(session.state.engineState(in: "refund") == "refund.check")
        let news = try session.receive(edit)
        #expect(news.map(\.kind) == [.journeyRenumbered])
        #expect(session.state.state(in: "refund") == "refund.check")
        #expect(session.state.engineState(in: "refund") == "refund.ask")
    }

    @Test func `does not mislead a reader who asks for the path only afterwards`() throws {
        var session = try Followed([page(turn(0, trace: "t1", ["refund.ask"])), edit])
        let now = agentState("t1", ["refund": [("2", "refund.greet")]])
        #expect(try session.receive(told([now], at: 30)).compactMap(\.move).isEmpty)
        #expect(session.state.state(in: "refund") == "refund.ask")
        #expect(session.state.engineState(in: "refund") == "refund.greet")
    }

    @Test func `makes an index of the time before it worthless where no turn names the state`() throws {
        var session = try Followed([page(turn(0, trace: "t1")), edit])
        let news = try session.receive(told([agentState("t1", ["refund": [("3", "refund.ask")]])], at: 30))
        #expect(news.compactMap(\.move).isEmpty && session.state.state(in: "refund") == nil)
    }

    @Test func `reads an older index by the numbering of its time`() throws {
        let numbering: JSONValue = [
            "session_id": "s1",
            "renumbered": [
                "journey": "refund", "since": .string(noon.description),
                "states": ["1": "root", "2": "refund.ask", "3": "refund.check"],
            ],
        ]
        var session = try Followed([numbering, page(turn(0, trace: "t1")), edit])
        try session.receive(told([agentState("t1", ["refund": [("3", "refund.ask")]])], at: 30))
        #expect(session.state.state(in: "refund") == "refund.check")
    }

    @Test func `is repaired by forcing the path by the ids of states`() throws {
        var session = try Followed([page(turn(0, trace: "t1", ["refund.ask"])), edit])
        let path = [("2", "refund.greet"), ("3", "refund.ask")]
        let states = [agentState("t1", ["refund": [path[0]]]), agentState("bridge", ["refund": path])]
        try session.receive(told(states, at: 30))
        #expect(session.state.state(in: "refund") == "refund.ask")
        #expect(session.state.engineState(in: "refund") == "refund.ask")
    }

    @Test func `told twice is told once`() throws {
        var session = try Followed([edit])
        #expect(try session.receive(edit).isEmpty)
    }
}
