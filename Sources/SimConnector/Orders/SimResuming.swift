import EventModel
import HTTPDriver

extension SimConnector {
    /// Resumes `run` at the pause `context` with `input`, if it waits there.
    ///
    /// It looks at the run first, so that an order that comes late does nothing, and again when Sim refuses, to say why. It is not
    /// repeated when it may have arrived: whoever was second would not know whose input was taken.
    ///
    /// - Parameter isTimely: asked between the look and the order, and before the order is given once more, whether it may still be.
    /// - Throws: ``SimError/timedOut(after:)`` when it was not, and ``SimError/alreadyResumed(context:)`` and ``SimError/notWaiting(_:)`` when it does not wait there;
    ///   ``SimError/unknownOutcome(reason:)`` when it may have been resumed: ask for ``standing(of:in:of:)``.
    @discardableResult
    public func resume(
        _ run: String, of workflow: String, at context: String, with input: JSONValue? = nil,
        while isTimely: @Sendable () -> Bool = { true }
    ) async throws(SimError) -> SimResumption {
        guard !context.isEmpty, context.utf8.count <= SimLimits.contextBytes else {
            throw .invalid(
                what: "a pause's name of \(context.utf8.count) bytes", limit: "1 to \(SimLimits.contextBytes)")
        }
        try Self.check(context, try await self.run(run, of: workflow))
        guard isTimely() else { throw .timedOut(after: requester.settings.requestPatience) }
        var body = JSONObject()
        body["contextId"] = .string(context)
        body["input"] = input
        let request = try HTTPRequest.sim(.post, workflow: workflow, ["runs"], run: run, "resume", json: .object(body))
        do throws(SimError) {
            let (answer, json) = try await requester.success(
                request, .doubles, about: .run(run), within: requester.settings.orderPatience, while: isTimely)
            return SimResumption(attempt: json["data"]?["runId"]?.string, isQueued: answer.status == 202)
        } catch {
            guard isAboutTheState(error) else { throw error }
            try Self.check(context, try await self.run(run, of: workflow))
            throw error
        }
    }

    /// Whether a refusal can be due to the run having moved on since it was looked at.
    private func isAboutTheState(_ error: SimError) -> Bool {
        switch error {
        case .conflict, .notFound, .refused(400, _): true
        case .unavailable, .timedOut, .rateLimited, .unknownOutcome, .tooLarge, .malformed, .cancelled, .unauthorized,
            .alreadyResumed, .notWaiting, .invalid, .refused:
            false
        }
    }

    private static func check(_ context: String, _ state: SimRunState) throws(SimError) {
        switch state.standing(of: context) {
        case .open, .unsure: return
        // It waits elsewhere, or goes on: so it is behind this pause.
        case .closed where !state.isOver: throw .alreadyResumed(context: context)
        case .closed: throw .notWaiting(state.status)
        }
    }
}

/// What Sim answered to a resumption.
public struct SimResumption: Sendable, Equatable {
    /// The id that Sim gives the resumed attempt. The run keeps its own id, by which it is looked at and resumed again.
    public let attempt: String?
    /// Whether it was only put into a queue.
    public let isQueued: Bool
}
