import EventModel
import JourneyDomain
import ParlantConnector
import Testing

extension ParlantTests {
    @Suite("Sessions", .serialized) struct Sessions {
        @Test func `a session is followed through its journey`() async throws {
            try await scene("session-walk") { scene in
                let agent = try await scene.agent()
                let id = try scene.id("walk")
                try await scene.push(scene.line("walk", through: ["a", "b"], agent: agent), id)
                let session = try await scene.connector.openSession(agent: agent)

                let fresh = try await scene.connector.state(of: session)
                #expect(fresh.paths.isEmpty && fresh.place == SessionPlace(nextOffset: 0, trace: nil) && !fresh.isBusy)

                let first = try await scene.turn(session, says: "hello", condition: "0")
                #expect(first.paths[id.text]?.current == ElementID("\(id).a"))
                let second = try await scene.turn(session, says: "go on", condition: "1")
                #expect(second.paths[id.text]?.steps.map(\.state) == [ElementID("\(id).a"), ElementID("\(id).b")])
                #expect(second.stateCount == 2 && second.states.allSatisfy { !$0.isForced })
                let third = try await scene.turn(session, says: "done", condition: "1")
                #expect(third.paths[id.text]?.hasLeft ?? false)

                let events = try await scene.connector.events(of: session, from: 0)
                guard case .some(let page) = events else {
                    Issue.record("\(events)")
                    return
                }
                #expect(page.next == third.place.nextOffset)
                #expect(page.events.last?["data"]?["data"]?["stage"]?.string == "completed")
                #expect(page.report["listing"]?["through"]?.int == page.next - 1)
                let rest = try await scene.connector.events(of: session, from: page.next)
                #expect(rest == .none)
            }
        }

        @Test func `a place that is set is where the next turn begins`() async throws {
            try await scene("session-force") { scene in
                let agent = try await scene.agent()
                let id = try scene.id("jump")
                try await scene.push(scene.line("jump", through: ["a", "b", "c"], agent: agent), id)
                let session = try await scene.connector.openSession(agent: agent)
                let here = try await scene.turn(session, says: "hello", condition: "0").place
                let (a, b, c) = (ElementID("\(id).a"), ElementID("\(id).b"), ElementID("\(id).c"))

                let forced = try await scene.connector.force(session, paths: [id: [a, b]], ifAt: here)
                #expect(forced.paths[id.text]?.current == b)
                #expect(forced.states.last?.isForced ?? false)
                #expect(forced.place.nextOffset == here.nextOffset && forced.place.trace != here.trace)
                let again = try await scene.connector.force(session, paths: [id: [a, b]], ifAt: here)
                #expect(again == forced, "a repetition changes nothing, although its expectation is old")

                let next = try await scene.turn(session, says: "go on", condition: "1")
                #expect(next.paths[id.text]?.steps.map(\.state) == [a, b, c])

                let left = try await scene.connector.force(session, paths: [id: [a, nil]], ifAt: next.place)
                #expect(left.paths[id.text]?.hasLeft ?? false)
            }
        }

        @Test func `a place is not set when the session has moved on`() async throws {
            try await scene("session-moved-on") { scene in
                let agent = try await scene.agent()
                let id = try scene.id("moved")
                try await scene.push(scene.line("moved", through: ["a", "b"], agent: agent), id)
                let session = try await scene.connector.openSession(agent: agent)
                let before = try await scene.turn(session, says: "hello", condition: "0")
                try await scene.connector.postCustomEvent(["note": 1], to: session)
                let error = await refusal {
                    try await scene.connector.force(session, paths: [id: [ElementID("\(id).b")]], ifAt: before.place)
                }
                let after = try await scene.connector.state(of: session)
                #expect(error == .movedOn(after.place))
                #expect(after.place.nextOffset == before.place.nextOffset + 1)
                #expect(after.states == before.states)
            }
        }

        @Test func `a place is not set while a turn is under way, whose end would overwrite it`() async throws {
            try await scene("session-turn-in-progress") { scene in
                let agent = try await scene.agent()
                let id = try scene.id("during")
                try await scene.push(scene.line("during", through: ["a", "b"], agent: agent), id)
                let session = try await scene.connector.openSession(agent: agent)
                try await scene.script(condition: "0")
                try await scene.connector.say("hello", in: session)
                let here = try await scene.connector.state(of: session)
                #expect(here.isBusy)
                let paths = [id: [ElementID("\(id).b")]]
                let error = await refusal {
                    try await scene.connector.force(session, paths: paths, ifAt: here.place)
                }
                #expect(error == .turnInProgress)
                _ = try await scene.connector.state(of: session, settling: .seconds(20))
            }
        }

