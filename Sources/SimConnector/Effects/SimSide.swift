import Connecting
import EventModel
import Reconciliation
import WorkflowDomain

/// The workflow's side of executions that Sim runs, for whoever carries effects out: it resumes and cancels, and nothing else.
///
/// The execution's id is the id of the run.
public struct SimSide: SideConnector {
    private let connector: SimConnector

    /// The side that `connector` reaches.
    public init(_ connector: SimConnector) { self.connector = connector }

    /// What every Sim can be told; known without one.
    public static let declared = Capabilities.sim

    /// ``declared``
    public var capabilities: Capabilities { Self.declared }

    /// As the protocol says. The run is looked at right before it is resumed or cancelled: nobody is sent on from where he is no more, and a run that was
    /// resumed since it was decided to cancel it goes on.
    public func carryOut(_ errand: Errand) async -> ErrandAnswer {
        guard let workflow = errand.workflow else {
            return .refused(because: "nobody has said which workflow the execution runs")
        }
        let isTimely: @Sendable () -> Bool = { errand.isTimely(at: connector.requester.time.now()) }
        do throws(SimError) {
            switch errand.effect.action {
            case .resume(_, let context, let input):
                _ = try await connector.resume(
                    errand.execution, of: workflow, at: context, with: input, while: isTimely)
                return .done
            case .cancel:
                if let answer = await settled(errand, workflow) { return answer }
                return Self.answer(try await connector.cancel(errand.execution, of: workflow, while: isTimely))
            case .enter, .leave, .close, .tell: return .refused(because: "no run does that")
            }
        } catch {
            return Self.answer(error)
        }
    }

    /// As the protocol says: a pause that is not open any more was resumed, by whomever, unless the run was ended while it waited.
    public func probe(_ errand: Errand) async -> ProbeAnswer {
        guard let workflow = errand.workflow else {
            return .untellable(because: "nobody has said which workflow the execution runs")
        }
        do throws(SimError) {
            switch errand.effect.action {
            case .resume(_, let context, _):
                return Self.wasResumed(context, try await connector.run(errand.execution, of: workflow))
            case .cancel: return Self.wasCancelled(try await connector.run(errand.execution, of: workflow))
            case .enter, .leave, .close, .tell: return .untellable(because: "no run does that")
            }
        } catch {
            switch error {
            case .notFound, .invalid: return .untellable(because: error.reason)
            case .unavailable, .timedOut, .rateLimited, .unknownOutcome, .tooLarge, .malformed, .cancelled,
                .unauthorized, .conflict, .alreadyResumed, .notWaiting, .refused:
                return .unavailable(because: error.reason)
            }
        }
    }

    private static func wasResumed(_ context: String, _ run: SimRunState) -> ProbeAnswer {
        switch run.standing(of: context) {
        case .open: .absent
        case .unsure: .untellable(because: "the run waits at several places, of which Sim names another")
        // A run that was ended while it waited looks as one that was ended later.
        case .closed where run.status == .cancelled || run.status == .redacting:
            .untellable(because: "the run is \(run.status.rawValue), which says nothing of what was before")
        case .closed: .found
        }
    }

    private static func wasCancelled(_ run: SimRunState) -> ProbeAnswer {
        switch run.status {
        case .cancelled: .found
        case .redacting: .untellable(because: "the run is over, and Sim does not say how it ended")
        // What has ended otherwise was not cancelled, and will not be.
        case .queued, .pending, .running, .paused, .completed, .failed: .absent
        }
    }

    /// What a look at the run says to cancelling it; `nil` when it may still be cancelled.
    private func settled(_ errand: Errand, _ workflow: String) async -> ErrandAnswer? {
        do throws(SimError) {
            let run = try await connector.run(errand.execution, of: workflow)
            return run.settlesCancelling(decidedAt: errand.effect.premise)
        } catch {
            // Nothing was ordered yet.
            guard case .unknown(let because) = Self.answer(error) else { return Self.answer(error) }
            return .unavailable(because: because)
        }
    }

    private static func answer(_ cancellation: SimCancellation) -> ErrandAnswer {
        switch cancellation {
        case .recorded, .alreadyOver(.cancelled): .done
        case .alreadyOver(let status): .movedOn(because: "the run has \(status.rawValue) before")
        case .uncertain: .unknown(because: "Sim could not tell the run")
        }
    }

    private static func answer(_ error: SimError) -> ErrandAnswer {
        switch error {
        // A wrong key is mended by whoever runs the process, and so is a wrong URL; then the effect is as good as ever.
        case .unavailable, .timedOut, .rateLimited, .unauthorized: .unavailable(because: error.reason)
        case .refused(300..<400, _), .refused(402...403, _): .unavailable(because: error.reason)
        // Of orders it is never said: one whose answer is not understood has an unknown outcome.
        case .malformed: .unavailable(because: error.reason)
        case .unknownOutcome, .cancelled: .unknown(because: error.reason)
        case .alreadyResumed, .notWaiting, .conflict: .movedOn(because: error.reason)
        case .tooLarge, .notFound, .invalid, .refused: .refused(because: error.reason)
        }
    }
}

extension SimError {
    /// Why, in words of ours alone: what Sim says may quote what it was sent, and reasons are kept for ever.
    var reason: String {
        switch self {
        case .unavailable: "Sim is not available"
        case .timedOut: "Sim did not answer in time"
        case .rateLimited: "Sim asks for fewer requests"
        case .unknownOutcome: "Sim's answer was not heard"
        case .tooLarge: "the request is too large"
        case .malformed: "Sim's answer is not understood"
        case .cancelled: "the request was broken off"
        case .unauthorized: "Sim does not know the API key"
        case .notFound: "Sim has no such run"
        case .conflict: "Sim is in another state than was expected"
        case .alreadyResumed: "the pause was resumed before"
        case .notWaiting(let status): "the run does not wait there: it is \(status.rawValue)"
        case .invalid: "the request cannot be sent"
        case .refused(let status, _): "Sim refused with status \(status)"
        }
    }
}
