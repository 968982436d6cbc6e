import EventModel
import EventSourcingTesting
import Testing
import WorkflowDomain

@Suite("Reading reports") struct ReportReadingTests {
    private static let directory = ProjectFiles.path("Schemas/ingest")

    private func json(_ name: String) throws -> JSONValue {
        try JSONValue(try ProjectFiles.bytes("\(Self.directory)/\(name)"))
    }

    @Test(arguments: ["neutral", "sim_event", "sim_run"])
    func `takes the samples of the schemas`(_ form: String) throws {
        let name = "workflow_execution.\(form).v1"
        let (schema, sample) = (try json(name + ".json"), try json(name + ".sample.json"))
        #expect(
            SchemaCheck(root: schema).problems(sample["data"]?["runId"] == nil ? sample : sample["data"] ?? .null) == []
        )
        #expect(try ExecutionReports.read(sample.compactBytes()).isEmpty == false)
    }

    @Test func `keeps of a neutral report everything`() throws {
        let reports = try ExecutionReports.read(try json("workflow_execution.neutral.v1.sample.json"))
        let visit = BlockVisit("notify", in: [.loop("each", index: 1)], order: 4)
        #expect(
            reports == [
                ExecutionReport(
                    .blockFailed(
                        BlockFact(visit, attempt: 2, name: "Tell the customer", type: "mail"), handled: true),
                    of: try #require(ExecutionID("run-1042")), workflow: WorkflowID("refund"), subject: "customer:77",
                    at: Timestamp(rfc3339: "2026-03-02T09:00:04Z"),
                    startedAt: Timestamp(rfc3339: "2026-03-02T09:00:03Z"),
                    endedAt: Timestamp(rfc3339: "2026-03-02T09:00:04Z"),
                    contents: ReportContents(error: "No address", rest: ["cost": 3]),
                    original: OriginalWord(
                        source: "neutral", word: "block_failed", sequence: 8,
                        more: JSONObject([.init(key: "id", value: "n-8")])))
            ])
    }

    private func neutral(_ type: String, _ members: JSONValue = [:], data: JSONValue = [:]) -> JSONValue {
        let base: JSONValue = ["execution": "e1", "type": .string(type), "at": "2026-03-02T09:00:00Z", "data": data]
        return .object(JSONObject((base.object?.members ?? []) + (members.object?.members ?? [])))
    }

    @Test func `knows the neutral types`() throws {
        let facts = try [
            neutral("queued"), neutral("running"),
            neutral("started", data: ["trigger": "api", "definition": ["digest": "d", "revision": "7"]]),
            neutral(
                "waiting", data: ["kind": "time", "context": "c", "resumeAt": "2026-03-02T10:00:00Z", "blockedOn": "b"]),
            neutral("resumed", data: ["context": "c"]), neutral("paused"), neutral("completed"),
            neutral("failed", data: ["code": "TIMEOUT"]), neutral("cancelled"),
            neutral("block_started", ["block": "b"]),
            neutral("block_completed", ["block": ["id": "b"]]), neutral("block_failed", ["block": "b"]),
            neutral("block_skipped", ["block": "b", "iteration": [["kind": "child", "run": "r"]]]),
            neutral("child_workflow_started", ["block": "b"], data: ["instance": "r"]),
        ].map { try #require(try ExecutionReports.read($0).first).fact }
        let b = BlockFact(BlockVisit("b"))
        #expect(
            facts == [
                .noted(.queued), .noted(.running),
                .started(ExecutionStart(trigger: "api", definition: DefinitionReference(digest: "d", revision: "7"))),
                .waitStarted(
                    WaitFact(
                        kind: .time, context: "c", resumeAt: Timestamp(rfc3339: "2026-03-02T10:00:00Z"), blockedOn: "b")
                ),
                .resumed(context: "c"), .paused, .completed, .failed(code: "TIMEOUT"), .cancelled, .blockStarted(b),
                .blockCompleted(b), .blockFailed(b, handled: false),
                .blockSkipped(BlockFact(BlockVisit("b", in: [.child("r")]))),
                .childWorkflowStarted(BlockFact(BlockVisit("b"), instance: "r")),
            ])
    }

    @Test func `reads every event of Sim's stream`() throws {
        func event(_ type: String, _ data: JSONValue) throws -> ExecutionReport {
            let event: JSONValue = [
                "type": .string(type), "timestamp": "2026-03-02T09:00:00.000Z", "executionId": "e1", "workflowId": "w1",
                "eventId": 4, "data": data,
            ]
            return try #require(try ExecutionReports.read(event).last)
        }
        let block: JSONValue = [
            "blockId": "b__obranch-2", "blockName": "B", "blockType": "api", "executionOrder": 3, "iterationCurrent": 2,
            "iterationTotal": 5, "iterationType": "parallel", "iterationContainerId": "p__clone0f__obranch-1",
            "parentIterations": [
                ["iterationCurrent": 1, "iterationType": "loop", "iterationContainerId": "l", "iterationTotal": 2]
            ],
            "childWorkflowBlockId": "run-7", "childWorkflowName": "Child", "error": "no",
            "output": ["error": "no", "a": 1],
            "childWorkflowInstanceId": "run-8", "surprise": [1],
        ]
        let fact = BlockFact(
            BlockVisit("b", in: [.child("run-7"), .loop("l", index: 1), .parallel("p", index: 2)], order: 3), name: "B",
            type: "api", instance: "run-8")
        #expect(try event("block:started", block).fact == .blockStarted(fact))
        #expect(try event("block:completed", block).fact == .blockCompleted(fact))
        #expect(try event("block:childWorkflowStarted", block).fact == .childWorkflowStarted(fact))
        let failed = try event("block:error", block)
        #expect(failed.fact == .blockFailed(fact, handled: false))
        #expect(failed.contents == ReportContents(output: ["a": 1], error: "no", rest: ["surprise": [1]]))
        #expect(
            failed.original
                == OriginalWord(
                    source: "sim.event", word: "block:error", sequence: 4,
                    more: JSONObject([
                        .init(key: "childWorkflowName", value: "Child"), .init(key: "iterationTotal", value: 5),
                    ])))
        #expect(
            try event("execution:started", ["startTime": "2026-03-02T08:59:59Z"]).startedAt
                == Timestamp(rfc3339: "2026-03-02T08:59:59Z"))
        #expect(try event("execution:completed", ["success": true]).fact == .completed)
        #expect(try event("execution:completed", ["success": false]).fact == .failed(code: nil))
        #expect(try event("execution:paused", ["endTime": "2026-03-02T09:00:00Z"]).fact == .waitStarted(WaitFact()))
        #expect(try event("execution:error", ["error": "boom", "duration": 3]).contents.error == "boom")
        #expect(try event("execution:cancelled", ["duration": 3]).fact == .cancelled)
    }

    @Test func `finds in a block's output what the execution waits for`() throws {
        let event: JSONValue = [
            "type": "block:completed", "timestamp": "2026-03-02T09:00:06Z", "executionId": "e1",
            "data": [
                "blockId": "approve", "blockType": "human_in_the_loop",
                "output": [
                    "_pauseMetadata": [
                        "contextId": "c", "blockId": "approve", "pauseKind": "human",
                        "timestamp": "2026-03-02T09:00:05Z",
                    ]
                ],
            ],
        ]
        let reports = try ExecutionReports.read(event)
        #expect(reports.map(\.fact).last == .waitStarted(WaitFact(kind: .human, context: "c", blockedOn: "approve")))
        #expect(reports.last?.at == Timestamp(rfc3339: "2026-03-02T09:00:05Z"))
    }

    @Test func `takes lists, and answers with data around one or many`() throws {
        let run: JSONValue = ["runId": "e1", "status": "running"]
        #expect(try ExecutionReports.read(["data": [run, run]]).count == 2)
        #expect(try ExecutionReports.read([neutral("completed"), run]).count == 2)
        #expect(try ExecutionReports.read(JSONValue.array([])) == [])
    }

    @Test(arguments: [
        (#"{}"#, ReportFlaw.unrecognised(.root, found: [])),
        (#"{"a":1,"b":2}"#, .unrecognised(.root, found: ["a", "b"])),
        (#"{"data":{"data":{"runId":"e","status":"running"}}}"#, .unrecognised(JSONPath.root["data"], found: ["data"])),
        (#""text""#, .wrongType(.root, wanted: "an object", found: "string")),
        (#"[7]"#, .wrongType(JSONPath.root[0], wanted: "an object", found: "number")),
        (#"[[{"runId":"e","status":"running"}]]"#, .wrongType(JSONPath.root[0], wanted: "an object", found: "array")),
        (
            #"{"type":"execution:exploded","executionId":"e"}"#,
            .unexpected(JSONPath.root["type"], value: "execution:exploded")
        ),
        (#"{"type":"block:started","executionId":"e","data":{}}"#, .missing(JSONPath.root["timestamp"])),
        (
            #"{"type":"block:started","executionId":"e","timestamp":"2026-01-01T00:00:00Z"}"#,
            .missing(JSONPath.root["data"])
        ),
        (
            #"{"type":"block:started","executionId":"e","timestamp":"2026-01-01T00:00:00Z","data":{}}"#,
            .missing(JSONPath.root["data"]["blockId"])
        ),
        (
            #"{"type":"block:started","executionId":"e","timestamp":"soon","data":{"blockId":"b"}}"#,
            .badTime(JSONPath.root["timestamp"], value: "soon")
        ),
        (
            #"{"type":"block:started","executionId":"e","timestamp":1e300,"data":{"blockId":"b"}}"#,
            .badTime(JSONPath.root["timestamp"], value: "1e300")
        ),
        (
            #"{"type":"stream:chunk","executionId":"a b"}"#,
            .badIdentifier(JSONPath.root["executionId"], value: "a b", allowed: ExecutionID.allowed)
        ),
        (#"{"type":7,"executionId":"e"}"#, .wrongType(JSONPath.root["type"], wanted: "a string", found: "number")),
        (
            #"{"type":"block:started","executionId":"e","timestamp":0,"data":{"blockId":"b","executionOrder":-1}}"#,
            .outOfRange(JSONPath.root["data"]["executionOrder"], value: -1, limit: ExecutionLimits.ordinal)
        ),
        (
            #"{"type":"block:started","executionId":"e","timestamp":0,"data":{"blockId":"b","iterationContainerId":"l"}}"#,
            .missing(JSONPath.root["data"]["iterationCurrent"])
        ),
        (
            #"{"type":"block:started","executionId":"e","timestamp":0,"data":{"blockId":"b","iterationContainerId":"l","iterationCurrent":0,"iterationType":"spiral"}}"#,
            .unexpected(JSONPath.root["data"]["iterationType"], value: "spiral")
        ),
        (#"{"runId":"e","status":"napping"}"#, .unexpected(JSONPath.root["status"], value: "napping")),
        (
            #"{"runId":"e","status":"completed","traceSpans":[{"blockId":"b","status":"odd"}]}"#,
            .unexpected(JSONPath.root["traceSpans"][0]["status"], value: "odd")
        ),
        (
            #"{"runId":"e","status":"completed","traceSpans":[{"type":"loop-iteration","id":"x"}]}"#,
            .unexpected(JSONPath.root["traceSpans"][0]["id"], value: "x")
        ),
        (
            #"{"runId":"e","status":"completed","traceSpans":{}}"#,
            .wrongType(JSONPath.root["traceSpans"], wanted: "an array", found: "object")
        ),
        (#"{"logs":[],"success":true}"#, .missing(JSONPath.root["executionId"])),
        (#"{"logs":[{}],"success":true,"executionId":"e"}"#, .missing(JSONPath.root["logs"][0]["blockId"])),
        (
            #"{"executionId":"e","pausePoints":[{"resumeStatus":"asleep"}]}"#,
            .unexpected(JSONPath.root["pausePoints"][0]["resumeStatus"], value: "asleep")
        ),
        (
            #"{"executionId":"e","pausePoints":7}"#,
            .wrongType(JSONPath.root["pausePoints"], wanted: "an array", found: "number")
        ),
        (#"{"execution":"e","type":"block_started","at":"2026-01-01T00:00:00Z"}"#, .missing(JSONPath.root["block"])),
        (#"{"execution":"e","type":"completed"}"#, .missing(JSONPath.root["at"])),
        (#"{"execution":"e","type":"exploded","at":0}"#, .unexpected(JSONPath.root["type"], value: "exploded")),
        (
            #"{"execution":"e","type":"block_started","at":0,"block":"b","attempt":0}"#,
            .outOfRange(JSONPath.root["attempt"], value: 0, limit: ExecutionLimits.ordinal)
        ),
        (
            #"{"execution":"e","type":"waiting","at":0,"data":{"kind":"mood"}}"#,
            .unexpected(JSONPath.root["data"]["kind"], value: "mood")
        ),
        (
            #"{"execution":"e","type":"completed","at":0,"workflow":"a/b"}"#,
            .badIdentifier(JSONPath.root["workflow"], value: "a/b", allowed: WorkflowID.allowed)
        ),
        (#"{"a":1,"a":2}"#, .json(.duplicateKey("a", at: 7))),
    ])
    func `refuses what is no report, with the place`(_ text: String, _ flaw: ReportFlaw) {
        #expect(throws: flaw) { try ExecutionReports.read(Array(text.utf8)) }
    }

    @Test func `refuses what is too much, by name of the limit`() {
        let long = String(repeating: "x", count: ExecutionLimits.idBytes + 1)
        #expect(
            throws: ReportFlaw.tooLong(JSONPath.root["block"], bytes: long.utf8.count, limit: ExecutionLimits.idBytes)
        ) {
            try ExecutionReports.read(neutral("block_started", ["block": .string(long)]))
        }
        let frames = Array(repeating: ["kind": "child", "run": "r"] as JSONValue, count: ExecutionLimits.frames + 1)
        #expect(
            throws: ReportFlaw.tooMany(JSONPath.root["iteration"], count: frames.count, limit: ExecutionLimits.frames)
        ) { try ExecutionReports.read(neutral("block_started", ["block": "b", "iteration": .array(frames)])) }
        let many = Array(repeating: neutral("completed"), count: ExecutionLimits.reports + 1)
        #expect(throws: ReportFlaw.tooMany(.root, count: many.count, limit: ExecutionLimits.reports)) {
            try ExecutionReports.read(.array(many))
        }
        let bytes = Array(repeating: UInt8(ascii: " "), count: ExecutionLimits.reportBytes + 1)
        #expect(throws: ReportFlaw.tooLarge(bytes: bytes.count, limit: ExecutionLimits.reportBytes)) {
            try ExecutionReports.read(bytes)
        }
    }

    @Test func `no part and no mutation of a report traps, and no part is one`() throws {
        let whole = try json("workflow_execution.sim_event.v1.sample.json").compactBytes()
        for length in whole.indices {
            #expect(throws: ReportFlaw.self) { try ExecutionReports.read(Array(whole[..<length])) }
            for byte in [UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "]"), UInt8(ascii: "9"), 0, 0xff] {
                var mutated = whole
                mutated[length] = byte
                _ = try? ExecutionReports.read(mutated)
            }
        }
    }

    @Test func `every flaw has a sentence that does not repeat a long value`() {
        let value = String(repeating: "secret", count: 1_000)
        let flaws: [ReportFlaw] = [
            .unrecognised(.root, found: []), .unexpected(.root, value: value),
            .badIdentifier(.root, value: value, allowed: "a"), .badTime(.root, value: value),
            .tooLarge(bytes: 2, limit: 1), .missing(.root), .json(.empty(at: 0)),
        ]
        for flaw in flaws { #expect((1...300).contains(flaw.description.count)) }
    }
}
