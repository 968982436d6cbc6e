import EventModel
import HTTPDriver
import WorkflowDomain

extension SimConnector {
    /// Ends `run`, whatever it does. Repeating it changes nothing more, and neither does it when the run is over.
    ///
    /// - Parameter isTimely: asked before each try, whether the order may still be given.
    /// - Throws: ``SimError/timedOut(after:)`` when it was not given even once, and ``SimError/cancelled`` when it was not given once more.
    public func cancel(
        _ run: String, of workflow: String, while isTimely: @Sendable () -> Bool = { true }
    ) async throws(SimError) -> SimCancellation {
        let request = try HTTPRequest.sim(.post, workflow: workflow, ["runs"], run: run, "cancel")
        guard isTimely() else { throw .timedOut(after: requester.settings.requestPatience) }
        let (_, json) = try await requester.success(request, .settles, about: .run(run), while: isTimely)
        guard let data = json["data"], data["runId"]?.string == run, let success = data["success"]?.bool else {
            throw .unknownOutcome(reason: "the answer does not say what became of the run")
        }
        let reason = String((data["reason"]?.string ?? "").prefix(SimLimits.detailCharacters))
        return switch reason {
        case "already_cancelled": .alreadyOver(.cancelled)
        case "already_completed": .alreadyOver(.completed)
        case "already_failed": .alreadyOver(.failed)
        default:
            success && (reason == "recorded" || reason.isEmpty) ? .recorded : .uncertain(reason: reason)
        }
    }
}

/// What became of an order to cancel.
public enum SimCancellation: Sendable, Hashable {
    /// Sim has put it on record; the run ends soon.
    case recorded
    /// The run had ended so before; nothing was done.
    case alreadyOver(ExecutionStatus)
    /// Sim could not tell the run, for this reason of its own: it may go on. Look at it, then repeat.
    case uncertain(reason: String)
}
