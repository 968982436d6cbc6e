import EventModel
import HTTPDriver

/// Reads answers that are no success: `{"error": {code, message, details}}`, and whatever a proxy before Sim says.
struct SimRefusal {
    /// Sim's own word for the kind.
    let code: String
    /// What Sim said, if it is a short sentence.
    let detail: String
    /// Sim's own word for the cause, where it has one.
    let cause: String?

    /// - Returns: `nil` when it was not Sim that refused.
    init?(_ answer: HTTPAnswer) {
        let value: JSONValue?
        do throws(SimError) { value = try SimRequester.json(answer) } catch { value = nil }
        guard let error = value?["error"] else { return nil }
        if let text = error.string {
            self.init(code: "", message: text, cause: nil)
        } else if error.object != nil {
            self.init(
                code: error["code"]?.string ?? "", message: error["message"]?.string,
                cause: error["details"]?["code"]?.string)
        } else {
            return nil
        }
    }

    private init(code: String, message: String?, cause: String?) {
        self.code = Self.shortened(code)
        self.cause = cause.map(Self.shortened)
        detail = message.map(Self.shortened) ?? "no reason was given"
    }

    /// Texts with several lines may be tracebacks, and quote what was sent.
    private static func shortened(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return String(line.prefix(SimLimits.detailCharacters))
    }

    /// Whether the server says that it does not know itself whether the run has begun.
    static func isAmbiguous(_ answer: HTTPAnswer) -> Bool { SimRefusal(answer)?.cause == "ASYNC_ENQUEUE_AMBIGUOUS" }

    /// What an answer that is no success means.
    static func error(_ answer: HTTPAnswer, _ repetition: Repetition, about subject: SimSubject) -> SimError {
        let refusal = SimRefusal(answer)
        let status = answer.status
        switch status {
        case 300..<400:
            return .refused(status: status, detail: "it points elsewhere; configure the URL that it points to")
        case 401: return .unauthorized
        case 404:
            // A proxy that knows nothing of Sim says so, too: that is no word about the run.
            guard refusal != nil else { return .malformed(what: "404, but not from Sim; is the URL Sim's?") }
            return .notFound(subject)
        case 409: return .conflict(what: refusal.map { $0.cause ?? $0.detail } ?? "status 409")
        case 429: return .rateLimited(retryAfter: answer.retryAfter)
        case 499: return .unknownOutcome(reason: "status 499")
        case 503 where !isAmbiguous(answer): return .unavailable(reason: "status 503")
        case 500..<600:
            return repetition == .reads
                ? .unavailable(reason: "status \(status)") : .unknownOutcome(reason: "status \(status)")
        default: return .refused(status: status, detail: refusal?.detail ?? "no reason was given")
        }
    }
}
