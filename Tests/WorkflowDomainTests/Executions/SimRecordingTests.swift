import EventModel
import Testing
import WorkflowDomain

/// What Sim's own tests feed to its functions, and what those answer.
@Suite("Sim's recordings of executions", .enabled(if: SimRecordings.arePresent)) struct SimRecordingTests {
    private func state(_ reports: [ExecutionReport]) throws -> ExecutionState {
        var state = ExecutionState()
        for outcome in ExecutionDecider.decide(reports, on: &state) { _ = try outcome.get() }
        return state
    }

    private func reports(_ value: JSONValue) throws -> [ExecutionReport] { try ExecutionReports.read(value) }

    /// The visits that a log or a result leads to, without what only one of them says.
    private func visits(_ value: JSONValue) throws -> [BlockVisit: VisitState] { try state(try reports(value)).visits }

    private static let runs = SimRecordings.list("buildTraceSpans").enumerated().map { $0 }

    @Test(arguments: runs.map(\.offset))
    func `lead to the same visits from the block logs and from the trace spans`(_ index: Int) throws {
        let run = Self.runs[index].element
        let result = try #require(run["executionResult"]?.object)
        let logs = result["logs"]?.array ?? []
        var fromLogs = try visits(result.as(execution: "e1"))
        let log = JSONObject([
            .init(key: "runId", value: "e1"), .init(key: "status", value: "completed"),
            .init(key: "traceSpans", value: try #require(run["traceSpans"])),
        ])
        let fromSpans = try visits(.object(log))
        // Where iterations are shown, Sim draws the container around them and leaves its own log out of the tree.
        let containers = Set(fromLogs.keys.flatMap(\.frames).compactMap(\.container))
        for (visit, state) in fromLogs where containers.contains(visit.block) && state.status == .completed {
            fromLogs[visit] = nil
        }
        #expect(fromLogs == fromSpans, "\(run["test"]?.string ?? "")")
        #expect(fromLogs.isEmpty == logs.isEmpty)
    }

    @Test(arguments: runs.map(\.offset))
    func `amount to the same in reverse and twice`(_ index: Int) throws {
        let run = Self.runs[index].element
        let reports = try reports(try #require(run["executionResult"]?.object).as(execution: "e1"))
        let whole = try state(reports)
        #expect(try state(reports.reversed()) == whole)
        #expect(try state(reports + reports) == whole)
    }

    @Test func `are all there`() {
        #expect(Self.runs.count == 36 && SimRecordings.list("finalBlockLogs").count == 16)
        #expect(SimRecordings.list("predicates").count == 8 && SimRecordings.lines.count == 10)
    }

    @Test func `nest as their logs say`() throws {
        let nested = try #require(Self.runs.first { $0.element["test"]?.string?.contains("3-level nesting") ?? false })
        let visits = try visits(try #require(nested.element["executionResult"]?.object).as(execution: "e1"))
        #expect(visits.keys.allSatisfy { $0.frames.count == 3 && $0.block == "func-1" })
        #expect(Set(visits.keys.map(\.description)) == ["func-1@p1[0]/p2[0]/p3[0]#1", "func-1@p1[0]/p2[0]/p3[1]#2"])
    }

    @Test func `tell handled errors from others`() throws {
        let handled = try #require(
            Self.runs.first { $0.element["test"]?.string?.contains("when all errors are handled") ?? false })
        let visits = try visits(try #require(handled.element["executionResult"]?.object).as(execution: "e1"))
        #expect(visits[BlockVisit("api-1", order: 1)]?.latest?.isHandled == true)
        #expect(visits[BlockVisit("api-1", order: 1)]?.status == .failed)
        #expect(visits[BlockVisit("handler-1", order: 2)]?.status == .completed)
    }

    @Test func `keep the inside of a published block to itself`() throws {
        for run in Self.runs where run.element["test"]?.string?.contains("custom block's child spans") ?? false {
            let reports = try reports(try #require(run.element["executionResult"]?.object).as(execution: "e1"))
            #expect(reports.compactMap { $0.visit?.block } == ["cb-1"])
            #expect(reports.allSatisfy { $0.contents.output?["childTraceSpans"] == nil })
        }
    }

    @Test(arguments: SimRecordings.list("finalBlockLogs").indices)
    func `show in the event that ends an execution how every block ended`(_ index: Int) throws {
        let fixture = SimRecordings.list("finalBlockLogs")[index]
        let logs = fixture["finalBlockLogs"]?.array ?? []
        let event: JSONValue = [
            "type": "execution:completed", "timestamp": "2026-11-21T03:27:00.000Z", "executionId": "exec-1",
            "workflowId": "wf-1",
            "data": ["success": true, "output": [:], "duration": 50, "finalBlockLogs": .array(logs)],
        ]
        let state = try state(try reports(event))
        #expect(state.standing?.status == .completed)
        #expect(state.visits.keys.filter(\.isOwn).count == logs.count)
        for log in logs {
            let visit = BlockVisit(ElementID(log["blockId"]?.string ?? ""), order: log["executionOrder"]?.int)
            #expect(state.visits[visit]?.status == (log["success"] == true ? .completed : .failed))
            let blocks = (log["childTraceSpans"]?.array ?? []).compactMap { $0["blockId"]?.string }
            for block in blocks { #expect(state.visits.keys.contains { $0.block == ElementID(block) && !$0.isOwn }) }
        }
    }

    @Test(arguments: SimRecordings.list("predicates").indices)
    func `find the unhandled errors that Sim finds`(_ index: Int) throws {
        let predicate = SimRecordings.list("predicates")[index]
        // Failed calls of tools count only for whoever asks; spans of blocks are what we read.
        guard predicate["options"]?.isNull ?? true else { return }
        let span = predicate["spans"] ?? .null
        let spans = (span.array ?? (span.isNull ? [] : [span])).map { $0.withBlockIDs("b") }
        let log: JSONValue = ["runId": "e1", "status": "completed", "traceSpans": .array(spans)]
        let visits = try visits(log)
        let unhandled = visits.values.contains { $0.status == .failed && $0.latest?.isHandled == false }
        #expect(unhandled == predicate["answer"]?.bool)
    }

    @Test func `of single events are read, answers in the making are dropped`() throws {
        let lines = SimRecordings.lines
        let read = try lines.map { try reports($0) }
        for (line, reports) in zip(lines, read) {
            let isStream = line["type"]?.string?.hasPrefix("stream:") ?? false
            #expect(reports.isEmpty == isStream)
        }
        let all = read.flatMap(\.self)
        #expect(all.compactMap { $0.original.sequence } == [5, 6, 7, 4])
        let state = try state(all)
        // Blocks 1, first and second began, each with the number 1; the execution then ended.
        #expect(Set(state.visits.keys.map(\.description)) == ["block-1#1", "first#1", "second#1"])
        #expect(state.standing?.status == .completed && state.standing?.tally.running == 3)
        // Line 9 says neither when it began nor when it ended: the time of the event stands in.
        #expect(state.endings[.completed]?.at == Timestamp(rfc3339: "2026-11-21T03:24:00.746Z"))
    }
}

extension JSONObject {
    /// This result as one of an execution.
    fileprivate func `as`(execution: String) -> JSONValue {
        var object = self
        object["executionId"] = .string(execution)
        return .object(object)
    }
}

extension JSONValue {
    /// This span as one of a block, and those below it; `fixtures` leave the ids out.
    fileprivate func withBlockIDs(_ id: String) -> JSONValue {
        guard var object else { return self }
        object["blockId"] = .string(id)
        if let children = object["children"]?.array {
            object["children"] = .array(children.enumerated().map { $1.withBlockIDs("\(id).\($0)") })
        }
        return .object(object)
    }
}

extension IterationFrame {
    fileprivate var container: ElementID? {
        switch self {
        case .loop(let container, _), .parallel(let container, _): container
        case .child: nil
        }
    }
}

extension ExecutionReport {
    /// The visit that the report is about.
    var visit: BlockVisit? {
        switch fact {
        case .blockStarted(let block), .blockCompleted(let block), .blockFailed(let block, _), .blockSkipped(let block),
            .childWorkflowStarted(let block):
            block.visit
        case .started, .waitStarted, .resumed, .paused, .completed, .failed, .cancelled, .noted: nil
        }
    }
}
