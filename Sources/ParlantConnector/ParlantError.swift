import EventModel
import EventSourcing
import JourneyDomain

/// Why something at Parlant did not happen, or may not have. Never holds what the server said at length: an error of Parlant's carries
/// its whole traceback with the paths of its files.
public enum ParlantError: Error, Sendable, Equatable {
    // MARK: the machine room

    /// The server cannot be reached, or says that it is not ready; nothing happened.
    case unavailable(reason: String)
    /// There was no answer in time to a request that changes nothing.
    case timedOut(after: Duration)
    /// There was no whole answer to a request that changes something: look before you repeat it.
    case unknownOutcome(reason: String)
    /// The answer, or the request, is larger than allowed.
    case tooLarge(limit: Int)
    /// The answer is not what it should be.
    case malformed(what: String)
    /// The server runs without our module (`ops/parlant`).
    case moduleMissing
    /// The caller's task was cancelled.
    case cancelled

    // MARK: answers

    /// There is no such thing, or no longer.
    case notFound(ParlantSubject)
    /// The journey has changed since the version that was expected; this is the present one.
    case conflict(version: JourneyVersion)
    /// Another journey has this id; this is its version.
    case exists(version: JourneyVersion)
    /// These fields of a journey that exists cannot be changed: in Parlant 3.3.2 the change would break the first turn of every new
    /// session of every agent. Delete the journey and create it again, or live with the old values.
    case needsRecreation([JourneyField])
    /// The session is not where it was expected to be.
    case movedOn(SessionPlace)
    /// A turn of the session is under way; its place can be set when it is over.
    case turnInProgress
    /// The session belongs to another execution.
    case bound(execution: String)
    /// A person has taken the session over; a message by the agent would hang for a minute and fail.
    case manualMode
    /// What was sent breaks rules; all problems that were found.
    case invalid([ParlantProblem])
    /// The server refused for another reason.
    case refused(status: Int, detail: String)

    /// Whether the same request may succeed later without anybody's help.
    public var isTransient: Bool {
        switch self {
        case .unavailable, .timedOut, .turnInProgress: true
        case .unknownOutcome, .tooLarge, .malformed, .moduleMissing, .cancelled, .notFound, .conflict, .exists,
            .needsRecreation, .movedOn, .bound, .manualMode, .invalid, .refused:
            false
        }
    }
}

extension ParlantError {
    /// What it says about the server, for a circuit before it.
    public var verdict: Circuit.Verdict {
        switch self {
        case .unavailable, .timedOut, .unknownOutcome: .down
        // It answers, but nothing of ours can be done there.
        case .malformed, .moduleMissing: .down
        case .cancelled, .invalid: .untold
        case .tooLarge, .notFound, .conflict, .exists, .needsRecreation, .movedOn, .turnInProgress, .bound, .manualMode,
            .refused:
            .alive
        }
    }
}

/// What was not found.
public enum ParlantSubject: Sendable, Hashable {
    /// A journey.
    case journey(String)
    /// A session.
    case session(String)
    /// Something else, by what the request was about.
    case other(String)
}

/// One thing that is wrong with a request.
public struct ParlantProblem: Sendable, Hashable {
    /// A stable word for it.
    public let code: String
    /// Where it is, in the request.
    public let place: String
    /// One sentence.
    public let detail: String

    /// A problem.
    public init(code: String, place: String, detail: String) {
        self.code = code
        self.place = place
        self.detail = detail
    }
}

/// A field that Parlant takes only when a journey is created.
public enum JourneyField: String, Sendable, CaseIterable {
    /// The title.
    case title
    /// The description.
    case description
    /// The priority.
    case priority
    /// The mode of composition.
    case compositionMode = "composition_mode"
}

extension ParlantError: CustomStringConvertible {
    /// One sentence and what to do next.
    public var description: String {
        switch self {
        case .unavailable(let reason): "Parlant is not available (\(reason)); try again"
        case .timedOut(let patience): "Parlant did not answer within \(patience); try again"
        case .unknownOutcome(let reason):
            "the request may or may not have been carried out (\(reason)); look, then repeat"
        case .tooLarge(let limit): "more than \(limit) bytes; nothing was read"
        case .malformed(let what): "Parlant's answer is not understood: \(what)"
        case .moduleMissing:
            "the Parlant server runs without the module in ops/parlant, or with an older one; its README says how to load it"
        case .cancelled: "cancelled"
        case .notFound(let subject): "there is no \(subject)"
        case .conflict(let version): "the journey has changed; it is at version \(version) now"
        case .exists(let version): "another journey has this id, at version \(version)"
        case .needsRecreation(let fields):
            "\(fields.map(\.rawValue).joined(separator: ", ")) can only be set when a journey is created; delete and create it"
        case .movedOn(let place): "the session is elsewhere: \(place)"
        case .turnInProgress: "a turn is under way; try again when it is over"
        case .bound(let execution): "the session belongs to the execution \(execution)"
        case .manualMode: "a person has taken the session over; set its mode to auto first"
        case .invalid(let problems): problems.map(\.detail).joined(separator: "; ")
        case .refused(let status, let detail): "Parlant refused with status \(status): \(detail)"
        }
    }
}

extension ParlantSubject: CustomStringConvertible {
    /// What it is, and its id.
    public var description: String {
        switch self {
        case .journey(let id): "journey \(id)"
        case .session(let id): "session \(id)"
        case .other(let what): what
        }
    }
}
