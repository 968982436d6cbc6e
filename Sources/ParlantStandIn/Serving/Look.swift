import EventModel
import StandInDoor

/// What is asked for without changing anything.
struct Look: Sendable {
    private let path: [String]
    private let query: [String: String]

    init(_ request: Request) {
        path = request.path
        query = request.query
    }

    /// How long the caller is ready to wait.
    var patience: Duration {
        let name = path.last == "events" ? "wait_for_data" : path.last == "state" ? "wait" : ""
        let limit = path.last == "events" ? 60 : 20
        return .seconds(min(max(query[name].flatMap { Int($0) } ?? 0, 0), limit))
    }

    /// What there is to answer; `nil` while it is worth waiting.
    ///
    /// - Parameter isLast: whether the caller waits no longer.
    func answer(_ core: StandIn, instance: String, isLast: Bool) -> Reply? {
        switch (path.first, path.count) {
        case ("lockstep", 2): module(core, instance)
        case ("lockstep", 3) where path[1] == "journeys", ("lockstep", 4) where path[1] == "journeys":
            core.journeys[path[2]].map { Reply(200, $0.whole(path[2])) } ?? .missing("journey", path[2])
        case ("lockstep", 4) where path[1] == "sessions" && path[3] == "state": place(core, isLast)
        case ("_stand_in", 2) where path[1] == "state":
            Reply(
                200,
                [
                    "journeys": .number(JSONNumber(core.journeys.count)),
                    "sessions": .number(JSONNumber(core.sessions.count)),
                ])
        case ("agents", 2):
            core.agents[path[1]].map { Reply(200, StandIn.agent(path[1], $0)) }
                ?? .detail(404, "Item '\(path[1])' not found")
        case ("sessions", 2):
            core.sessions[path[1]].map { Reply(200, $0.description) } ?? .noSession(path[1])
        case ("sessions", 3) where path[2] == "events": events(core, isLast)
        default: .unknown
        }
    }

    private func module(_ core: StandIn, _ instance: String) -> Reply {
        switch path[1] {
        case "module":
            Reply(
                200,
                [
                    "module": "lockstep", "module_version": 2, "parlant": "3.3.2", "fastapi": "none", "mode": "cli",
                    "instance": .string(instance),
                ])
        case "journeys":
            Reply(200, ["versions": Self.object(core.journeys.mapValues(\.version))])
        case "sessions":
            Reply(200, ["instance": .string(instance), "marks": Self.object(core.sessions.mapValues(\.mark))])
        default: .unknown
        }
    }

    private static func object(_ texts: [String: String]) -> JSONValue {
        .object(JSONObject(texts.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: .string($0.value)) }))
    }

    private func place(_ core: StandIn, _ isLast: Bool) -> Reply? {
        guard let session = core.sessions[path[2]] else { return .missing("session", path[2]) }
        guard !session.isBusy || isLast else { return nil }
        return Reply(200, session.place(core.journeys, showing: StandIn.shown(query)))
    }

    private func events(_ core: StandIn, _ isLast: Bool) -> Reply? {
        guard let session = core.sessions[path[1]] else { return .noSession(path[1]) }
        let events = session.told(from: query["min_offset"].flatMap { Int($0) } ?? 0)
        if !events.isEmpty || patience == .zero { return Reply(200, .array(events)) }
        return isLast ? .timeout : nil
    }
}
