import EventModel
import EventSourcingTesting
import ReadModels
import Testing

@Suite struct `Sessions projection` {
    private let projection = SessionsProjection()

    private func row(_ facts: [Fact], _ category: String = "parlant_session", _ key: String = "s1") throws -> [String:
        ColumnValue]
    {
        let row = try #require(try projection.view(facts)[RowKey([.text("default"), .text(category), .text(key)])])
        #expect(projection.table.admits(row))
        return Dictionary(uniqueKeysWithValues: zip(projection.table.columns.map(\.name), row.values))
    }

    private func fact(_ name: String, _ data: String, in stream: String = "parlant_session-s1") -> Fact {
        Fact(stream, "\(stream.prefix { $0 != "-" }).\(name)", data)
    }

    private func message(_ offset: Int, _ source: String = "customer") -> Fact {
        fact(
            "message_posted",
            #"{"event":{"id":"e","kind":"message","offset":\#(offset),"source":"\#(source)"},"subject":"customer:c","text":"a secret"}"#
        )
    }

    private func ended(_ name: String, _ offset: Int, _ corrected: String = "null") -> Fact {
        fact(
            name, #"{"turn":"t","offset":\#(offset),"event":"e","positions":[],"error":"E","corrected":\#(corrected)}"#)
    }

    private func moved(_ name: String, _ journey: String, _ state: String) -> Fact {
        fact(name, #"{"journey":"\#(journey)","state":"\#(state)","next":null,"turn":"t","cause":"turn"}"#)
    }

    private func rewound(_ from: Int, _ before: Int, completed: Int) -> Fact {
        fact(
            "rewound",
            #"{"from":\#(from),"before":\#(before),"at":"x","turns":[],"gone":{"completed":\#(completed),"failed":0,"cancelled":0}}"#
        )
    }

    private func status(_ facts: [Fact]) throws -> ColumnValue? { try row(facts)["status"] }

    @Test func `a conversation is a row from its first event on`() throws {
        let row = try row([message(3)])
        #expect(
            row["session_id"] == .text("s1") && row["execution_id"] == .null && row["subject"] == .text("customer:c"))
        #expect(row["messages"] == .int(1) && row["last_offset"] == .int(3) && row["status"] == .text("open"))
        #expect(row["first_position"] == .int(1) && row["started_at"] == .timestamp(moment(1)))
    }

    @Test func `a description and a binding say whose it is and what it walks for`() throws {
        let row = try row([
            fact(
                "described",
                #"{"engine":"parlant","session":"s1","agent":"a","mode":"auto","labels":[],"title":"a secret","observedAt":"x","subject":"customer:c"}"#
            ),
            fact(
                "bound",
                #"{"execution":"e1","engine":"parlant","session":"s1","journeys":["j"],"subject":"customer:c"}"#),
            fact(
                "bound",
                #"{"execution":"e2","engine":"parlant","session":"s1","journeys":["k"],"subject":"customer:c"}"#),
            fact("mode_changed", #"{"mode":"manual","at":"x"}"#),
        ])
        #expect(row["engine"] == .text("parlant") && row["agent"] == .text("a") && row["mode"] == .text("manual"))
        #expect(row["execution_id"] == .text("e1"))
        #expect(row["bindings"] == .json(Array(#"{"e1":["j"],"e2":["k"]}"#.utf8)))
    }

    @Test(arguments: [
        (#""askedOffset":0,"answeredOffset":6"#, "waiting"), (#""askedOffset":7,"answeredOffset":6"#, "open"),
        (#""askedOffset":null,"answeredOffset":null"#, "open"), (#""mode":"auto""#, "open"),
    ])
    func `an execution bound after the fact says who is to speak, as the conversation does`(
        _ told: String, _ status: String
    ) throws {
        let history = #"{"positions":[],"messages":2,"turnsCompleted":1,"turnsFailed":0,"lastOffset":6,\#(told)}"#
        let bound = Fact(
            "journey_session-e1", "journey_session.bound",
            #"{"execution":"e1","engine":"parlant","session":"s1","journeys":[],"subject":"session:s1","history":\#(history)}"#
        )
        #expect(try row([bound], "journey_session", "e1")["status"] == .text(status))
    }

    @Test func `an execution begins with what the conversation has gone through`() throws {
        let stream = "journey_session-e1"
        let bound = fact(
            "bound",
            #"{"execution":"e1","engine":"parlant","session":"s1","journeys":[],"subject":"session:s1","history":{"positions":[],"mode":"auto","messages":4,"turnsCompleted":2,"turnsFailed":1,"lastOffset":17}}"#,
            in: stream)
        let row = try row(
            [bound, message(18)].map { Fact(stream, $0.type.replacing("parlant", with: "journey"), bytes: $0.data) },
            "journey_session", "e1")
        #expect(row["execution_id"] == .text("e1") && row["session_id"] == .text("s1"))
        #expect(row["messages"] == .int(5) && row["turns_completed"] == .int(2) && row["turns_failed"] == .int(1))
        #expect(row["last_offset"] == .int(18) && row["mode"] == .text("auto"))
    }

    @Test func `a session and an execution of one name are two rows`() throws {
        let rows = try projection.view([
            message(0), Fact("journey_session-s1", "journey_session.closed", #"{"reason":"ended","at":"x"}"#),
        ])
        #expect(rows.count == 2)
    }

    @Test func `it stands where it was said to stand last, in each journey`() throws {
        let row = try row([
            moved("state_entered", "j", "a"), moved("state_entered", "i", "x"), moved("state_left", "j", "a"),
            moved("state_entered", "j", "b"), moved("state_left", "i", "x"), moved("state_left", "j", "a"),
        ])
        #expect(row["positions"] == .json(Array(#"{"j":"b"}"#.utf8)))
        #expect(row["journeys"] == .json(Array(#"["i","j"]"#.utf8)))
    }

    @Test func `it is open until the question is answered, then waits, then is closed`() throws {
        #expect(try status([message(0)]) == .text("open"))
        #expect(try status([message(0), message(5, "ai_agent")]) == .text("open"))
        #expect(try status([message(0), ended("turn_completed", 6)]) == .text("waiting"))
        #expect(try status([message(0), ended("turn_failed", 6)]) == .text("waiting"))
        #expect(try status([message(0), message(1, "human_agent")]) == .text("waiting"))
        #expect(
            try status([ended("turn_completed", 6), message(0)]) == .text("waiting"), "a late question is answered")
        #expect(try status([message(0), ended("turn_cancelled", 6)]) == .text("open"))
        #expect(
            try status([message(0), fact("closed", #"{"reason":"deleted","at":"x"}"#), message(1)]) == .text("closed"))
    }

    @Test func `a corrected turn counts once`() throws {
        let row = try row([
            ended("turn_completed", 6), ended("turn_failed", 7, #""completed""#), ended("turn_completed", 20),
        ])
        #expect(row["turns_completed"] == .int(1) && row["turns_failed"] == .int(1))
    }

    @Test func `a rewind takes turns back and leaves the customer to speak`() throws {
        let facts = [message(0), ended("turn_completed", 6), message(7), ended("turn_completed", 13), message(14)]
        let after = try row(facts + [rewound(7, 15, completed: 1)])
        #expect(after["turns_completed"] == .int(1) && after["rewinds"] == .int(1) && after["messages"] == .int(3))
        #expect(
            after["asked_offset"] == .null && after["answered_offset"] == .int(6) && after["status"] == .text("waiting")
        )
        #expect(try row(facts + [rewound(0, 15, completed: 9)])["status"] == .text("open"))
        #expect(try row(facts + [rewound(0, 15, completed: 9)])["turns_completed"] == .int(0))
    }

    @Test func `an erasure is shown, and nothing of another stream's is`() throws {
        let erased = #"{"subject":"customer:c"}"#
        let row = try row([
            message(0), Fact("parlant_session-s1", "subject.erased", erased),
            Fact("workflow_execution-s1", "subject.erased", erased),
            Fact("subject-aa", "subject.erased", erased), Fact("journey_session-s1", "subject.erased", erased),
        ])
        #expect(row["erased_at"] == .timestamp(moment(2)) && row["last_position"] == .int(2))
    }

    @Test func `nothing that was said is in a row`() throws {
        for (_, row) in try projection.view(try samples(sealed: false)) {
            for case .text(let text) in row.values { #expect(!text.contains("refund for") && !text.contains("Ada")) }
            for case .json(let bytes) in row.values {
                #expect(
                    !String(decoding: bytes, as: UTF8.self).contains("4711") || row.values.contains(.text("exec-4711")))
            }
        }
    }

    @Test func `the samples of the schemas fold, and the same when they are sealed`() throws {
        let plain = try projection.view(try samples(sealed: false))
        let sealed = try projection.view(try samples(sealed: true))
        #expect(plain.count == 2 && plain == sealed)
    }

    @Test(arguments: [
        ("message_posted", #"{"subject":"s"}"#, ProjectionFault.Reason.missingField("event.offset")),
        ("state_entered", #"{"journey":"j"}"#, .missingField("state")),
        ("turn_completed", #"{"turn":"t","corrected":null}"#, .missingField("offset")),
        ("rewound", #"{"from":-1,"before":2}"#, .wrongType(field: "from", expected: "a count", found: "number")),
        ("closed", #"{"reason":7}"#, .wrongType(field: "reason", expected: "a string", found: "number")),
        ("bound", "[]", .notAnObject(found: "array")),
    ])
    func `a payload that cannot be folded says which field is wrong`(
        _ name: String, _ data: String, _ reason: ProjectionFault.Reason
    ) throws {
        let fault = try #require(throws: ProjectionFault.self) { try projection.view([fact(name, data)]) }
        #expect(fault.reason == reason)
    }

    @Test func `a newer schema is a fault`() throws {
        let newer = Fact("parlant_session-s1", "parlant_session.closed", #"{"reason":"ended"}"#, schemaVersion: 2)
        let fault = try #require(throws: ProjectionFault.self) { try projection.view([newer]) }
        #expect(fault.reason == .unknownSchema(version: 2, newest: 1))
    }

    @Test func `no prefix of a payload traps`() {
        let whole = message(0).data
        for length in whole.indices {
            _ = try? projection.view([
                Fact("parlant_session-s1", "parlant_session.message_posted", bytes: Array(whole[..<length]))
            ]
            )
        }
    }

    @Test func `every event of a session is folded`() throws {
        let names = try ProjectFiles.names(in: ProjectFiles.eventSchemas(of: "parlant_session"))
            .filter { $0.hasSuffix(".v1.json") }.map { "parlant_session." + $0.dropLast(8) }
        guard case .types(let types) = projection.interest else { return }
        #expect(
            names.count == 19 && Set(names.map { EventType(trusting: $0) }).isSubset(of: types) && types.count == 39)
    }

    /// The samples of both categories in a stream each; sealed, every place that the schema marks holds a sealed value.
    private func samples(sealed: Bool) throws -> [Fact] {
        var facts: [Fact] = []
        for (category, key) in [("parlant_session", "l11ff9Mfw4"), ("journey_session", "exec-4711")] {
            let schemas = ProjectFiles.eventSchemas(of: category)
            for name in try ProjectFiles.names(in: schemas) where name.hasSuffix(".sample.json") {
                let type = "\(category).\(name.prefix { $0 != "." })"
                let path = "\(schemas)/\(name)"
                var value = try JSONValue(try ProjectFiles.bytes(path))
                let schema = try JSONValue(try ProjectFiles.bytes(path.replacing(".sample", with: "")))
                if sealed { value = hide(value, schema) }
                facts.append(Fact("\(category)-\(key)", type, bytes: value.compactBytes()))
            }
        }
        return facts
    }

    private func hide(_ value: JSONValue, _ schema: JSONValue) -> JSONValue {
        if schema["x-personal"] != nil { return ["$sealed": ["subject": "customer:c", "key": "1", "ct": "AAAA"]] }
        switch value {
        case .object(let object):
            let members = object.members.map { member in
                JSONObject.Member(
                    key: member.key, value: hide(member.value, schema["properties"]?[member.key] ?? .null))
            }
            return .object(JSONObject(members))
        case .array(let elements): return .array(elements.map { hide($0, schema["items"] ?? .null) })
        case .null, .bool, .number, .string: return value
        }
    }

    @Test func `the columns are the contract's, in its order`() {
        #expect(
            projection.table.columns.map(\.name).joined(separator: " ")
                == "workspace category key engine session_id execution_id bindings subject agent mode status closed_reason "
                + "positions journeys messages tool_calls inputs turns_completed turns_failed turns_cancelled rewinds last_offset "
                + "asked_offset answered_offset first_position last_position started_at updated_at erased_at")
        #expect(projection.table.generationName == "sessions_v2")
        #expect(projection.table.keyColumns.map(\.name) == ["workspace", "category", "key"])
    }
}
