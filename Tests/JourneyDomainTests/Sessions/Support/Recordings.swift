import EventModel
import EventSourcingTesting
import FoundationEssentials
import JourneyDomain

/// What a real Parlant 3.3.2 answered. The recordings are not part of the project: they lie beside the checkout, or where
/// LOCKSTEP_RECORDINGS says.
enum Recordings {
    static let directory =
        ProcessInfo.processInfo.environment["LOCKSTEP_RECORDINGS"]
        ?? ProjectFiles.besideCheckout("shared/parlant/recordings")

    static var arePresent: Bool { ProjectFiles.exists(directory + "/README.md") }

    /// The recordings of scenarios, by file name; the description of the interface is none.
    static let names: [String] =
        ((try? ProjectFiles.names(in: directory)) ?? [])
        .filter { $0.hasSuffix(".json") && $0.first?.isNumber == true && !$0.hasPrefix("00") }

    /// The paths of the interface, as Parlant describes them.
    static func interface() throws -> [[String]] {
        let bytes = try ProjectFiles.bytes("\(directory)/00-openapi.json")
        let value = try JSONValue(bytes, limits: .file)
        let document = value["paths"] == nil ? value["exchanges"]?[0]?["response"]?["body"] ?? .null : value
        return (document["paths"]?.object?.keys ?? []).map { $0.split(separator: "/").map(String.init) }
    }

    static func read(_ prefix: String) throws -> Recording {
        guard let name = names.first(where: { $0.hasPrefix(prefix) }) else { throw MissingRecording(prefix: prefix) }
        let bytes = try ProjectFiles.bytes("\(directory)/\(name)")
        return Recording(try JSONValue(bytes, limits: .file))
    }
}

struct MissingRecording: Error {
    let prefix: String
}

/// One scenario: requests and answers in order.
struct Recording {
    struct Exchange {
        let method: String
        let path: [String]
        let query: JSONObject
        let status: Int
        let body: JSONValue
        let at: Timestamp
    }

    let exchanges: [Exchange]

    init(_ value: JSONValue) {
        let raw = value["exchanges"]?.array ?? []
        let start = Self.start(of: raw)
        exchanges = raw.map { exchange in
            let request = exchange["request"]
            let response = exchange["response"]
            let end = (exchange["started_ms"]?.number?.double ?? 0) + (exchange["elapsed_ms"]?.number?.double ?? 0)
            return Exchange(
                method: request?["method"]?.string ?? "",
                path: (request?["path"]?.string ?? "").split(separator: "/").map(String.init),
                query: request?["query"]?.object ?? JSONObject(), status: response?["status"]?.int ?? 0,
                body: response?["body"] ?? .null, at: Timestamp(microseconds: start + Int64(end * 1_000)))
        }
    }

    /// The recordings count from their start; the first thing that the server dates says when that was.
    private static func start(of exchanges: [JSONValue]) -> Int64 {
        for exchange in exchanges {
            guard let text = exchange["response"]?["body"]?["creation_utc"]?.string,
                let moment = Timestamp(rfc3339: text)
            else { continue }
            return moment.microseconds - Int64((exchange["started_ms"]?.number?.double ?? 0) * 1_000)
        }
        return 0
    }

    /// The sessions in the order of their creation.
    var sessions: [String] {
        exchanges.compactMap { exchange in
            guard exchange.method == "POST", exchange.path == ["sessions"], exchange.status == 201 else { return nil }
            return exchange.body["id"]?.string
        }
    }

    /// What was answered about a session, as inbound payloads in order.
    func payloads(of session: String) -> [JSONValue] { exchanges.compactMap { $0.payload(of: session) } }

    /// Every event of a session as the server answered it first, by offset.
    func events(of session: String) -> [JSONValue] {
        var events: [String: JSONValue] = [:]
        for exchange in exchanges where exchange.path.starts(with: ["sessions", session, "events"]) {
            for event in exchange.events {
                guard let id = event["id"]?.string, events[id] == nil else { continue }
                events[id] = event
            }
        }
        return events.values.sorted { ($0["offset"]?.int ?? 0) < ($1["offset"]?.int ?? 0) }
    }
}

extension Recording.Exchange {
    var events: [JSONValue] {
        guard status / 100 == 2 else { return [] }
        return (body.array ?? [body]).filter { $0["offset"] != nil && $0["trace_id"] != nil }
    }

    /// What the answer says about a session, in the form that is handed to the reader.
    func payload(of session: String) -> JSONValue? {
        var payload = JSONObject()
        payload["session_id"] = .string(session)
        payload["observed_at"] = .string(at.description)
        switch (method, path) {
        case ("GET", ["sessions", session]) where status == 200: payload["session"] = body
        case ("POST", ["sessions"]) where body["id"]?.string == session: payload["session"] = body
        case ("PATCH", ["sessions", session]) where status == 200: payload["session"] = body
        case ("DELETE", ["sessions", session]): payload["deleted"] = true
        case (_, ["bridge", "sessions", session, "state"]) where status == 200:
            payload["agent_states"] = body["agent_states"]
            payload["mode"] = body["mode"]
        case ("DELETE", ["sessions", session, "events"]) where status == 204:
            payload["rewound"] = ["from": query["min_offset"] ?? .null]
        case ("GET", ["sessions", session, "events"]) where status == 504:
            guard let offset = query["min_offset"]?.int, offset > 0, query["kinds"] == nil else { return nil }
            payload["quiet_through"] = .number(JSONNumber(offset - 1))
        case _ where path.starts(with: ["sessions", session, "events"]) && !events.isEmpty:
            payload["events"] = .array(events)
        default: return nil
        }
        return .object(payload)
    }
}
