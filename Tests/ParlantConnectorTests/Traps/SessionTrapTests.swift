import EventModel
import HTTPDriver
import JourneyDomain
import ParlantConnector
import Testing

extension ParlantTests {
    /// What Parlant's own interface does to sessions, and what we do instead.
    @Suite("Traps of sessions", .serialized) struct SessionTraps {
        @Test func `a long poll that sees nothing is 504, which is no error`() async throws {
            try await scene("trap-long-poll") { scene in
                let session = try await scene.connector.openSession(agent: try await scene.agent())
                let raw = try await scene.raw(.get, "sessions/\(session)/events", query: [.init("wait_for_data", "1")])
                #expect(raw.status == 504)
                #expect(try await scene.connector.events(of: session, from: 0, waiting: .seconds(1)) == .none)
            }
        }

        @Test func `a long poll wakes up for an event`() async throws {
            try await scene("trap-long-poll-wakes", overlaps: true) { scene in
                let session = try await scene.connector.openSession(agent: try await scene.agent())
                async let events = scene.connector.events(of: session, from: 0, waiting: .seconds(20))
                try await scene.connector.postCustomEvent(["n": 1], to: session)
                guard case .some(let page) = try await events else {
                    Issue.record("nothing came")
                    return
                }
                #expect(page.next == 1 && page.events.first?["data"]?["n"]?.int == 1)
            }
        }

        @Test func `a session that is deleted under a long poll is gone`() async throws {
            try await scene("trap-long-poll-deleted", overlaps: true) { scene in
                let session = try await scene.connector.openSession(agent: try await scene.agent())
                async let events = scene.connector.events(of: session, from: 0, waiting: .seconds(20))
                _ = try await scene.connector.closeSession(session)
                #expect(try await events == .sessionGone)
            }
        }

        @Test func `a stream of a session that does not exist is 200 and empty, so we poll`() async throws {
            try await scene("trap-stream") { scene in
                let path = "sessions/\(scene.name("nobody"))/events"
                let raw = try await scene.raw(
                    .get, path, query: [.init("sse", "true"), .init("wait_for_data", "1")])
                #expect(raw.status == 200 && raw.body.isEmpty)
                #expect(try await scene.connector.events(of: scene.name("nobody"), from: 0) == .sessionGone)
            }
        }

        @Test func `a rewind begins at the first event of a turn, and offsets are not used again`() async throws {
            try await scene("trap-rewind") { scene in
                let agent = try await scene.agent()
                let id = try scene.id("rewind")
                try await scene.push(scene.line("rewind", through: ["a", "b"], agent: agent), id)
                let session = try await scene.connector.openSession(agent: agent)
                let first = try await scene.turn(session, says: "one", condition: "0")
                let second = try await scene.turn(session, says: "two", condition: "1")

                let error = await refusal {
                    try await scene.connector.rewind(session, to: first.place.nextOffset + 1)
                }
                guard case .refused(status: 422, _) = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                try await scene.connector.rewind(session, to: first.place.nextOffset)
                let rewound = try await scene.connector.state(of: session)
                #expect(rewound.states == first.states)
                #expect(rewound.place.nextOffset == second.place.nextOffset)

                try await scene.connector.postCustomEvent(["after": "rewind"], to: session)
                let events = try await scene.connector.events(of: session, from: first.place.nextOffset)
                guard case .some(let page) = events else { return }
                #expect(page.events.compactMap { $0["offset"]?.int } == [second.place.nextOffset])
            }
        }

        @Test func `an unknown kind in a question for events is 500`() async throws {
            try await scene("trap-bogus-kind") { scene in
                let session = try await scene.connector.openSession(agent: try await scene.agent())
                let raw = try await scene.raw(.get, "sessions/\(session)/events", query: [.init("kinds", "bogus")])
                #expect(raw.status == 500)
            }
        }

        @Test func `an agent's message in manual mode hangs, so it is not asked for`() async throws {
            try await scene("trap-manual") { scene in
                let session = try await scene.connector.openSession(agent: try await scene.agent())
                try await scene.connector.setMode(of: session, to: .manual)
                #expect(try await scene.connector.state(of: session).mode == .manual)
                #expect(await refusal { try await scene.connector.askAgentToSpeak(in: session) } == .manualMode)

                var fault: HTTPFault?
                do throws(HTTPFault) {
                    try await scene.raw(
                        .post, "sessions/\(session)/events", ["kind": "message", "source": "ai_agent"],
                        within: .seconds(2))
                } catch {
                    fault = error
                }
                guard case .timedOut = fault else {
                    Issue.record("\(String(describing: fault))")
                    return
                }
            }
        }

        @Test func `in auto mode the agent can be asked to speak`() async throws {
            try await scene("trap-auto") { scene in
                let session = try await scene.connector.openSession(agent: try await scene.agent())
                let event = try await scene.connector.askAgentToSpeak(in: session)
                #expect(event["kind"]?.string == "status", "the answer is not the message")
                _ = try await scene.connector.state(of: session, settling: .seconds(20))
            }
        }

        @Test func `unknown and unreachable states in a path are refused, all at once`() async throws {
            try await scene("trap-unknown-state") { scene in
                let agent = try await scene.agent()
                let id = try scene.id("path")
                let island = scene.chat("\(try scene.id("path")).island", action: "Wait")
                let line = scene.line("path", through: ["a"], agent: agent)
                try await scene.push(line.with(states: line.states + [island]), id)
                let session = try await scene.connector.openSession(agent: agent)
                let path: [ElementID?] = [ElementID("\(id).a"), nil, "nowhere", island.id, "end"]
                let error = await refusal {
                    try await scene.connector.force(
                        session, paths: [id: path], ifAt: SessionPlace(nextOffset: 0, trace: nil))
                }
                guard case .invalid(let problems) = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                #expect(problems.map(\.code) == ["early_leave", "unknown_node", "unknown_node", "unknown_node"])
                #expect(problems.last?.place == "journey_paths.\(id)[4]")
                #expect(try await scene.connector.state(of: session).states.isEmpty)
            }
        }

        @Test func `a message to a session whose agent is gone is taken and never answered, so it is not sent`()
            async throws
        {
            try await scene("trap-no-agent") { scene in
                let agent = try await scene.agent()
                let session = try await scene.connector.openSession(agent: agent)
                try await scene.raw(.delete, "agents/\(agent)")
                let error = await refusal { try await scene.connector.say("hello?", in: session) }
                #expect(error == .notFound(.other("agent \(agent)")))

                let raw = try await scene.raw(
                    .post, "sessions/\(session)/events",
                    ["kind": "message", "source": "customer", "message": "hello?"])
                #expect(raw.status == 201)
                #expect(try await scene.connector.events(of: session, from: 1, waiting: .seconds(1)) == .none)
            }
        }

        @Test(arguments: [JSONValue.null, false, 0, "", [], [:]])
        func `a custom event without content is refused before Parlant takes it for missing`(_ data: JSONValue)
            async throws
        {
            try await scene("trap-empty-data-\(data.kind)") { scene in
                let session = try await scene.connector.openSession(agent: try await scene.agent())
                guard case .invalid = await refusal({ try await scene.connector.postCustomEvent(data, to: session) })
                else {
                    Issue.record("taken")
                    return
                }
                let raw = try await scene.raw(
                    .post, "sessions/\(session)/events", ["kind": "custom", "source": "system", "data": data])
                #expect(raw.status == 422)
            }
        }
    }
}
