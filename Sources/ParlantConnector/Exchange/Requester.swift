import EventModel
import EventSourcing

/// Sends requests, repeats those that are safe to repeat, and turns what comes back into answers or errors.
struct Requester: Sendable {
    /// What a repetition of a request does.
    enum Repetition {
        /// It only reads.
        case reads
        /// It changes something, but a second time nothing more.
        case settles
        /// It may do the same once more, so it is repeated only if it was not sent.
        case doubles
    }

    let exchange: any HTTPExchange
    let settings: ParlantSettings
    let time: any Timekeeper
    let random: any RandomSource

    /// Sends `request` and answers what came back, whatever its status.
    ///
    /// - Parameter wait: how long the server is asked to wait before it answers.
    func answer(
        _ request: ParlantRequest, _ repetition: Repetition, waiting wait: Duration = .zero
    ) async throws(ParlantError) -> ParlantAnswer {
        var backoff = settings.backoff
        for attempt in 1...settings.attempts {
            let isLast = attempt == settings.attempts
            do throws(ExchangeFault) {
                let answer = try await exchange.send(
                    request, within: settings.requestPatience + wait, atMost: ParlantLimits.answerBytes)
                guard Self.isTransient(answer.status), !isLast else { return answer }
            } catch {
                guard !isLast, Self.mayRepeat(error, repetition) else { throw Self.error(error, repetition) }
            }
            do throws(CancellationError) { try await time.sleep(for: backoff.next(random)) } catch { throw .cancelled }
        }
        throw .unavailable(reason: "no attempt was made")
    }

    /// 502, 503 and 429 come before anything was done. 504 is not among them: it is how a long poll says that there is nothing yet.
    private static func isTransient(_ status: Int) -> Bool { [429, 502, 503].contains(status) }

    private static func mayRepeat(_ fault: ExchangeFault, _ repetition: Repetition) -> Bool {
        switch (fault, repetition) {
        case (.unreachable, _), (.brokenOff, .reads), (.brokenOff, .settles), (.timedOut, .reads),
            (.timedOut, .settles):
            true
        case (.brokenOff, .doubles), (.timedOut, .doubles), (.tooLarge, _), (.cancelled, _): false
        }
    }

    private static func error(_ fault: ExchangeFault, _ repetition: Repetition) -> ParlantError {
        switch (fault, repetition) {
        case (.unreachable(let reason), _): .unavailable(reason: reason)
        case (.brokenOff(let reason), .reads): .unavailable(reason: reason)
        case (.timedOut(let patience), .reads): .timedOut(after: patience)
        case (.brokenOff(let reason), _): .unknownOutcome(reason: reason)
        case (.timedOut(let patience), _): .unknownOutcome(reason: "no answer within \(patience)")
        case (.tooLarge(let limit), _): .tooLarge(limit: limit)
        case (.cancelled, _): .cancelled
        }
    }

    /// Sends `request` and answers the JSON of a success.
    func json(
        _ request: ParlantRequest, _ repetition: Repetition, about subject: ParlantSubject,
        waiting wait: Duration = .zero
    ) async throws(ParlantError) -> JSONValue {
        let answer = try await answer(request, repetition, waiting: wait)
        guard (200..<300).contains(answer.status) else { throw Refusals.error(answer, about: subject) }
        return try Self.value(answer)
    }

    /// The JSON of an answer.
    static func value(_ answer: ParlantAnswer) throws(ParlantError) -> JSONValue {
        guard !answer.body.isEmpty else { return .null }
        let limits = JSONLimits(bytes: ParlantLimits.answerBytes, depth: JSONLimits.deepest)
        do throws(JSONFlaw) { return try JSONValue(answer.body, limits: limits) } catch {
            throw .malformed(what: "no JSON at byte \(error.offset)")
        }
    }

    /// A request whose parts are within the limits.
    static func checked(_ request: ParlantRequest) throws(ParlantError) -> ParlantRequest {
        for segment in request.path
        where segment.isEmpty || segment.utf8.count > ParlantLimits.idBytes || segment.utf8.contains(UInt8(ascii: "/"))
            || segment == "." || segment == ".."
        {
            throw .invalid([
                ParlantProblem(
                    code: "bad_id", place: "id", detail: "an id of \(segment.utf8.count) bytes cannot be asked for")
            ])
        }
        if let body = request.body, body.compactBytes().count > ParlantLimits.requestBytes {
            throw .tooLarge(limit: ParlantLimits.requestBytes)
        }
        return request
    }
}
