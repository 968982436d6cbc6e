import EventModel
import EventSourcingTesting
import ReadModels
import Testing
import WorkflowDomain

@Suite struct `Executions projection` {
    private let projection = ExecutionsProjection()
    private let key = RowKey([.text("default"), .text("e1")])

    private func column(_ name: String, _ row: Row?) -> ColumnValue? {
        projection.table.columns.firstIndex { $0.name == name }.flatMap { row?.values[$0] }
    }

    /// The events that neutral reports lead to, as they are stored.
    private func facts(
        _ reports: [JSONValue], pin: MappingPin? = nil, state: inout ExecutionState
    ) throws -> [Fact] {
        let read = try reports.flatMap { try ExecutionReports.read($0) }
        return try ExecutionDecider.decide(read, pin: pin, on: &state).flatMap { outcome in
            try outcome.get().map { Fact("workflow_execution-e1", $0.type.rawValue, bytes: $0.encoded()) }
        }
    }

    private func report(_ type: String, _ second: Int, _ members: JSONValue = [:], data: JSONValue = [:]) -> JSONValue {
        let base: JSONValue = [
            "execution": "e1", "type": .string(type), "data": data, "workflow": "w1",
            "at": .string(moment(second).description),
        ]
        return .object(JSONObject((base.object?.members ?? []) + (members.object?.members ?? [])))
    }

