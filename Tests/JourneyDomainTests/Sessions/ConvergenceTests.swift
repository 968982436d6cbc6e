import EventModel
import EventSourcingTesting
import JourneyDomain
import Testing

/// Reports come in another order, and again, and lead to the same state.
@Suite("A session") struct ConvergenceTests {
    /// Everything that can happen to turns, in one conversation.
    static let eventful: [JSONValue] =
        turn(0, trace: "t1", ["refund.ask"]) + failure(7, trace: "t2") + turn(11, trace: "t3", ["refund.check"])
        + [
            event(18, "custom", "system", trace: "c1", ["type": "note"]),
            customerSays(19, "one", trace: "t4"), status(20, "acknowledged", trace: "t4"),
            customerSays(21, "two", trace: "t5"), status(22, "cancelled", trace: "t4"),
            ends(23, trace: "t4", journeys: ["refund"]), status(24, "acknowledged", trace: "t5"),
            status(25, "ready", trace: "t4"), status(26, "processing", trace: "t4"),
            ends(27, trace: "t5", ["refund.pay"], journeys: ["refund"]),
            ends(28, trace: "forged", ["refund.ask"], journeys: ["refund"]),
        ] + turn(29, trace: "t6", journeys: []) + turn(36, trace: "t7", ["refund.ask"])
        + [event(50, "tool", "ai_agent", trace: "t7", ["tool_calls": []])]

