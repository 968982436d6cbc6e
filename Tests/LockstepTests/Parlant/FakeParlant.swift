import EventModel
import Synchronization

/// What of Parlant and of our module in it the program's tests need: sessions with events, and journeys under versions. How the real one
/// answers is what `ParlantConnectorTests` hold against recordings of it.
final class FakeParlant: Sendable {
    struct Session: Sendable {
        var events: [JSONValue] = []
        var metadata = JSONObject()
        var path: [String?] = []
    }

    struct Journey: Sendable, Equatable {
        var journey: JSONObject
        var nodes: JSONValue
        var edges: JSONValue
        var count = 1
    }

    private struct State {
        var life = 1
        var moduleVersion: Int? = 2
        var isSilent = false
        var sessions: [String: Session] = [:]
        var journeys: [String: Journey] = [:]
        var surveys = 0
    }

    private let state = Mutex(State())

    typealias Answer = (status: Int, body: JSONValue)

    /// How often somebody has looked at what is new.
    var surveys: Int { state.withLock(\.surveys) }

    /// - Returns: `nil` when the connection is closed without an answer.
    func answer(_ method: String, _ path: [String], _ query: String, _ body: JSONValue?) -> Answer? {
        state.withLock { state in
            guard !state.isSilent else { return nil }
            switch (method, path.first, path.dropFirst().first) {
            case (_, "lockstep", _) where state.moduleVersion == nil: return (404, ["detail": "Not Found"])
            case ("GET", "lockstep", "module"): return (200, Self.module(state))
            case ("GET", "lockstep", "sessions") where path.count == 2: return (200, Self.survey(&state))
            case (_, "lockstep", "sessions"): return Self.place(method, path, body, &state)
            case ("GET", "lockstep", "journeys") where path.count == 2: return (200, Self.versions(state))
            case (_, "lockstep", "journeys"): return Self.journey(method, path[2], body, &state)
            case ("DELETE", "journeys", let id?):
                return state.journeys.removeValue(forKey: id) == nil ? Self.missing : (204, .null)
            case ("GET", "sessions", let id?): return Self.session(path, id, query, state)
            default: return Self.missing
            }
        }
    }

    private static let missing: Answer = (404, ["detail": "no such thing"])

    private static func module(_ state: State) -> JSONValue {
        [
            "module": "lockstep", "module_version": .number(JSONNumber(state.moduleVersion ?? 0)), "parlant": "3.3.2",
            "mode": "sdk", "instance": .string("life \(state.life)"),
        ]
    }
}

// MARK: Sessions

extension FakeParlant {
    private static func survey(_ state: inout State) -> JSONValue {
        state.surveys += 1
        let marks = state.sessions.sorted { $0.key < $1.key }.map { id, session in
            JSONObject.Member(
                key: id,
                value: .string("\(session.events.count) \(session.metadata.count) \(session.path.count)"))
        }
        return ["instance": .string("life \(state.life)"), "marks": .object(JSONObject(marks))]
    }

    private static func session(_ path: [String], _ id: String, _ query: String, _ state: State) -> Answer {
        guard let session = state.sessions[id] else { return missing }
        guard path.last == "events" else {
            return (
                200,
                [
                    "id": .string(id), "agent_id": "a", "customer_id": "c", "creation_utc": "2026-01-01T00:00:00Z",
                    "title": .null, "mode": "auto", "consumption_offsets": ["client": 3],
                    "metadata": .object(session.metadata), "labels": [],
                ]
            )
        }
        let offset = query.firstMatch(of: /min_offset=([0-9]+)/).flatMap { Int($0.output.1) } ?? 0
        return (200, .array(Array(session.events.dropFirst(offset))))
    }

    private static func place(
        _ method: String, _ path: [String], _ body: JSONValue?, _ state: inout State
    ) -> Answer {
        guard path.count == 4, var session = state.sessions[path[2]] else {
            return (404, ["error": "not_found", "kind": "session", "id": .string(path[2])])
        }
        if path[3] == "execution", let execution = body?["execution"] {
            if let known = session.metadata["lockstep_execution_id"], known != execution {
                return (409, ["error": "bound", "execution": known])
            }
            session.metadata["lockstep_execution_id"] = execution
        } else if method == "POST", let journeys = body?["journey_paths"]?.object?.members {
            session.path = (journeys.first?.value.array ?? []).map(\.string)
        }
        state.sessions[path[2]] = session
        return (200, place(path[2], session))
    }

