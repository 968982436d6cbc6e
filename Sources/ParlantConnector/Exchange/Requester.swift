import EventModel
import EventSourcing
import HTTPDriver

/// Sends requests, repeats those that are safe to repeat, and turns what comes back into answers or errors.
struct Requester: Sendable {
    let exchange: any HTTPExchange
    let settings: ParlantSettings
    let time: any Timekeeper
    let random: any RandomSource

    /// Sends `request` and answers what came back, whatever its status.
    ///
    /// - Parameter wait: how long the server is asked to wait before it answers.
    func answer(
        _ request: HTTPRequest, _ repetition: Repetition, waiting wait: Duration = .zero
    ) async throws(ParlantError) -> HTTPAnswer {
        var backoff = settings.backoff
        let attempts = Attempts(
            count: settings.attempts, patience: settings.requestPatience + wait,
            answerBytes: ParlantLimits.answerBytes)
        do throws(HTTPFault) {
            return try await attempts.send(
                request, over: exchange, repetition, isPassing: { Self.isPassing($0.status) },
                pause: { (_) async throws(CancellationError) in try await time.sleep(for: backoff.next(random)) })
        } catch {
            throw Self.error(error, repetition)
        }
    }

    /// 502, 503 and 429 come before anything was done. 504 is not among them: it is how a long poll says that there is nothing yet.
    private static func isPassing(_ status: Int) -> Bool { [429, 502, 503].contains(status) }

    private static func error(_ fault: HTTPFault, _ repetition: Repetition) -> ParlantError {
        switch (fault, repetition) {
        case (.unreachable(let reason), _): .unavailable(reason: reason)
        case (.brokenOff(let reason), .reads): .unavailable(reason: reason)
        case (.timedOut(let patience), .reads): .timedOut(after: patience)
        case (.tooLarge(let limit), .reads): .tooLarge(limit: limit)
        case (.brokenOff(let reason), _): .unknownOutcome(reason: reason)
        case (.timedOut(let patience), _): .unknownOutcome(reason: "no answer within \(patience)")
        case (.tooLarge(let limit), _): .unknownOutcome(reason: "the answer has more than \(limit) bytes")
        case (.cancelled, _): .cancelled
        }
    }

    /// Sends `request` and answers the JSON of a success.
    func json(
        _ request: HTTPRequest, _ repetition: Repetition, about subject: ParlantSubject,
        waiting wait: Duration = .zero
    ) async throws(ParlantError) -> JSONValue {
        let answer = try await answer(request, repetition, waiting: wait)
        guard (200..<300).contains(answer.status) else { throw Refusals.error(answer, about: subject) }
        return try Self.value(answer)
    }

    /// The JSON of an answer.
    static func value(_ answer: HTTPAnswer) throws(ParlantError) -> JSONValue {
        guard !answer.body.isEmpty else { return .null }
        let limits = JSONLimits(bytes: ParlantLimits.answerBytes, depth: JSONLimits.deepest)
        do throws(JSONFlaw) { return try JSONValue(answer.body, limits: limits) } catch {
            throw .malformed(what: "no JSON at byte \(error.offset)")
        }
    }

    /// A request whose parts are within the limits.
    static func checked(_ request: HTTPRequest) throws(ParlantError) -> HTTPRequest {
        for segment in request.path where !HTTPRequest.isSegment(segment, limit: ParlantLimits.idBytes) {
            throw .invalid([
                ParlantProblem(
                    code: "bad_id", place: "id", detail: "an id of \(segment.utf8.count) bytes cannot be asked for")
            ])
        }
        if let body = request.body, body.count > ParlantLimits.requestBytes {
            throw .tooLarge(limit: ParlantLimits.requestBytes)
        }
        return request
    }
}

extension HTTPRequest {
    /// A request with a body.
    init(_ method: Method, _ path: [String], query: [QueryItem] = [], json: JSONValue) {
        self.init(method, path, query: query, body: json.compactBytes())
    }
}
