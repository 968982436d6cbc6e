import EventModel
import Testing
import WorkflowDomain

@Suite("Every status of Sim") struct SimStatusTests {
    @Test(arguments: [
        (SimRunStatus.pending, ExecutionStatus.queued), (.running, .running), (.paused, .paused),
        (.redacting, .running),
        (.completed, .completed), (.failed, .failed), (.cancelled, .cancelled), (.queued, .queued),
    ])
    func `of a run is one of ours, and the original is kept`(_ theirs: SimRunStatus, _ ours: ExecutionStatus) throws {
        #expect(theirs.status == ours)
        let standing = try self.standing(["runId": "e1", "status": .string(theirs.rawValue)])
        #expect(standing.status == ours && standing.word == theirs.rawValue)
    }

    @Test(arguments: [
        (SimRunStatus.pending, ExecutionStatus.waiting), (.running, .running), (.paused, .waiting),
        (.redacting, .running), (.completed, .completed), (.failed, .failed), (.cancelled, .cancelled),
        (.queued, .queued),
    ])
    func `of a run beside a pause is one of ours`(_ theirs: SimRunStatus, _ ours: ExecutionStatus) throws {
        #expect(theirs.status(pausedStuck: false) == ours)
        let run: JSONValue = [
            "runId": "e1", "status": .string(theirs.rawValue), "startedAt": "2026-03-02T09:00:00Z",
            "paused": ["contextId": "c", "pausedAt": "2026-03-02T09:00:06Z", "pauseKind": "human"],
        ]
        #expect(try standing(run).status == (ours == .queued ? .queued : ours))
        let stuck: ExecutionStatus = theirs == .pending || theirs == .paused ? .paused : ours
        #expect(theirs.status(pausedStuck: true) == stuck)
    }

    @Test func `is in the tables`() {
        #expect(SimRunStatus.allCases.count == 8 && SimResumeStatus.allCases.count == 5)
        #expect(SimBlockStatus.allCases.count == 2 && ExecutionStatus.allCases.count == 7)
    }

    @Test(arguments: [
        (SimResumeStatus.paused, ExecutionStatus.waiting), (.resumed, .running), (.failed, .paused),
        (.queued, .waiting),
        (.resuming, .running),
    ])
    func `of a resumption is one of ours`(_ theirs: SimResumeStatus, _ ours: ExecutionStatus) throws {
        #expect(theirs.status == ours)
        let paused: JSONValue = [
            "executionId": "e1", "workflowId": "w1", "updatedAt": "2026-03-02T09:05:00Z",
            "pausePoints": [
                [
                    "contextId": "c", "blockId": "approve", "resumeStatus": .string(theirs.rawValue),
                    "registeredAt": "2026-03-02T09:00:06Z", "pauseKind": "human", "response": ["question": "Pay?"],
                ]
            ],
        ]
        #expect(try standing(paused).status == ours)
    }

    @Test(arguments: [(SimBlockStatus.success, VisitStatus.completed), (.error, .failed)])
    func `of a block is one of ours`(_ theirs: SimBlockStatus, _ ours: VisitStatus) throws {
        #expect(theirs.status == ours)
        let span: JSONValue = ["blockId": "b", "type": "api", "status": .string(theirs.rawValue)]
        let log: JSONValue = ["runId": "e1", "status": "running", "traceSpans": [span]]
        #expect(try state(log).visits.values.map(\.status) == [ours])
    }

    @Test func `of a synchronous call that took too long is a failure, whatever HTTP says`() throws {
        let answer: JSONValue = [
            "success": false, "executionId": "e1", "status": "failed", "output": [:],
            "error": ["code": "TIMEOUT", "message": "Execution timed out"],
        ]
        let standing = try standing(answer)
        #expect(standing.status == .failed && standing.code == "TIMEOUT")
        #expect(try self.standing(["success": false, "executionId": "e1", "error": "boom"]).status == .failed)
        #expect(try self.standing(["success": true, "executionId": "e1"]).word == "success:true")
    }

    @Test func `pending in a log that shows blocks is a pause`() throws {
        let span: JSONValue = [
            "blockId": "b", "type": "api", "status": "success", "startTime": "2026-03-02T09:00:01Z",
            "endTime": "2026-03-02T09:00:02Z",
        ]
        let log: JSONValue = [
            "data": [
                "runId": "e1", "status": "pending", "startedAt": "2026-03-02T09:00:00Z", "trigger": "chat",
                "traceSpans": [span], "workflowState": ["blocks": [:]], "files": [["name": "a.txt"]],
            ]
        ]
        let state = try state(log)
        #expect(state.standing?.status == .waiting && state.trigger == "chat")
        let reports = try ExecutionReports.read(log)
        #expect(reports.last?.contents.rest == ["files": [["name": "a.txt"]]])
    }

    @Test func `running after a pause is believed when it was seen later`() throws {
        let paused: JSONValue = [
            "runId": "e1", "status": "paused", "startedAt": "2026-03-02T09:00:00Z",
            "paused": ["contextId": "c", "pausedAt": "2026-03-02T09:00:06Z", "pauseKind": "time"],
        ]
        let running: JSONValue = ["runId": "e1", "status": "running", "startedAt": "2026-03-02T09:00:00Z"]
        let seen = Timestamp(rfc3339: "2026-03-02T09:10:00Z")
        #expect(try standing(paused, running).status == .waiting)
        #expect(try standing(paused, running, observedAt: seen).status == .running)
        #expect(try standing(running, paused, observedAt: seen).status == .running)
    }

    @Test func `of a pause that is stuck says why`() throws {
        let run: JSONValue = [
            "runId": "e1", "status": "paused",
            "paused": [
                "contextId": "c", "pausedAt": "2026-03-02T09:00:06Z", "pauseKind": "time",
                "automaticResumeWaitingReason": "No worker",
            ],
        ]
        let state = try state(run)
        #expect(state.standing?.status == .paused && state.waits.values.contains { $0.error.preferred == "No worker" })
        #expect(state.waits[.context("c")]?.isOpen == true)
    }

    private func state(_ values: JSONValue..., observedAt: Timestamp? = nil) throws -> ExecutionState {
        try states(values, observedAt)
    }

    private func standing(_ values: JSONValue..., observedAt: Timestamp? = nil) throws -> ExecutionStanding {
        try #require(try states(values, observedAt).standing)
    }

    private func states(_ values: [JSONValue], _ observedAt: Timestamp?) throws -> ExecutionState {
        var state = ExecutionState()
        let reports = try values.flatMap { try ExecutionReports.read($0, observedAt: observedAt) }
        for outcome in ExecutionDecider.decide(reports, on: &state) { _ = try outcome.get() }
        return state
    }
}