    private static func place(_ id: String, _ session: Session) -> JSONValue {
        let nodes = JSONValue.array(session.path.map { $0.map(JSONValue.string) ?? .null })
        let states: JSONValue =
            session.path.isEmpty
            ? []
            : [
                [
                    "trace_id": "t", "forced": true, "applied_guideline_ids": [],
                    "journey_paths": ["j": ["indexes": nodes, "node_ids": nodes]],
                ]
            ]
        return [
            "session_id": .string(id), "agent_id": "a", "customer_id": "c", "mode": "auto", "labels": [],
            "execution": session.metadata["lockstep_execution_id"] ?? .null, "busy": false,
            "next_offset": .number(JSONNumber(session.events.count)), "last_trace_id": .null,
            "agent_states_total": .number(JSONNumber(session.path.isEmpty ? 0 : 1)), "agent_states": states,
        ]
    }
}

// MARK: Journeys

extension FakeParlant {
    private static func versions(_ state: State) -> JSONValue {
        let versions = state.journeys.sorted { $0.key < $1.key }.map {
            JSONObject.Member(key: $0, value: .string(version($1)))
        }
        return ["versions": .object(JSONObject(versions))]
    }

    private static func version(_ journey: Journey) -> String { "\(journey.count).x" }

    private static func journey(_ method: String, _ id: String, _ body: JSONValue?, _ state: inout State) -> Answer {
        let present = state.journeys[id]
        switch (method, present) {
        case ("GET", nil): return (404, ["error": "not_found", "kind": "journey", "id": .string(id)])
        case ("GET", let journey?): return (200, whole(id, journey, changed: false))
        case ("PUT", nil):
            guard let journey = body?["journey"]?.object, let nodes = body?["nodes"], let edges = body?["edges"] else {
                return (422, ["error": "invalid"])
            }
            let made = Journey(journey: journey, nodes: nodes, edges: edges)
            state.journeys[id] = made
            return (201, whole(id, made, changed: true))
        case ("PATCH", var journey?):
            let expected = body?["expected_version"]?.string
            guard expected == version(journey) || expected == "*" else {
                return (409, ["error": "conflict", "version": .string(version(journey))])
            }
            for key in ["condition_texts", "labels", "tags", "metadata", "root_id"] {
                journey.journey[key] = body?[key] ?? journey.journey[key]
            }
            (journey.nodes, journey.edges) = (body?["nodes"] ?? journey.nodes, body?["edges"] ?? journey.edges)
            journey.count += 1
            state.journeys[id] = journey
            return (200, whole(id, journey, changed: true))
        default: return (409, ["error": "exists", "version": .string(present.map(version) ?? "")])
        }
    }

    private static func whole(_ id: String, _ journey: Journey, changed: Bool) -> JSONValue {
        var members = journey.journey
        members["id"] = .string(id)
        members["conditions"] = []
        return [
            "version": .string(version(journey)), "journey": .object(members), "nodes": journey.nodes,
            "edges": journey.edges, "indexes": [:], "changed": .bool(changed),
        ]
    }
}

// MARK: What happens there

extension FakeParlant {
    func open(_ id: String) { state.withLock { $0.sessions[id] = Session() } }
    func beSilent(_ isSilent: Bool) { state.withLock { $0.isSilent = isSilent } }
    func loadModule(_ version: Int?) { state.withLock { $0.moduleVersion = version } }

    func say(_ id: String, _ count: Int = 1) {
        state.withLock { state in
            for _ in 0..<count {
                let offset = state.sessions[id, default: Session()].events.count
                let event = "\(id)-\(offset)"
                state.sessions[id, default: Session()].events.append([
                    "id": .string(event), "source": "customer", "kind": "message",
                    "offset": .number(JSONNumber(offset)),
                    "creation_utc": "2026-01-01T00:00:01Z", "trace_id": .string(event),
                    "data": ["message": "hello", "participant": ["display_name": "C"]], "metadata": [:],
                    "deleted": false,
                ])
            }
        }
    }

    /// Somebody changes a journey past us.
    func edit(_ id: String) {
        state.withLock { state in
            state.journeys[id]?.journey["labels"] = ["edited there"]
            state.journeys[id]?.count += 1
        }
    }

    /// Another life, without journeys.
    func restart() {
        state.withLock { state in
            state.life += 1
            state.journeys = [:]
        }
    }
}