    /// The events one by one in a random order, some of them more than once.
    static func shuffled(_ events: [JSONValue], seed: UInt64, of session: String = "s1") -> [JSONValue] {
        var random = SplitMix64(seed: seed)
        let repeated = events + events.filter { _ in Bool.random(using: &random) }
        return repeated.shuffled(using: &random).map { page([$0], of: session) }
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `is the same in whatever order its events come, and however often`(_ seed: UInt64) throws {
        let inOrder = try Followed([page(Self.eventful)])
        let session = try Followed(Self.shuffled(Self.eventful, seed: seed))
        #expect(session.state == inOrder.state, "seed \(seed)")
        #expect(session.state.state(in: "refund") == "refund.ask")
        #expect(inOrder.endings.filter { $0 != "completed" } == ["failed KeyError", "cancelled"])
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `is the same wherever among its events a rewind is noticed`(_ seed: UInt64) throws {
        let rewind: JSONValue = [
            "session_id": "s1", "observed_at": .string(moment(99).description), "rewound": ["from": 11, "before": 36],
        ]
        let inOrder = try Followed([page(Self.eventful), rewind])
        var payloads = Self.shuffled(Self.eventful, seed: seed)
        var random = SplitMix64(seed: seed &+ 1)
        payloads.insert(rewind, at: Int.random(in: 0...payloads.count, using: &random))
        let session = try Followed(payloads)
        #expect(session.state == inOrder.state, "seed \(seed)")
        #expect(session.state.state(in: "refund") == "refund.ask")
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `is what its facts say, at every point`(_ seed: UInt64) throws {
        var session = Followed()
        var state = SessionState()
        for payload in Self.shuffled(Self.eventful, seed: seed) {
            for fact in try session.receive(payload) { state.apply(fact) }
            #expect(state == session.state, "seed \(seed)")
        }
    }

    @Test func `learns nothing from what it knows`() throws {
        var session = try Followed([page(Self.eventful)])
        #expect(try session.receive(page(Self.eventful)).isEmpty)
        #expect(try session.receive(page(Self.eventful.reversed())).isEmpty)
    }

    @Test(arguments: Recordings.names)
    func `of the real server is the same in whatever order its events come`(_ name: String) throws {
        let recording = try Recordings.read(name)
        for (index, session) in recording.sessions.enumerated() {
            let events = recording.events(of: session)
            let inOrder = try Followed(events.map { page([$0], of: session) })
            for seed in 1...3 as ClosedRange<UInt64> {
                let shuffled = Self.shuffled(events, seed: seed &+ UInt64(index), of: session)
                #expect(try Followed(shuffled).state == inOrder.state, "\(name) \(session) seed \(seed)")
            }
        }
    }

    @Test(arguments: Recordings.names)
    func `of the real server is what its facts say when they are read back`(_ name: String) throws {
        let recording = try Recordings.read(name)
        for session in recording.sessions {
            let followed = try Followed(recording.payloads(of: session))
            var state = SessionState()
            for fact in followed.facts {
                let stored = ParlantSessionEvent(fact)
                let read = try ParlantSessionEvent(
                    decoding: stored.encoded(), type: stored.type, schemaVersion: stored.schemaVersion)
                #expect(read.fact.payloadBytes == fact.payloadBytes)
                state.apply(read.fact)
            }
            #expect(state.positions == followed.state.positions && state.turns == followed.state.turns)
            #expect(state.activity == followed.state.activity && state.lastOffset == followed.state.lastOffset)
        }
    }
}

extension SessionFact {
    var payloadBytes: [UInt8] { ParlantSessionEvent(self).encoded() }
}

@Suite("What Parlant reports") struct LosslessTests {
    /// What was reported, and what the stored events give back.
    private func compare(_ events: [JSONValue], of session: String) throws {
        let followed = try Followed([page(events, of: session)])
        var restored: [String: JSONValue] = [:]
        for fact in followed.facts {
            let stored = ParlantSessionEvent(fact)
            let read = try ParlantSessionEvent(
                decoding: stored.encoded(), type: stored.type, schemaVersion: stored.schemaVersion)
            guard case .reported(let event) = read.fact else { continue }
            restored[event.envelope.id] = event.parlantValue
        }
        for event in events {
            let id = try #require(event["id"]?.string)
            #expect(
                restored[id]?.canonicalized == event.withoutInsides.canonicalized, "\(session) \(id)")
        }
    }

    @Test func `is kept whole`() throws {
        let odd: [JSONValue] = [
            event(60, "evaluation", "robot", trace: "x", [1, "two", .null], metadata: ["n": 9_007_199_254_740_993]),
            event(61, "message", "customer", trace: "y", "not an object"),
            event(62, "message", "customer", trace: "z", ["message": "m", "participant": ["id": 7], "draft": "d"]),
            event(63, "message", "human_agent", trace: "w", ["message": "m", "participant": ["display_name": "Ann"]]),
            event(64, "message", "human_agent", trace: "w", ["message": "m", "participant": ["id": "p", "extra": 1]]),
            event(65, "status", "ai_agent", trace: "v", ["status": "ready", "data": ["stage": 7], "more": "x"]),
            event(66, "status", "ai_agent", trace: "v", ["status": "ready", "data": [1]]),
            event(67, "status", "ai_agent", trace: "v", ["state": "odd"]),
            event(68, "tool", "ai_agent", trace: "u", ["tool_calls": [["tool_id": "a:b", "arguments": [:]]]]),
            event(
                69, "tool", "system", trace: "u",
                [
                    "tool_calls": [
                        [
                            "tool_id": "a:b", "arguments": ["n": .number(JSONNumber("1e400") ?? JSONNumber(0))],
                            "result": ["data": .null], "rationale": "r",
                        ]
                    ], "extra": true,
                ]),
            event(70, "custom", "system", trace: "s", ["type": "lockstep.input_collected", "name": "n", "value": 0]),
            event(
                71, "custom", "system", trace: "s",
                ["type": "lockstep.input_collected", "name": "n", "value": "v", "journey": "j", "state": "s", "x": 1]),
            event(72, "custom", "system", trace: "s", ["type": "lockstep.input_collected", "name": "n"]),
            event(73, "custom", "system", trace: "s", .null), event(74, "custom", "system", trace: "s", 0),
            event(75, "custom", "system", trace: "s", ""), event(76, "custom", "system", trace: "s", false),
            event(77, "custom", "system", trace: "s", [:]), event(78, "custom", "system", trace: "s", []),
            event(79, "custom", "system", trace: "s", 1).with("correlation_id", "other").with("lane", ["a": 1]),
            event(80, "custom", "system", trace: "s", 1).with("metadata", "text"),
            ends(81, trace: "t", ["a", "b"], journeys: ["j"]).with(
                "data",
                [
                    "status": "ready",
                    "data": [
                        "stage": "completed", "matched_guidelines": [["id": "g", "score": 1]],
                        "matched_journeys": [["id": "j"]], "matched_journey_states": [], "iterations": 3,
                    ],
                ]),
        ]
        try compare(ConvergenceTests.eventful + odd, of: "s1")
    }

    @Test(arguments: Recordings.names)
    func `by the real server is kept whole`(_ name: String) throws {
        let recording = try Recordings.read(name)
        for session in recording.sessions { try compare(recording.events(of: session), of: session) }
    }
}

extension JSONValue {
    /// An event as it is kept: without the server's traceback and the mark of a deletion.
    var withoutInsides: JSONValue {
        guard case .object(var event) = self else { return self }
        event["deleted"] = nil
        if case .object(var data)? = event["data"], data["status"] == "error", case .object(var inner)? = data["data"] {
            inner["exception"] = nil
            data["data"] = .object(inner)
            event["data"] = .object(data)
        }
        return .object(event)
    }
}
