import EventModel
import FoundationEssentials
import HTTPDriver
import ParlantConnector

/// What was asked of the real server in one scenario, and what it answered.
struct Recording: Sendable {
    /// One request with its outcome.
    struct Exchange: Sendable {
        let request: String
        let outcome: Result<HTTPAnswer, HTTPFault>
    }

    /// Stands in recordings for the text that made the names of a run unique.
    static let token = "00000000"

    let exchanges: [Exchange]

    /// What a request is compared by: method, path, query, and the body in canonical form.
    static func key(_ request: HTTPRequest) -> String {
        let value = request.body.flatMap { try? JSONValue($0, limits: .file) }
        let body = value.map { " " + String(decoding: $0.canonicalBytes(), as: UTF8.self) } ?? ""
        return "\(request.method.rawValue) \(request.target)\(body)"
    }
}

extension Recording {
    /// The recording of `scenario`, made by `LOCKSTEP_PARLANT_RECORD=DIR tools/test --parlant`.
    init(of scenario: String) throws {
        let path = Self.directory + "/\(scenario).json"
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        let value = try JSONValue(bytes, limits: .file)
        var exchanges: [Exchange] = []
        for entry in value["exchanges"]?.array ?? [] {
            guard let request = entry["request"]?.string else { continue }
            if let earlier = entry["answer_of"]?.int, exchanges.indices.contains(earlier) {
                exchanges.append(Exchange(request: request, outcome: exchanges[earlier].outcome))
            } else {
                exchanges.append(Exchange(request: request, outcome: Self.outcome(entry)))
            }
        }
        self.exchanges = exchanges
    }

    static let directory = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Recordings"

    private static func outcome(_ value: JSONValue) -> Result<HTTPAnswer, HTTPFault> {
        guard let status = value["status"]?.int else { return .failure(fault(value["fault"]?.string ?? "")) }
        let body = value["json"].map { $0.compactBytes() } ?? Array((value["text"]?.string ?? "").utf8)
        return .success(HTTPAnswer(status: status, body: body))
    }

    private static func fault(_ name: String) -> HTTPFault {
        switch name {
        case "unreachable": .unreachable(reason: "recorded")
        case "timed_out": .timedOut(after: .zero)
        case "broken_off": .brokenOff(reason: "recorded")
        default: .cancelled
        }
    }

    /// Writes the recording as a file of `directory`, with `token` replaced and without what must not be kept.
    func write(_ scenario: String, to directory: String, replacing token: String) throws {
        let value: JSONValue = [
            "scenario": .string(scenario), "parlant": "3.3.2",
            "exchanges": .array(exchanges.indices.map(value)),
        ]
        let text = String(decoding: value.compactBytes(), as: UTF8.self)
            .replacing("{\"request\":", with: "\n{\"request\":").replacing(token, with: Self.token)
        try Data((text + "\n").utf8).write(to: URL(filePath: "\(directory)/\(scenario).json"))
    }

    /// One line of the file; an answer that an earlier exchange had as well is named, not repeated.
    private func value(_ index: Int) -> JSONValue {
        let exchange = exchanges[index]
        if case .success(let answer) = exchange.outcome, answer.body.count > Self.bytesWorthNaming,
            let earlier = exchanges[..<index].firstIndex(where: { $0.outcome == exchange.outcome })
        {
            return ["request": .string(exchange.request), "answer_of": .number(JSONNumber(earlier))]
        }
        switch exchange.outcome {
        case .success(let answer):
            var object = JSONObject([
                .init(key: "request", value: .string(exchange.request)),
                .init(key: "status", value: .number(JSONNumber(answer.status))),
            ])
            if let json = try? JSONValue(answer.body, limits: .file) {
                object["json"] = Self.withoutTracebacks(json)
            } else {
                object["text"] = .string(String(decoding: answer.body, as: UTF8.self))
            }
            return .object(object)
        case .failure(let fault):
            return ["request": .string(exchange.request), "fault": .string(Self.name(fault))]
        }
    }

    private static let bytesWorthNaming = 200

    private static func name(_ fault: HTTPFault) -> String {
        switch fault {
        case .unreachable: "unreachable"
        case .timedOut: "timed_out"
        case .brokenOff: "broken_off"
        case .tooLarge, .cancelled: "cancelled"
        }
    }

    /// The server adds its traceback, with the paths of its files, to the event of a failed turn.
    private static func withoutTracebacks(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map(withoutTracebacks))
        case .object(let object):
            return .object(
                JSONObject(
                    object.members.map {
                        .init(key: $0.key, value: $0.key == "exception" ? "left out" : withoutTracebacks($0.value))
                    }))
        case .null, .bool, .number, .string: return value
        }
    }
}

extension HTTPRequest {
    /// A request with a body.
    init(_ method: Method, _ path: [String], query: [QueryItem] = [], json: JSONValue?) {
        self.init(method, path, query: query, body: json?.compactBytes())
    }
}
