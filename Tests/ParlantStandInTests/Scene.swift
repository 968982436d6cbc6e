import EventModel
import StandInDoor
import Testing

@testable import ParlantStandIn

/// A stand-in whose clock is moved by hand.
struct Scene {
    var core: StandIn
    var now = Timestamp(microseconds: 1_770_000_000_000_000)

    init(delay: Duration = .zero) {
        core = StandIn(StandIn.Settings(turnDelay: delay))
        now = now.advanced(by: .seconds(1))
    }

    @discardableResult
    mutating func ask(
        _ method: String, _ target: String, _ body: JSONValue? = nil, after wait: Duration = .zero
    ) -> (status: Int, body: JSONValue) {
        now = now.advanced(by: wait)
        let request = Request(method: method, target: target, body: body?.compactBytes() ?? [])
        let reply: Reply
        if method == "GET" {
            core.pass(until: now)
            reply = Look(request).answer(core, instance: "i", isLast: true) ?? .timeout
        } else if let order = Order(request) {
            reply = core.receive(order, at: now)
        } else {
            reply = .detail(422, "JSON decode error")
        }
        return (reply.status, (try? JSONValue(reply.body, limits: .file)) ?? .null)
    }

    /// `start → a → b → end`.
    static func journey(_ id: String) -> JSONValue {
        let edges = [("start", "a"), ("a", "b"), ("b", "end")].enumerated().map { at, ends -> JSONValue in
            let target = ends.1 == "end" ? "end" : "\(id).\(ends.1)"
            return [
                "id": .string("\(id).e\(at)"), "source": .string("\(id).\(ends.0)"), "target": .string(target),
            ]
        }
        return [
            "journey": [
                "title": "A journey", "condition_texts": ["wants it"], "root_id": .string("\(id).start"),
            ],
            "nodes": [
                ["id": .string("\(id).start")], ["id": .string("\(id).a"), "kind": "chat", "action": "Do a"],
                ["id": .string("\(id).b"), "kind": "chat", "action": "Do b"],
            ],
            "edges": .array(edges),
        ]
    }

    /// A session of the agent that is there from the start, and the journey `j`.
    mutating func session(for execution: String? = nil) -> String {
        ask("PUT", "/lockstep/journeys/j", Self.journey("j"))
        var body: JSONObject = ["agent_id": "agent"]
        body["metadata"] = execution.map { ["lockstep_execution_id": .string($0)] }
        return ask("POST", "/sessions", .object(body)).body["id"]?.string ?? ""
    }

    /// A customer acts, and a turn follows.
    @discardableResult
    mutating func act(
        _ session: String, to state: JSONValue? = nil, _ more: JSONObject = JSONObject()
    ) -> (status: Int, body: JSONValue) {
        var body: JSONObject = ["session": .string(session), "message": "I want it"]
        if let state {
            body["journey"] = "j"
            body["state"] = state
        }
        for member in more.members { body[member.key] = member.value }
        return ask("POST", "/_stand_in/turns", .object(body))
    }

    mutating func events(_ session: String, from offset: Int = 0) -> [JSONValue] {
        ask("GET", "/sessions/\(session)/events?min_offset=\(offset)&wait_for_data=0").body.array ?? []
    }

    mutating func place(_ session: String) -> JSONValue { ask("GET", "/lockstep/sessions/\(session)/state").body }
}
