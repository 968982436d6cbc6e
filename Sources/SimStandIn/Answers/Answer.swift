import EventModel
import StandInDoor
import WorkflowDomain

/// What the stand-in says to what it is told.
enum Answer: Sendable, Equatable {
    case done
    case accepted(run: String, isQueued: Bool)
    case resumed(run: String, attempt: String, isQueued: Bool)
    case cancelled(run: String, over: SimRunStatus?, wasPaused: Bool)
    case runTaken
    case notFound(String)
    case badRequest(String)
    case conflict(String, String)
    case unavailable(String)
    case failed(String)
}

extension Answer {
    /// The reply, where the state of the run need not be waited for.
    ///
    /// - Parameter base: where runs are found: `http://host/api/v2/workflows/<id>/runs/`.
    func reply(base: String) -> Reply {
        switch self {
        case .done: Reply(200, ["data": [:]])
        case .accepted(let run, _): Self.receipt(run, base + run)
        case .resumed(let run, let attempt, _): Self.receipt(attempt, base + run)
        case .cancelled(let run, let over, let wasPaused):
            Reply(
                200,
                [
                    "data": [
                        "success": true, "runId": .string(run), "redisAvailable": true,
                        "durablyRecorded": .bool(over == nil), "locallyAborted": .bool(over == nil && !wasPaused),
                        "pausedCancelled": .bool(wasPaused),
                        "reason": .string(over.map { "already_\($0.rawValue)" } ?? "recorded"),
                    ]
                ])
        case .runTaken: .refusal(409, "CONFLICT", "Run id is already claimed", cause: "RUN_ID_CONFLICT")
        case .notFound(let what): .refusal(404, "NOT_FOUND", what)
        case .badRequest(let what): .refusal(400, "BAD_REQUEST", what)
        case .conflict(let cause, let what): .refusal(409, "CONFLICT", what, cause: cause)
        case .unavailable(let what): .refusal(503, "SERVICE_UNAVAILABLE", what)
        case .failed(let what): .refusal(500, "INTERNAL_ERROR", what)
        }
    }

    private static func receipt(_ run: String, _ url: String) -> Reply {
        Reply(202, ["data": ["runId": .string(run), "statusUrl": .string(url)]], headers: ["X-Run-Id": run])
    }
}
