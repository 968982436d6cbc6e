import EventSourcing
import WorkflowDomain

/// Why something at Sim did not happen, or may not have. Never holds a key, nor what the server said at length.
public enum SimError: Error, Sendable, Hashable {
    // MARK: the machine room

    /// The server cannot be reached, or says that it is not ready; nothing happened.
    case unavailable(reason: String)
    /// There was no answer in time to a request that changes nothing.
    case timedOut(after: Duration)
    /// The server asks to be left alone, for so long if it says; nothing happened.
    case rateLimited(retryAfter: Duration?)
    /// There was no answer that can be understood to a request that changes something: look before you repeat it.
    case unknownOutcome(reason: String)
    /// The answer, or the request, is larger than `limit` bytes.
    case tooLarge(limit: Int)
    /// The answer is not what it should be.
    case malformed(what: String)
    /// The caller's task was cancelled.
    case cancelled

    // MARK: answers

    /// The server does not know our key.
    case unauthorized
    /// There is no such thing, or none that our key may see.
    case notFound(SimSubject)
    /// Somebody else has been here first.
    case conflict(what: String)
    /// The pause was resumed before, by us or by somebody else.
    case alreadyResumed(context: String)
    /// The run does not wait at this pause: it is in this state.
    case notWaiting(SimRunStatus)
    /// What we were asked to send cannot be sent.
    case invalid(what: String, limit: String)
    /// The server refused for another reason.
    case refused(status: Int, detail: String)

    /// Whether the same request may succeed later without anybody's help.
    public var isTransient: Bool {
        switch self {
        case .unavailable, .timedOut, .rateLimited: true
        case .unknownOutcome, .tooLarge, .malformed, .cancelled, .unauthorized, .notFound, .conflict, .alreadyResumed,
            .notWaiting, .invalid, .refused:
            false
        }
    }
}

/// What was asked for.
public enum SimSubject: Sendable, Hashable {
    /// A workflow.
    case workflow(String)
    /// A run.
    case run(String)
}

extension SimError {
    /// What it says about the server, for a circuit before it.
    public var verdict: Circuit.Verdict {
        switch self {
        case .unavailable, .timedOut, .unknownOutcome: .down
        // Nothing that we send would be taken.
        case .unauthorized, .malformed: .down
        case .rateLimited(let wait): wait.map(Circuit.Verdict.busy) ?? .down
        case .cancelled, .invalid: .untold
        case .tooLarge, .notFound, .conflict, .alreadyResumed, .notWaiting, .refused: .alive
        }
    }
}

extension SimError: CustomStringConvertible {
    /// One sentence and what to do next.
    public var description: String {
        switch self {
        case .unavailable(let reason): "Sim is not available (\(reason)); try again"
        case .timedOut(let patience): "Sim did not answer within \(patience); try again"
        case .rateLimited(let wait): "Sim asks for fewer requests; try again \(wait.map { "in \($0)" } ?? "later")"
        case .unknownOutcome(let reason):
            "the request may or may not have been carried out (\(reason)); look at the run, then repeat"
        case .tooLarge(let limit): "more than \(limit) bytes; nothing was read"
        case .malformed(let what): "Sim's answer is not understood: \(what)"
        case .cancelled: "cancelled"
        case .unauthorized: "Sim does not know the API key; make one in Sim under Settings, API Keys, and configure it"
        case .notFound(let subject): "there is no \(subject), or the API key may not see it"
        case .conflict(let what): "Sim is in another state than was expected: \(what); look at the run"
        case .alreadyResumed(let context): "the pause \(context) was resumed before"
        case .notWaiting(let status): "the run does not wait at this pause, it is \(status.rawValue)"
        case .invalid(let what, let limit): "\(what) cannot be sent; allowed are \(limit)"
        case .refused(let status, let detail): "Sim refused with status \(status): \(detail)"
        }
    }
}

extension SimSubject: CustomStringConvertible {
    /// What it is, and its id.
    public var description: String {
        switch self {
        case .workflow(let id): "workflow \(id)"
        case .run(let id): "run \(id)"
        }
    }
}
