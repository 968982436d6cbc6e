import EventModel
import FoundationEssentials
import ReadModels
import Testing
import WorkflowDomain

@Suite struct `Sync state projection` {
    private let projection = SyncStateProjection()

    private func rows(
        _ projection: some Projection, _ events: some Sequence<RecordedEvent>
    ) throws -> [[String: ColumnValue]] {
        var fold = NaiveFold(projection)
        try fold.fold(events)
        return rows(fold, projection.table)
    }

    private func rows(_ fold: NaiveFold, _ table: TableDefinition) -> [[String: ColumnValue]] {
        fold.rows.values.map { row in
            #expect(table.admits(row))
            return Dictionary(uniqueKeysWithValues: zip(table.columns.map(\.name), row.values))
        }
    }

    private func row(_ facts: [Fact]) throws -> [String: ColumnValue] {
        let rows = try rows(projection, history(facts))
        #expect(rows.count == 1)
        return try #require(rows.first)
    }

    private func workflow(_ name: String, _ status: String, _ more: String = "", visit: String? = nil) -> Fact {
        let visit = visit.map { #","visit":"\#($0)","own":true,"change":{"after":"started"}"# } ?? ""
        return Fact(
            "workflow_execution-e1", "workflow_execution.\(name)",
            #"{"standing":{"status":"\#(status)","word":"w:\#(status)","visits":{"running":1,"completed":0,"failed":0,"skipped":0,"contradictions":0}}\#(visit)\#(more)}"#
        )
    }

    private func journey(_ name: String, _ data: String) -> Fact {
        Fact("journey_session-e1", "journey_session.\(name)", data)
    }

    private func bound(_ more: String = "") -> Fact {
        journey(
            "bound",
            #"{"execution":"e1","engine":"parlant","session":"s1","journeys":[],"subject":"customer:c"\#(more)}"#)
    }

    private func entered(_ state: String) -> Fact {
        journey("state_entered", #"{"journey":"j","state":"\#(state)","turn":"t","cause":"turn"}"#)
    }

    @Test func `the workflow's side alone makes a row that says so`() throws {
        let row = try row([
            workflow("started", "running", #","workflow":"w1","mapping":{"id":"w1","version":3},"trigger":"api""#),
            workflow("block_started", "running", visit: "a"),
        ])
        #expect(row["workflow_seen"] == .bool(true) && row["journey_seen"] == .bool(false))
        #expect(
            row["workflow_id"] == .text("w1") && row["mapping_id"] == .text("w1") && row["mapping_version"] == .int(3))
        #expect(row["workflow_status"] == .text("running") && row["workflow_original_status"] == .text("w:running"))
        #expect(row["workflow_visits"] == .json(Array(#"["a"]"#.utf8)) && row["workflow_visits_running"] == .int(1))
        #expect(row["workflow_last_position"] == .int(2) && row["workflow_since"] == .timestamp(moment(2)))
        #expect(row["moved_last"] == .text("workflow") && row["session_bound"] == .bool(false))
        for name in projection.table.columns.map(\.name) where name.hasPrefix("journey_") && !name.hasSuffix("seen") {
            #expect(row[name] == (name == "journey_over" ? .bool(false) : .null), "\(name)")
        }
    }

    @Test func `the journey's side alone makes a row that says so`() throws {
        let row = try row([bound(#","mapping":{"id":"m","version":2}"#), entered("a")])
        #expect(row["workflow_seen"] == .bool(false) && row["journey_seen"] == .bool(true))
        #expect(row["session_bound"] == .bool(true) && row["engine"] == .text("parlant"))
        #expect(row["session_id"] == .text("s1") && row["journey_status"] == .text("open"))
        #expect(row["journey_states"] == .json(Array(#"{"j":"a"}"#.utf8)))
        #expect(row["journey_mapping_id"] == .text("m") && row["journey_mapping_version"] == .int(2))
        #expect(row["mapping_id"] == .null && row["workflow_status"] == .null && row["workflow_visits"] == .null)
        #expect(row["moved_last"] == .text("journey"))
    }

    @Test func `both sides stand side by side, each with its own clock`() throws {
        let row = try row([
            workflow("started", "running"), bound(), entered("a"), workflow("block_started", "waiting", visit: "a"),
            journey("mode_changed", #"{"mode":"manual","at":"x"}"#),
        ])
        #expect(row["workflow_last_position"] == .int(4) && row["journey_last_position"] == .int(5))
        #expect(
            row["workflow_updated_at"] == .timestamp(moment(4)) && row["journey_updated_at"] == .timestamp(moment(5)))
        #expect(row["first_position"] == .int(1) && row["last_position"] == .int(5))
        #expect(row["journey_mode"] == .text("manual") && row["moved_last"] == .text("journey"))
    }

    @Test func `an event that leaves a side standing as it did does not move since`() throws {
        let message = #"{"event":{"id":"e","kind":"message","offset":4,"source":"ai_agent"},"subject":"customer:c"}"#
        let row = try row([
            bound(), entered("a"), journey("message_posted", message), workflow("started", "running"),
            workflow("noted", "running"),
        ])
        #expect(row["journey_since"] == .timestamp(moment(2)) && row["journey_updated_at"] == .timestamp(moment(3)))
        #expect(row["workflow_since"] == .timestamp(moment(4)) && row["workflow_updated_at"] == .timestamp(moment(5)))
    }

    @Test(arguments: ExecutionStatus.allCases)
    func `the workflow's side is over when its status is a last one`(_ status: ExecutionStatus) throws {
        let row = try row([workflow("noted", status.rawValue), bound()])
        #expect(row["workflow_over"] == .bool(status.isTerminal))
        #expect(row["journey_over"] == .bool(false))
    }

    @Test func `the journey's side is over when the session is closed`() throws {
        let row = try row([bound(), journey("closed", #"{"reason":"ended","at":"x"}"#), workflow("noted", "running")])
        #expect(row["journey_over"] == .bool(true) && row["workflow_over"] == .bool(false))
        #expect(row["journey_closed_reason"] == .text("ended"))
    }

    @Test func `an erasure is shown, moves no side, and takes nothing back`() throws {
        let erased = #"{"subject":"customer:c"}"#
        let facts = [
            workflow("started", "running"), bound(), Fact("workflow_execution-e1", "subject.erased", erased),
            Fact("parlant_session-e1", "subject.erased", erased), Fact("subject-e1", "subject.erased", erased),
        ]
        let row = try row(facts)
        #expect(row["erased_at"] == .timestamp(moment(3)) && row["last_position"] == .int(3))
        #expect(row["moved_last"] == .text("journey") && row["workflow_since"] == .timestamp(moment(1)))
        let later = try self.row(facts + [entered("a")])
        #expect(later["erased_at"] == .timestamp(moment(3)))
    }

    @Test func `what one side had erased stays said when the other side appears`() throws {
        let row = try row([
            bound(), Fact("journey_session-e1", "subject.erased", "{}"), workflow("started", "running"),
        ])
        #expect(row["erased_at"] == .timestamp(moment(2)))
    }

    @Test func `an erasure in a stream of which nothing is known makes no row`() throws {
        #expect(try rows(projection, history([Fact("journey_session-e1", "subject.erased", "{}")])).isEmpty)
        let row = try row([workflow("started", "running"), Fact("journey_session-e1", "subject.erased", "{}")])
        #expect(row["journey_seen"] == .bool(false) && row["last_position"] == .int(1))
    }

    @Test func `a fault is this projection's own`() throws {
        let fault = try #require(throws: ProjectionFault.self) {
            try row([bound(), journey("closed", #"{"reason":7}"#)])
        }
        #expect(fault.projection == "sync_state_v1")
        #expect(fault.reason == .wrongType(field: "reason", expected: "a string", found: "number"))
    }

    private static let ofExecutions: KeyValuePairs = [
        "mapping_id": "mapping_id", "mapping_version": "mapping_version", "workflow_id": "workflow_id",
        "workflow_status": "status", "workflow_original_status": "original_status",
        "workflow_visits": "current_visits", "workflow_visits_running": "visits_running",
        "workflow_waiting_kind": "waiting_kind", "workflow_blocked_on": "blocked_on",
        "workflow_resume_at": "resume_at", "workflow_error_code": "error_code",
        "workflow_last_position": "last_position", "workflow_updated_at": "updated_at",
    ]
    private static let ofSessions: KeyValuePairs = [
        "engine": "engine", "session_id": "session_id", "journey_status": "status",
        "journey_closed_reason": "closed_reason", "journey_states": "positions", "journey_mode": "mode",
        "journey_asked_offset": "asked_offset", "journey_answered_offset": "answered_offset",
        "journey_last_position": "last_position", "journey_updated_at": "updated_at",
    ]

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `each side says what its own read model says, after every event`(_ seed: UInt64) throws {
        var generator = SyncHistory(seed: seed)
        var both = NaiveFold(projection)
        var (left, right) = (NaiveFold(ExecutionsProjection()), NaiveFold(SessionsProjection()))
        for event in history(generator.facts(40)) {
            let place = "seed \(seed), position \(event.position)"
            try both.fold(CollectionOfOne(event))
            try left.fold(CollectionOfOne(event))
            try right.fold(CollectionOfOne(event))
            let executions = rows(left, ExecutionsProjection().table)
            let sessions = rows(right, SessionsProjection().table).filter { $0["category"] == .text("journey_session") }
            let states = rows(both, projection.table)
            for state in states {
                let execution = executions.first { $0["execution_id"] == state["execution_id"] }
                let session = sessions.first { $0["key"] == state["execution_id"] }
                #expect(state["workflow_seen"] == .bool(execution != nil), "\(place)")
                #expect(state["journey_seen"] == .bool(session != nil), "\(place)")
                for (own, other) in Self.ofExecutions {
                    #expect(state[own] == execution?[other] ?? .null, "\(place), \(own)")
                }
                for (own, other) in Self.ofSessions {
                    #expect(state[own] == session?[other] ?? .null, "\(place), \(own)")
                }
            }
            #expect(states.count == Set(executions.map { $0["execution_id"] } + sessions.map { $0["key"] }).count)
        }
    }

    private static let standing = [
        "workflow_since": [
            "workflow_status", "workflow_original_status", "workflow_visits", "workflow_visits_running",
            "workflow_waiting_kind", "workflow_blocked_on", "workflow_resume_at", "workflow_error_code",
        ],
        "journey_since": [
            "session_bound", "session_id", "journey_status", "journey_closed_reason", "journey_states", "journey_mode",
        ],
    ]

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `since is the time of the last event that changed how the side stands`(_ seed: UInt64) throws {
        var generator = SyncHistory(seed: seed)
        var fold = NaiveFold(projection)
        var known: [ColumnValue?: [String: (values: [ColumnValue?], since: ColumnValue)]] = [:]
        for event in history(generator.facts(40)) {
            try fold.fold(CollectionOfOne(event))
            for state in rows(fold, projection.table) {
                for (since, names) in Self.standing
                where state["\(since.prefix { $0 != "_" })_seen"] == .bool(true) {
                    let values = names.map { state[$0] }
                    let before = known[state["execution_id"]]?[since]
                    let expected = before?.values == values ? before?.since : .timestamp(event.recordedAt)
                    #expect(state[since] == expected, "seed \(seed), position \(event.position), \(since)")
                    known[state["execution_id"], default: [:]][since] = (values, state[since] ?? .null)
                }
            }
        }
    }

    @Test func `every event of both sides is folded`() throws {
        guard case .types(let types) = projection.interest else { return }
        let registered = Set(SampleEvent.all.map(\.type)).filter {
            $0.hasPrefix("workflow_execution.") || $0.hasPrefix("journey_session.")
        }
        #expect(types == Set((registered.union(["subject.erased"])).map { EventType(trusting: $0) }))
    }

    @Test func `nothing that was said is in a row`() throws {
        let facts = SampleEvent.all.filter { !$0.type.hasPrefix("subject") }.map { sample in
            Fact("\(sample.type.prefix { $0 != "." })-e1", sample.type, bytes: sample.data.compactBytes())
        }
        let sealed = SampleEvent.all.filter { !$0.type.hasPrefix("subject") }.map { sample in
            let hidden = sample.hiding(["$sealed": ["subject": "customer:c", "key": "1", "ct": "AAAA"]])
            return Fact("\(sample.type.prefix { $0 != "." })-e1", sample.type, bytes: hidden.compactBytes())
        }
        #expect(try row(facts) == row(sealed))
    }

    @Test func `the columns are the contract's, in its order`() {
        #expect(projection.table.generationName == "sync_state_v1" && projection.table.columns.count == 39)
        #expect(projection.table.keyColumns.map(\.name) == ["workspace", "execution_id"])
        #expect(!projection.table.isKeptPerLane)
    }
}
