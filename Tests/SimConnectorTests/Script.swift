import EventModel
import EventSourcing
import EventSourcingTesting
import HTTPDriver
import SimConnector
import Synchronization
import Testing

/// A server that says what it is told, once each.
final class Script: HTTPExchange {
    private let outcomes: Mutex<[Result<HTTPAnswer, HTTPFault>]>
    private let requests = Mutex<[HTTPRequest]>([])
    init(_ outcomes: [Result<HTTPAnswer, HTTPFault>]) { self.outcomes = Mutex(outcomes) }
    var asked: [HTTPRequest] { requests.withLock { $0 } }

    func send(_ request: HTTPRequest, within timeout: Duration, atMost limit: Int) async throws(HTTPFault) -> HTTPAnswer
    {
        requests.withLock { $0.append(request) }
        return try outcomes.withLock { $0.isEmpty ? .failure(.cancelled) : $0.removeFirst() }.get()
    }

    func connector(attempts: Int = 3, time: any Timekeeper = HastyTimekeeper()) throws -> SimConnector {
        SimConnector(
            exchange: self, settings: try SimSettings(baseURL: "http://sim", apiKey: "k", attempts: attempts),
            time: time, random: SeededRandom(seed: 1))
    }
}

/// An answer in JSON.
func says(_ value: JSONValue, _ status: Int = 200) -> Result<HTTPAnswer, HTTPFault> {
    .success(
        HTTPAnswer(status: status, headers: ["content-type": "application/json"], body: value.compactBytes()))
}

/// An answer in any words.
func tells(
    _ text: String, _ status: Int = 200, type: String? = "application/json", retryAfter: String? = nil
) -> Result<HTTPAnswer, HTTPFault> {
    var headers: [String: String] = [:]
    headers["content-type"] = type
    headers["retry-after"] = retryAfter
    return .success(HTTPAnswer(status: status, headers: headers, body: Array(text.utf8)))
}

/// A refusal in Sim's form.
func refuses(_ status: Int, _ message: String = "no", cause: String? = nil) -> Result<HTTPAnswer, HTTPFault> {
    var error: JSONObject = ["code": "X", "message": .string(message)]
    if let cause { error["details"] = ["code": .string(cause)] }
    return says(["error": .object(error)], status)
}

/// A run as Sim shows it.
func shows(_ status: String, _ paused: JSONValue = .null, run: String = "r", workflow: String = "w") -> JSONValue {
    [
        "data": [
            "runId": .string(run), "workflowId": .string(workflow), "status": .string(status), "paused": paused,
            "startedAt": "2026-03-02T09:00:00.000Z", "error": .null,
        ]
    ]
}

/// A pause.
func pause(_ context: String, points: Int = 1, resumed: Int = 0) -> JSONValue {
    [
        "contextId": .string(context), "pausedAt": "2026-03-02T09:00:00.000Z", "resumeAt": .null, "pauseKind": "human",
        "blockedOnBlockId": "b", "automaticResumeWaitingReason": .null,
        "pausePointCount": .number(JSONNumber(points)), "resumedCount": .number(JSONNumber(resumed)),
    ]
}

/// What a call throws; `nil` when it does not.
func refusal(_ body: () async throws(SimError) -> Void) async -> SimError? {
    do throws(SimError) {
        try await body()
        return nil
    } catch {
        return error
    }
}