    @Test func `a run makes a row of everything people ask for`() throws {
        var state = ExecutionState()
        let facts = try facts(
            [
                report(
                    "started", 1,
                    data: ["trigger": "api", "definition": ["digest": "d", "revision": "7"], "input": "secret"]),
                report("block_started", 2, ["block": "a", "order": 1]),
                report("block_completed", 3, ["block": "a", "order": 1], data: ["output": "secret"]),
                report(
                    "block_started", 4, ["block": "b", "iteration": [["kind": "loop", "container": "l", "index": 2]]]),
                report("block_skipped", 4, ["block": "c"]),
                report(
                    "waiting", 5,
                    data: [
                        "kind": "time", "context": "x", "resumeAt": .string(moment(60).description), "blockedOn": "b",
                    ]),
            ], pin: MappingPin(mapping: "w1", version: 3), state: &state)
        let last = facts.count
        let expected: [ColumnValue] = [
            .text("default"), .text("e1"), .text("w1"), .text("d"), .text("7"), .text("w1"), .int(3),
            .text("waiting"), .text("waiting"), .text("api"), .timestamp(moment(1)), .null, .null,
            .text("time"), .text("x"), .timestamp(moment(60)), .text("b"),
            .int(2), .int(1), .int(1), .int(0), .int(1), .int(0), .json(Array(#"["b@l[2]"]"#.utf8)),
            .int(1), .int(Int64(last)), .null, .timestamp(moment(last)),
        ]
        #expect(try projection.view(facts) == [key: Row(expected)])
    }

    @Test func `an end empties what it waits for and says when and why`() throws {
        var state = ExecutionState()
        let row = try projection.view(
            facts(
                [
                    report("waiting", 5, data: ["kind": "human"]),
                    report("failed", 9, data: ["code": "TIMEOUT", "error": "secret"]),
                    report("completed", 8),
                ], state: &state))[key]
        let expected: [(String, ColumnValue)] = [
            ("status", .text("failed")), ("original_status", .text("failed")), ("error_code", .text("TIMEOUT")),
            ("ended_at", .timestamp(moment(9))), ("waiting_kind", .null), ("contradictions", .int(1)),
            ("mapping_id", .null), ("started_at", .null),
        ]
        for (name, value) in expected { #expect(column(name, row) == value, "\(name)") }
    }

    /// A report about a few blocks of one execution, from a seed.
    private func report(_ numbers: inout RandomNumbers) -> JSONValue {
        let types = [
            "queued", "running", "started", "waiting", "resumed", "paused", "completed", "failed", "block_started",
            "block_started", "block_started", "block_completed", "block_completed", "block_failed", "block_skipped",
            "child_workflow_started",
        ]
        let type = types[numbers.next(types.count)]
        var members: JSONValue = [:]
        if type.hasPrefix("block") || type.hasPrefix("child") {
            let frames: [JSONValue] = [
                [], [["kind": "loop", "container": "l", "index": .number(JSONNumber(numbers.next(3)))]],
                [["kind": "child", "run": "r"]],
            ]
            members = ["block": .string(["a", "b", "é"][numbers.next(3)]), "iteration": frames[numbers.next(3)]]
        }
        let data: JSONValue = [
            "context": .string("c\(numbers.next(2))"), "trigger": .string("t\(numbers.next(2))"),
            "output": .number(JSONNumber(numbers.next(2))), "error": "secret",
        ]
        return report(type, numbers.next(9), members, data: data)
    }

    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `a row says what the execution's own state says, after every event`(_ seed: UInt64) throws {
        var numbers = RandomNumbers(seed: seed)
        var state = ExecutionState()
        let pin = MappingPin(mapping: "m", version: 1)
        let facts = try facts((0..<30).map { _ in report(&numbers) }, pin: pin, state: &state)
        let row = try #require(try projection.view(facts)[key])
        let standing = try #require(state.standing)
        let tally = standing.tally
        let begun = tally.running + tally.completed + tally.failed
        let current = state.current.map(\.description).sorted { JSONKeyOrder.precedes($0, $1) }
        let expected: [(String, ColumnValue)] = [
            ("status", .text(standing.status.rawValue)), ("original_status", ColumnValue(standing.word)),
            ("trigger", ColumnValue(state.trigger)), ("workflow_id", ColumnValue(state.workflow?.text)),
            ("mapping_id", ColumnValue(state.pin?.mapping)),
            ("waiting_context", ColumnValue(standing.wait?.context)), ("visits_started", .int(Int64(begun))),
            ("visits_running", .int(Int64(tally.running))), ("visits_completed", .int(Int64(tally.completed))),
            ("visits_failed", .int(Int64(tally.failed))), ("visits_skipped", .int(Int64(tally.skipped))),
            ("contradictions", .int(Int64(tally.contradictions))),
            ("current_visits", .json(JSONValue.array(current.map(JSONValue.string)).compactBytes())),
        ]
        for (name, value) in expected { #expect(column(name, row) == value, "\(name), seed \(seed)") }
        #expect(projection.table.admits(row))
        #expect(!"\(row)".contains("secret"))
    }

    @Test func `more running visits than are listed are still counted`() throws {
        var state = ExecutionState()
        let reports = (0..<70).map { report("block_started", 1, ["block": .string("b\($0)")]) }
        let row = try projection.view(facts(reports, state: &state))[key]
        #expect(column("visits_running", row) == .int(70))
        guard case .json(let bytes) = column("current_visits", row) else {
            Issue.record("no list")
            return
        }
        #expect(try JSONValue(bytes).array?.count == 64)
    }

    @Test func `an erasure is noted and changes nothing else`() throws {
        var state = ExecutionState()
        let facts = try facts([report("completed", 1)], state: &state)
        let erased = Fact("workflow_execution-e1", "subject.erased", #"{"subject":"execution:e1"}"#)
        let (before, after) = (try projection.view(facts)[key], try projection.view(facts + [erased])[key])
        #expect(column("erased_at", after) == .timestamp(moment(facts.count + 1)))
        #expect(column("status", after) == column("status", before))
        #expect(column("last_position", after) == .int(Int64(facts.count + 1)))
        // An erasure in another stream, or of an execution that nobody reported, concerns no row.
        #expect(try projection.view([erased, Fact("subject-0f", "subject.erased")]).isEmpty)
    }

    @Test func `sealed and erased contents change no row`() throws {
        let sample = try sample("block_failed")
        var object = try #require(try JSONValue(sample).object)
        for member in ["input", "output", "error", "rest"] {
            object[member] = SealedValue(subject: "execution:e1", key: "1", ciphertext: "AAAA").value
        }
        let type = "workflow_execution.block_failed"
        let sealed = Fact("workflow_execution-e1", type, bytes: JSONValue.object(object).compactBytes())
        #expect(try projection.view([sealed]) == projection.view([Fact("workflow_execution-e1", type, bytes: sample)]))
    }

    private static let events = [
        "started", "block_started", "block_completed", "block_failed", "block_skipped", "child_workflow_started",
        "wait_started", "resumed", "paused", "completed", "failed", "cancelled", "noted",
    ]

    @Test(arguments: events)
    func `the samples of the schemas fold into a row`(_ name: String) throws {
        let rows = try projection.view([
            Fact("workflow_execution-e1", "workflow_execution.\(name)", bytes: try sample(name))
        ])
        #expect(column("workflow_id", rows[key]) == .text("refund"))
    }

    private func sample(_ name: String) throws -> [UInt8] {
        try ProjectFiles.bytes("\(ProjectFiles.eventSchemas(of: "workflow_execution"))/\(name).v1.sample.json")
    }

    private func fault(_ data: String, schemaVersion: Int32 = 1) -> ProjectionFault.Reason? {
        projection.fault(
            Fact("workflow_execution-e1", "workflow_execution.completed", data, schemaVersion: schemaVersion))
    }

    private static let visits = #""visits":{"running":0,"completed":0,"failed":0,"skipped":0,"contradictions":0}"#

    @Test(arguments: [
        (#"{}"#, ProjectionFault.Reason.missingField("standing")),
        (#"{"standing":7}"#, .wrongType(field: "standing", expected: "an object", found: "number")),
        (#"{"standing":{}}"#, .missingField("standing.status")),
        (#"{"standing":{"status":"running"}}"#, .missingField("standing.visits.running")),
        (
            #"{"standing":{"status":"running","endedAt":"soon",\#(visits)}}"#,
            .wrongType(field: "standing.endedAt", expected: "a time", found: "string")
        ),
        (#"{"standing":{"status":"running",\#(visits)},"visit":"a","own":true}"#, .missingField("change.after")),
        (#"[]"#, .notAnObject(found: "array")),
    ])
    func `a payload that cannot be folded says which field is wrong`(_ data: String, _ reason: ProjectionFault.Reason) {
        #expect(fault(data) == reason)
    }

    @Test func `a newer schema is a fault that names both versions`() {
        #expect(fault("{}", schemaVersion: 2) == .unknownSchema(version: 2, newest: 1))
    }

    @Test func `no prefix of a payload traps`() throws {
        let whole = try sample("wait_started")
        for length in whole.indices {
            _ = try? projection.view([
                Fact("workflow_execution-e1", "workflow_execution.wait_started", bytes: Array(whole[..<length]))
            ])
        }
    }

    @Test func `the columns are the contract's, in its order`() {
        let names = """
            workspace execution_id workflow_id definition_digest definition_revision mapping_id mapping_version status \
            original_status trigger started_at ended_at error_code waiting_kind waiting_context resume_at blocked_on \
            visits_started visits_running visits_completed visits_failed visits_skipped contradictions current_visits \
            first_position last_position erased_at updated_at
            """
        #expect(projection.table.columns.map(\.name).joined(separator: " ") == names)
        #expect(projection.table.generationName == "executions_v1")
    }

    @Test func `every event of an execution is of interest`() {
        let types = Set(ExecutionEventType.allCases.map(\.type) + [EventType(trusting: "subject.erased")])
        #expect(projection.interest == .types(types))
    }
}

/// Numbers from a seed.
private struct RandomNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next(_ limit: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int((state &* 0x2545_F491_4F6C_DD1D) >> 33) % limit
    }
}