        @Test func `a session belongs to one execution`() async throws {
            try await scene("session-binding") { scene in
                let agent = try await scene.agent()
                let session = try await scene.connector.openSession(agent: agent, title: "a title")
                #expect(try await scene.connector.bind(session, to: "ex-1").execution == "ex-1")
                #expect(try await scene.connector.bind(session, to: "ex-1").execution == "ex-1")
                let error = await refusal { try await scene.connector.bind(session, to: "ex-2") }
                #expect(error == .bound(execution: "ex-1"))
                let seen = try await scene.raw(.get, "sessions/\(session)").json
                #expect(seen?["metadata"]?["lockstep_execution_id"]?.string == "ex-1")

                let born = try await scene.connector.openSession(agent: agent, execution: "ex-3")
                #expect(try await scene.connector.state(of: born).execution == "ex-3")
            }
        }

        @Test func `what is not there is said to be not there`() async throws {
            try await scene("session-not-found") { scene in
                let (session, gone) = (scene.name("nobody"), ParlantSubject.session(scene.name("nobody")))
                let here = SessionPlace(nextOffset: 0, trace: nil)
                let id = try scene.id("nothing")
                #expect(await refusal { _ = try await scene.connector.state(of: session) } == .notFound(gone))
                #expect(await refusal { try await scene.connector.bind(session, to: "x") } == .notFound(gone))
                #expect(await refusal { try await scene.connector.say("x", in: session) } == .notFound(gone))
                #expect(
                    await refusal { try await scene.connector.setMode(of: session, to: .manual) } == .notFound(gone))
                #expect(
                    await refusal { try await scene.connector.force(session, paths: [id: []], ifAt: here) }
                        == .notFound(.journey(id.text)))
                let closed = try await scene.connector.closeSession(session)
                #expect(!closed)
                #expect(try await scene.connector.events(of: session, from: 0) == .sessionGone)
                #expect(
                    await refusal { _ = try await scene.connector.openSession(agent: scene.name("none")) }
                        == .notFound(.other("agent \(scene.name("none"))")))
            }
        }

        @Test func `a failed turn comes without the traceback that the server adds`() async throws {
            try await scene("session-failed-turn") { scene in
                let agent = try await scene.agent()
                let id = try scene.id("fail")
                try await scene.push(scene.line("fail", through: ["a"], agent: agent), id)
                let session = try await scene.connector.openSession(agent: agent)
                try await scene.script(condition: "0", fails: true)
                try await scene.connector.say("hello", in: session)
                let state = try await scene.connector.state(of: session, settling: .seconds(20))
                try await scene.script(condition: "0")

                let events = try await scene.connector.events(of: session, from: 0)
                guard case .some(let page) = events else {
                    Issue.record("\(events)")
                    return
                }
                let failure = page.events.first { $0["data"]?["status"]?.string == "error" }
                #expect(failure != nil)
                #expect(failure?["data"]?["data"]?["exception"] == nil)
                #expect(state.states.isEmpty)
                let raw = try await scene.raw(.get, "sessions/\(session)/events", query: [.init("wait_for_data", "0")])
                #expect(raw.text.contains("\"exception\""))
            }
        }

        @Test func `an edit of the graph gives the numbers of a path to other states, and forcing by state repairs it`()
            async throws
        {
            try await scene("session-renumbered") { scene in
                let agent = try await scene.agent()
                let id = try scene.id("edit")
                let old = try await scene.push(scene.line("edit", through: ["a", "b"], agent: agent), id)
                let session = try await scene.connector.openSession(agent: agent)
                _ = try await scene.turn(session, says: "hello", condition: "0")
                let before = try await scene.turn(session, says: "go on", condition: "1")
                #expect(before.paths[id.text]?.current == ElementID("\(id).b"))

                let wider = scene.line("edit", through: ["new", "a", "b"], agent: agent)
                _ = try await scene.connector.update(id, to: wider, expecting: .exactly(old.version))
                let after = try await scene.connector.state(of: session)
                #expect(after.paths[id.text]?.steps.map(\.index) == ["2", "3"])
                #expect(after.paths[id.text]?.current == ElementID("\(id).a"))

                let path = [ElementID("\(id).a"), ElementID("\(id).b")]
                let repaired = try await scene.connector.force(session, paths: [id: path], ifAt: after.place)
                #expect(repaired.paths[id.text]?.steps.map(\.index) == ["3", "4"])
                #expect(repaired.paths[id.text]?.current == ElementID("\(id).b"))
            }
        }
    }
}
