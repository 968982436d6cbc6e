import EventModel
import HTTPDriver

extension SimConnector {
    /// Starts a run of `workflow` under the id `run`. Repeating it starts no second one: Sim refuses an id that is taken.
    ///
    /// - Parameters:
    ///   - run: the id; Sim takes it as a claim of uniqueness.
    ///   - waiting: whether Sim is to answer only when the run has ended or pauses. A run that takes too long is answered as *failed* then,
    ///     with HTTP 200, while it goes on; so a failure is believed only when the run itself says so.
    /// - Throws: ``SimError/conflict(what:)`` when the id is taken by a run of another workflow.
    public func execute(
        _ workflow: String, input: JSONObject = JSONObject(), as run: String, waiting: Bool = false
    ) async throws(SimError) -> SimStart {
        try HTTPRequest.checked(run: run)
        guard let claim = HTTPField("X-Run-Id", run) else {
            throw .invalid(what: "a run id of \(run.utf8.count) bytes", limit: "visible ASCII")
        }
        let body: JSONValue = waiting ? ["input": .object(input)] : ["input": .object(input), "async": true]
        let request = try HTTPRequest.sim(
            .post, workflow: workflow, [], run: nil, "execute", headers: [claim], json: body)
        do throws(SimError) {
            let (_, json) = try await requester.success(
                request, .settles, about: .workflow(workflow),
                within: waiting ? requester.settings.orderPatience : requester.settings.requestPatience)
            guard json["data"]?["runId"]?.string == run else {
                throw .unknownOutcome(reason: "the answer is about another run")
            }
            return SimStart(run: run, isNew: true, state: waiting ? try await seen(run, of: workflow) : nil)
        } catch {
            guard mayHaveBegun(error) else { throw error }
            return try await found(run, of: workflow, insteadOf: error)
        }
    }

    private func mayHaveBegun(_ error: SimError) -> Bool {
        switch error {
        case .conflict, .unknownOutcome: true
        case .unavailable, .timedOut, .rateLimited, .tooLarge, .malformed, .cancelled, .unauthorized, .notFound,
            .alreadyResumed, .notWaiting, .invalid, .refused:
            false
        }
    }

    /// The run as it is; `nil` when nobody can say at the moment.
    private func seen(_ run: String, of workflow: String) async throws(SimError) -> SimRunState? {
        do throws(SimError) { return try await self.run(run, of: workflow) } catch {
            if case .cancelled = error { throw error }
            return nil
        }
    }

    /// Answers the run if it is there, else `error`.
    private func found(_ run: String, of workflow: String, insteadOf error: SimError) async throws(SimError) -> SimStart
    {
        do throws(SimError) {
            return SimStart(run: run, isNew: false, state: try await self.run(run, of: workflow))
        } catch let other {
            if case .cancelled = other { throw other }
            throw error
        }
    }
}

/// A run that was to be started.
public struct SimStart: Sendable, Equatable {
    /// Its id.
    public let run: String
    /// Whether it was certainly this order that started it. Otherwise it was there when it was looked for: by an earlier try of ours, or by
    /// somebody who took the id first.
    public let isNew: Bool
    /// The run as it was seen afterwards; `nil` when it was not looked at or could not be.
    public let state: SimRunState?
}
