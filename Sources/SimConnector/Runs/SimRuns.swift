import EventModel
import HTTPDriver
import WorkflowDomain

extension SimConnector {
    /// The run `run` of `workflow` as it is now.
    public func run(_ run: String, of workflow: String) async throws(SimError) -> SimRunState {
        let request = try HTTPRequest.sim(.get, workflow: workflow, ["runs"], run: run)
        let (_, json) = try await requester.success(request, .reads, about: .run(run))
        return try SimRunState(json["data"], run: run, workflow: workflow)
    }

    /// Whether `run` can still be resumed at the pause `context`.
    public func standing(
        of context: String, in run: String, of workflow: String
    ) async throws(SimError) -> SimContextStanding {
        try await self.run(run, of: workflow).standing(of: context)
    }

    /// Whether `run` has ended.
    public func isOver(_ run: String, of workflow: String) async throws(SimError) -> Bool {
        try await self.run(run, of: workflow).isOver
    }

    /// Some runs of `workflow`, the newest first, without what they wait for.
    ///
    /// - Parameters:
    ///   - cursor: the ``SimRunPage/next`` of the page before.
    ///   - limit: the most runs, 1 to ``SimLimits/pageRuns``.
    ///   - status: only runs in this state.
    public func runs(
        of workflow: String, after cursor: String? = nil, limit: Int = 50, status: SimRunStatus? = nil
    ) async throws(SimError) -> SimRunPage {
        let limit = min(max(1, limit), SimLimits.pageRuns)
        var query: [HTTPRequest.QueryItem] = [.init("limit", String(limit))]
        if let status { query.append(.init("status", status.rawValue)) }
        if let cursor { query.append(.init("cursor", cursor)) }
        let request = try HTTPRequest.sim(.get, workflow: workflow, ["runs"], query: query)
        let (_, json) = try await requester.success(request, .reads, about: .workflow(workflow))
        guard let listed = json["data"]?.array else { throw .malformed(what: "runs that are no list") }
        guard listed.count <= limit else {
            throw .malformed(what: "\(listed.count) runs where at most \(limit) were asked for")
        }
        var runs: [SimRunState] = []
        var seen: Set<String> = []
        for value in listed {
            let run = try SimRunState(value, workflow: workflow)
            guard seen.insert(run.run).inserted else { throw .malformed(what: "a page with one run twice") }
            runs.append(run)
        }
        let next = try SimReading(json, "the page").text("nextCursor", limit: SimLimits.cursorBytes)
        // Whoever follows the pages would never come to an end.
        guard next == nil || next != cursor else { throw .malformed(what: "a page that is its own next one") }
        return SimRunPage(runs: runs, next: next)
    }

    /// The log of `run` with the spans of its blocks, byte for byte as Sim answers it: ingest takes it as it is.
    ///
    /// - Throws: ``SimError/malformed(what:)`` when it is not JSON or about another run.
    public func log(of run: String) async throws(SimError) -> [UInt8] {
        try HTTPRequest.checked(run: run)
        let request = HTTPRequest(.get, ["api", "v2", "logs", run])
        let (answer, json) = try await requester.success(request, .reads, about: .run(run))
        let told = try SimReading(json["data"], "the log").required("runId")
        guard told == run else { throw .malformed(what: "the log of another run than was asked for") }
        return answer.body
    }
}
