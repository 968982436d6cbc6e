import EventModel
import Testing

@testable import ParlantStandIn

@Suite("Talking in the stand-in for Parlant") struct TalkingTests {
    @Test func `a turn is told as Parlant tells it, and only then is the place written`() {
        var scene = Scene(delay: .milliseconds(50))
        let session = scene.session(for: "run-1")
        #expect(scene.act(session, to: "j.a").status == 200)
        #expect(scene.events(session).map { $0["data"]?["status"]?.string ?? "-" } == ["-", "acknowledged"])
        var place = scene.place(session)
        #expect(place["busy"] == true && place["agent_states"] == [] && place["execution"] == "run-1")
        scene.now = scene.now.advanced(by: .milliseconds(50))
        let events = scene.events(session)
        #expect(
            events.map { $0["data"]?["status"]?.string ?? $0["kind"]?.string } == [
                "message", "acknowledged", "ready", "processing", "typing", "message", "ready",
            ])
        #expect(events.map { $0["offset"]?.int } == Array(0...6))
        #expect(Set(events.compactMap { $0["trace_id"]?.string }).count == 1)
        #expect(events.last?["data"]?["data"]?["stage"] == "completed")
        #expect(events.last?["data"]?["data"]?["matched_journey_states"] == [["id": "j.a"]])
        place = scene.place(session)
        #expect(place["busy"] == false && place["next_offset"] == 7)
        #expect(
            place["agent_states"]?[0]?["journey_paths"] == ["j": ["indexes": ["2"], "node_ids": ["j.a"]]])
    }

    @Test func `a way grows with every turn, ends by leaving, and may go on`() {
        var scene = Scene()
        let session = scene.session()
        for (state, indexes) in [
            ("j.a", ["2"]), ("j.b", ["2", "3"]), (.null, ["2", "3", .null]), ("j.a", ["2", "3", "2"]),
        ] as [(JSONValue, JSONValue)] {
            scene.act(session, to: state)
            #expect(scene.place(session)["agent_states"]?.array?.last?["journey_paths"]?["j"]?["indexes"] == indexes)
        }
        scene.act(session)
        #expect(scene.events(session).last?["data"]?["data"]?["matched_journey_states"] == [["id": "j.a"]])
    }

    @Test func `what tools make known comes as a custom event of its own`() {
        var scene = Scene()
        let session = scene.session()
        scene.act(session, to: "j.a", ["values": ["amount": 9], "inputs": ["j.a": ["ok": true]]])
        let custom = scene.events(session).first { $0["kind"] == "custom" }
        #expect(custom?["data"]?["lockstep"] == ["values": ["amount": 9], "inputs": ["j.a": ["ok": true]]])
        #expect(custom?["trace_id"] != scene.events(session)[0]["trace_id"])
    }

    @Test func `a turn that fails says ready before it says so, and leads nowhere`() {
        var scene = Scene()
        let session = scene.session()
        scene.act(session, to: "j.a", ["fails": true])
        let told = scene.events(session).suffix(2).compactMap { $0["data"]?["status"]?.string }
        #expect(told == ["ready", "error"] && scene.place(session)["agent_states_total"] == 0)
    }

    @Test func `one turn at a time, none while a person answers, and only to states that can be reached`() {
        var scene = Scene(delay: .seconds(1))
        let session = scene.session()
        scene.act(session, to: "j.a")
        #expect(scene.act(session, to: "j.b").body["error"] == "turn_in_progress")
        scene.now = scene.now.advanced(by: .seconds(1))
        scene.ask("PATCH", "/sessions/\(session)", ["mode": "manual"])
        #expect(scene.act(session, to: "j.b").status == 409)
        scene.ask("PATCH", "/sessions/\(session)", ["mode": "auto"])
        #expect(scene.act(session, to: "j.nowhere").status == 422)
        #expect(scene.act("nobody", to: "j.a").status == 404)
        #expect(scene.ask("PATCH", "/sessions/\(session)", ["mode": "asleep"]).status == 422)
    }

    @Test func `what customers post themselves is answered and leads nowhere`() {
        var scene = Scene()
        let session = scene.session()
        let said = scene.ask(
            "POST", "/sessions/\(session)/events", ["kind": "message", "source": "customer", "message": "hello"])
        #expect(said.status == 201 && scene.events(session).count == 7)
        #expect(scene.place(session)["agent_states"]?[0]?["journey_paths"] == [:])
    }

    @Test func `a place is forced by who knows it, once, and not during a turn`() {
        var scene = Scene(delay: .seconds(1))
        let session = scene.session()
        scene.act(session, to: "j.a")
        scene.now = scene.now.advanced(by: .seconds(1))
        let place = scene.place(session)
        func order(_ path: JSONValue, trace: JSONValue? = nil, offset: JSONValue? = nil) -> JSONValue {
            [
                "journey_paths": ["j": path], "expected_trace": trace ?? place["last_trace_id"] ?? .null,
                "expected_offset": offset ?? place["next_offset"] ?? .null,
            ]
        }
        let target = "/lockstep/sessions/\(session)/state"
        #expect(scene.ask("POST", target, order(["j.a", "j.b"], trace: "other")).body["error"] == "moved_on")
        #expect(scene.ask("POST", target, order(["j.a", "j.b"], offset: 3)).body["error"] == "moved_on")
        #expect(scene.ask("POST", target, order(["j.a", "end"])).body["problems"]?[0]?["code"] == "unknown_node")
        #expect(scene.ask("POST", target, order([.null, "j.a"])).body["problems"]?[0]?["code"] == "early_leave")
        #expect(scene.ask("POST", target, ["journey_paths": [:]]).status == 422)
        let forced = scene.ask("POST", target, order(["j.a", "j.b"]))
        #expect(forced.body["agent_states_total"] == 2 && forced.body["agent_states"]?[1]?["forced"] == true)
        // Again, as by somebody who has not heard the answer: nothing changes, though the trace is another by now.
        #expect(scene.ask("POST", target, order(["j.a", "j.b"])).body["agent_states_total"] == 2)
        scene.act(session)
        #expect(scene.ask("POST", target, order(["j.a", .null])).body["error"] == "turn_in_progress")
    }

    @Test func `what was taken back keeps its offsets and takes its place with it`() {
        var scene = Scene()
        let session = scene.session()
        scene.act(session, to: "j.a")
        scene.act(session, to: "j.b")
        #expect(scene.ask("DELETE", "/sessions/\(session)/events?min_offset=8").status == 422)
        #expect(scene.ask("DELETE", "/sessions/\(session)/events?min_offset=99").status == 422)
        #expect(scene.ask("DELETE", "/sessions/\(session)/events?min_offset=7").status == 204)
        #expect(scene.events(session).count == 7 && scene.place(session)["agent_states_total"] == 1)
        #expect(
            scene.ask("POST", "/sessions/\(session)/events", ["kind": "custom", "data": ["n": 1]]).body["offset"] == 14)
    }

    @Test func `a mark is another one whenever something has changed, and else the same`() {
        var scene = Scene()
        let session = scene.session()
        func mark(_ scene: inout Scene) -> String? {
            scene.ask("GET", "/lockstep/sessions").body["marks"]?[session]?.string
        }
        var seen = [mark(&scene)]
        #expect(mark(&scene) == seen[0])
        scene.act(session, to: "j.a")
        seen.append(mark(&scene))
        scene.ask("PUT", "/lockstep/sessions/\(session)/execution", ["execution": "e"])
        seen.append(mark(&scene))
        scene.ask("PATCH", "/sessions/\(session)", ["mode": "manual"])
        seen.append(mark(&scene))
        scene.ask("DELETE", "/sessions/\(session)/events?min_offset=0")
        seen.append(mark(&scene))
        #expect(Set(seen).count == 5 && !seen.contains(nil))
    }

    @Test func `the same orders at the same times lead to the same state`() {
        func play() -> JSONValue {
            var scene = Scene(delay: .milliseconds(10))
            let session = scene.session(for: "r")
            scene.act(session, to: "j.a", ["values": ["x": 1]])
            scene.now = scene.now.advanced(by: .seconds(1))
            return ["place": scene.place(session), "events": .array(scene.events(session))]
        }
        #expect(play() == play())
    }
}
