import EventModel
import EventSourcing
import HTTPDriver
import WorkflowDomain

/// Sends requests, repeats those that are safe to repeat, and turns what comes back into answers or errors.
struct SimRequester: Sendable {
    let exchange: any HTTPExchange
    let settings: SimSettings
    let time: any Timekeeper
    let random: any RandomSource

    /// Sends `request` and answers a success with its JSON.
    ///
    /// - Parameters:
    ///   - patience: how long one attempt may take.
    ///   - isTimely: asked before each attempt but the first, whether it may still be made: a process may have stood still during the pause. What the attempts
    ///     before have come to nobody knows for sure then: ``SimError/cancelled``.
    func success(
        _ request: HTTPRequest, _ repetition: Repetition, about subject: SimSubject, within patience: Duration? = nil,
        while isTimely: @Sendable () -> Bool = { true }
    ) async throws(SimError) -> (answer: HTTPAnswer, json: JSONValue) {
        if let body = request.body, body.count > SimLimits.requestBytes {
            throw .tooLarge(limit: SimLimits.requestBytes)
        }
        let answer = try await answer(
            request, repetition, within: patience ?? settings.requestPatience, while: isTimely)
        guard answer.isSuccess else { throw SimRefusal.error(answer, repetition, about: subject) }
        do throws(SimError) { return (answer, try Self.json(answer)) } catch {
            // Whatever the server meant, the order was carried out.
            guard case .malformed(let what) = error, repetition != .reads else { throw error }
            throw .unknownOutcome(reason: "the answer is not understood: \(what)")
        }
    }

    private func answer(
        _ request: HTTPRequest, _ repetition: Repetition, within patience: Duration, while isTimely: () -> Bool
    ) async throws(SimError) -> HTTPAnswer {
        var backoff = settings.backoff
        let attempts = Attempts(count: settings.attempts, patience: patience, answerBytes: SimLimits.answerBytes)
        do throws(HTTPFault) {
            return try await attempts.send(
                request, over: exchange, repetition, isPassing: { Self.isPassing($0, repetition) },
                pause: { (passing) async throws(CancellationError) in
                    try await time.sleep(for: max(backoff.next(random), passing?.retryAfter ?? .zero))
                    guard isTimely() else { throw CancellationError() }
                })
        } catch {
            throw Self.error(error, repetition)
        }
    }

    /// Whether the same may succeed soon, and may be sent again.
    private static func isPassing(_ answer: HTTPAnswer, _ repetition: Repetition) -> Bool {
        if let wait = answer.retryAfter, wait > SimLimits.longestWait { return false }
        switch answer.status {
        case 429: return true
        case 503: return !SimRefusal.isAmbiguous(answer)
        // What stands before Sim gives up on it when it has the request already.
        case 500, 502, 504: return repetition != .doubles
        default: return false
        }
    }

    private static func error(_ fault: HTTPFault, _ repetition: Repetition) -> SimError {
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

    /// The JSON of an answer that says that it is JSON.
    static func json(_ answer: HTTPAnswer) throws(SimError) -> JSONValue {
        if let type = answer.contentType, type != "application/json", !type.hasSuffix("+json") {
            throw .malformed(what: "it is \(type.prefix(60)), not JSON; is the URL Sim's?")
        }
        let limits = JSONLimits(bytes: SimLimits.answerBytes, depth: JSONLimits.deepest)
        do throws(JSONFlaw) { return try JSONValue(answer.body, limits: limits) } catch {
            throw .malformed(what: "no JSON at byte \(error.offset)")
        }
    }
}

extension HTTPRequest {
    /// A request to a run, or to the runs, of a workflow.
    /// - Throws: ``SimError/invalid(what:limit:)`` for ids that cannot stand in a path.
    static func sim(
        _ method: Method, workflow: String, _ path: [String] = [], run: String? = nil, _ order: String? = nil,
        query: [QueryItem] = [], headers: [HTTPField] = [], json: JSONValue? = nil
    ) throws(SimError) -> HTTPRequest {
        guard isSegment(workflow, limit: SimLimits.workflowBytes) else {
            throw .invalid(
                what: "a workflow id of \(workflow.utf8.count) bytes",
                limit: "1 to \(SimLimits.workflowBytes), no \"/\"")
        }
        if let run { try checked(run: run) }
        let place = ["api", "v2", "workflows", workflow] + path + (run.map { [$0] } ?? []) + (order.map { [$0] } ?? [])
        return HTTPRequest(method, place, query: query, headers: headers, body: json?.compactBytes())
    }

    /// Refuses what cannot be the id of a run at Sim.
    static func checked(run: String) throws(SimError) {
        // What is allowed in an execution is what is allowed in a run.
        guard isSegment(run, limit: SimLimits.runCharacters), ExecutionID(run) != nil else {
            throw .invalid(
                what: "a run id of \(run.utf8.count) bytes",
                limit: "1 to \(SimLimits.runCharacters) letters, digits, \".\", \"_\", \":\" and \"-\" (ASCII)")
        }
    }
}
