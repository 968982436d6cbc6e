import EventModel
import Testing
import WorkflowDomain

/// Sim's words as its documentation spells them, not as our types do: a word that we lose is noticed.
@Suite("The vocabulary of Sim's executions") struct SimVocabularyTests {
    private func taken(_ value: JSONValue) throws -> (state: ExecutionState, events: [ExecutionEvent]) {
        var state = ExecutionState()
        var events: [ExecutionEvent] = []
        for outcome in ExecutionDecider.decide(try ExecutionReports.read(value), on: &state) {
            events += try outcome.get()
        }
        return (state, events)
    }

    private func words(_ events: [ExecutionEvent]) -> Set<String> {
        Set(events.compactMap { $0.payload["original"]?["word"]?.string })
    }

    @Test(arguments: [
        ("pending", ExecutionStatus.queued), ("running", .running), ("paused", .paused), ("redacting", .running),
        ("completed", .completed), ("failed", .failed), ("cancelled", .cancelled), ("queued", .queued),
    ])
    func `each status of a run is one of ours, and its word is in the events`(
        _ word: String, _ status: ExecutionStatus
    ) throws {
        let (state, events) = try taken([
            "runId": "e1", "status": .string(word), "startedAt": "2026-03-02T09:00:00Z",
        ])
        #expect(state.standing?.status == status && state.standing?.word == word)
        #expect(words(events) == [word])
    }

    @Test(arguments: [
        ("paused", ExecutionStatus.waiting), ("resumed", .running), ("failed", .paused), ("queued", .waiting),
        ("resuming", .running),
    ])
    func `each status of a resumption is one of ours, and its word is in the events`(
        _ word: String, _ status: ExecutionStatus
    ) throws {
        let (state, events) = try taken([
            "executionId": "e1", "workflowId": "w1", "updatedAt": "2026-03-02T09:05:00Z",
            "pausePoints": [
                [
                    "contextId": "c", "blockId": "approve", "resumeStatus": .string(word),
                    "registeredAt": "2026-03-02T09:00:06Z", "pauseKind": "human",
                ]
            ],
        ])
        #expect(state.standing?.status == status)
        #expect(words(events).contains(word))
    }

    @Test(arguments: [("success", VisitStatus.completed), ("error", .failed)])
    func `each status of a block is one of ours, and its word is in the events`(
        _ word: String, _ status: VisitStatus
    ) throws {
        let span: JSONValue = ["blockId": "b", "type": "api", "status": .string(word)]
        let (state, events) = try taken(["runId": "e1", "status": "running", "traceSpans": [span]])
        #expect(state.visits.values.map(\.status) == [status] && words(events).contains(word))
    }

    @Test(arguments: [
        ("execution:started", ExecutionStatus.running), ("execution:completed", .completed),
        ("execution:paused", .waiting), ("execution:error", .failed), ("execution:cancelled", .cancelled),
        ("block:started", .running), ("block:completed", .running), ("block:error", .running),
        ("block:childWorkflowStarted", .running),
    ])
    func `each type of event says where the execution stands, and its word is in the events`(
        _ word: String, _ status: ExecutionStatus
    ) throws {
        let (state, events) = try taken([
            "type": .string(word), "timestamp": "2026-03-02T09:00:00Z", "executionId": "e1", "workflowId": "w1",
            "data": ["blockId": "b", "executionOrder": 1, "childWorkflowInstanceId": "i"],
        ])
        #expect(state.standing?.status == status && words(events) == [word])
    }

    @Test(arguments: ["stream:chunk", "stream:done", "stream:thinking", "stream:tool"])
    func `what streams by is dropped, for the block's end carries the whole`(_ word: String) throws {
        let (_, events) = try taken([
            "type": .string(word), "timestamp": "2026-03-02T09:00:00Z", "executionId": "e1", "data": [:],
        ])
        #expect(events.isEmpty)
    }

    @Test(arguments: [
        "manual", "api", "schedule", "chat", "webhook", "mcp", "copilot", "workflow", "custom_block", "one of tomorrow",
    ])
    func `each trigger is kept as it is spelled`(_ word: String) throws {
        let (state, events) = try taken([
            "runId": "e1", "status": "running", "startedAt": "2026-03-02T09:00:00Z", "trigger": .string(word),
        ])
        #expect(state.trigger == word && events.first?.payload["trigger"] == .string(word))
    }

    @Test(arguments: ["human", "time"]) func `each kind of pause is kept`(_ word: String) throws {
        let (state, events) = try taken([
            "runId": "e1", "status": "paused", "startedAt": "2026-03-02T09:00:00Z",
            "paused": [
                "contextId": "c", "pausedAt": "2026-03-02T09:00:06Z", "pauseKind": .string(word),
                "resumeAt": "2026-03-03T09:00:00Z", "blockedOnBlockId": "approve",
            ],
        ])
        #expect(state.standing?.status == .waiting)
        let wait = events.compactMap { $0.payload["wait"] }.first
        #expect(wait?["kind"] == .string(word) && wait?["context"] == "c" && wait?["blockedOn"] == "approve")
        #expect(wait?["resumeAt"] == "2026-03-03T09:00:00.000000Z")
    }
}
