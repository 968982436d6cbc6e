import EventModel
import EventSourcingTesting
import Testing
import WorkflowDomain

@Suite("The stored form of execution events") struct ExecutionEventTests {
    private static let directory = ProjectFiles.eventSchemas(of: "workflow_execution")

    private func json(_ name: String) throws -> JSONValue {
        try JSONValue(try ProjectFiles.bytes("\(Self.directory)/\(name)"))
    }

    @Test(arguments: ExecutionEventType.allCases)
    func `has a schema and a sample that are read and written again alike`(_ name: ExecutionEventType) throws {
        let (schema, sample) = (try json("\(name.rawValue).v1.json"), try json("\(name.rawValue).v1.sample.json"))
        let event = try ExecutionEvent(decoding: sample.compactBytes(), type: name.type, schemaVersion: 1)
        #expect(event.encoded() == sample.canonicalBytes())
        #expect(event.type == name.type && event.schemaVersion == 1)
        #expect(SchemaCheck(root: schema).problems(sample) == [])
        #expect(schema["title"]?.string == name.type.rawValue)
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `fits its schema whatever was reported`(_ seed: UInt64) throws {
        var state = ExecutionState()
        for outcome in ExecutionDecider.decide(RandomRun(seed: seed).reports, on: &state) {
            for event in try outcome.get() {
                let name = try #require(ExecutionEventType(event.type))
                let schema = try json("\(name.rawValue).v1.json")
                #expect(SchemaCheck(root: schema).problems(event.payload) == [], "\(name), seed \(seed)")
            }
        }
    }

    @Test func `has names that never change`() {
        #expect(
            ExecutionEventType.allCases.map(\.type.rawValue) == [
                "workflow_execution.started", "workflow_execution.block_started",
                "workflow_execution.block_completed", "workflow_execution.block_failed",
                "workflow_execution.block_skipped", "workflow_execution.child_workflow_started",
                "workflow_execution.wait_started", "workflow_execution.resumed", "workflow_execution.paused",
                "workflow_execution.completed", "workflow_execution.failed", "workflow_execution.cancelled",
                "workflow_execution.noted",
            ])
        #expect(ExecutionEvent.category == "workflow_execution")
        #expect(ExecutionEventType(EventType(trusting: "workflow.imported")) == nil)
        #expect(ExecutionEventType(EventType(trusting: "workflow_execution.deleted")) == nil)
    }

    @Test func `marks as personal what its schemas mark`() throws {
        var marks: Set<PersonalMark> = []
        for name in ExecutionEventType.allCases {
            let schema = try json("\(name.rawValue).v1.json")
            for member in schema["properties"]?.object?.members ?? [] {
                guard let mark = member.value["x-personal"]?.string else { continue }
                #expect(mark == "/subject" && schema["properties"]?["subject"] != nil)
                marks.insert(PersonalMark(name.type, version: 1, at: [.key(member.key)], of: .member("subject")))
            }
            // Nothing below the top is marked, so nothing is overlooked here.
            let text = String(decoding: schema.compactBytes(), as: UTF8.self)
            #expect(text.components(of: "x-personal") == ExecutionEvent.personalMembers.count)
        }
        #expect(marks == Set(ExecutionEvent.personalMarks) && ExecutionEvent.personalMarks.count == marks.count)
    }

    private static let hidden: [JSONValue] = [
        SealedValue(subject: "execution:e1", key: "1", ciphertext: "AAAA").value,
        SealedValue.erased(subject: "execution:e1"),
    ]

    @Test(arguments: ExecutionEventType.allCases, hidden)
    func `is read when its contents are sealed or erased`(_ name: ExecutionEventType, _ hidden: JSONValue) throws {
        var object = try #require(try json("\(name.rawValue).v1.sample.json").object)
        for member in ExecutionEvent.personalMembers { object[member] = hidden }
        let data = JSONValue.object(object)
        let event = try ExecutionEvent(decoding: data.compactBytes(), type: name.type, schemaVersion: 1)
        #expect(event.encoded() == data.canonicalBytes())
        var state = ExecutionState()
        state.receive(event)
        let visit = state.visits.values.first?.latest
        let wait = state.waits.values.first
        let (input, output) = (visit?.input ?? wait?.input, visit?.output ?? wait?.output)
        #expect((input ?? state.input) == .hidden && (output ?? state.output) == .hidden)
        #expect((output ?? state.output).preferred == nil)
    }

    @Test func `contents that were erased do not come back when the engine repeats itself`() throws {
        let report = ExecutionReport(
            .completed, of: RandomRun.execution, at: RandomRun.moment(1), contents: ReportContents(output: ["a": 1]),
            original: OriginalWord(source: "neutral", word: "completed"))
        let events = try ExecutionDecider.decide(.report(report, pin: nil), ExecutionState())
        var erased = ExecutionState()
        for event in events {
            var object = try #require(event.payload.object)
            if object["output"] != nil { object["output"] = SealedValue.erased(subject: "execution:e1") }
            erased.receive(
                try ExecutionEvent(
                    decoding: JSONValue.object(object).compactBytes(), type: event.type, schemaVersion: 1))
        }
        #expect(erased.output == .hidden)
        #expect(try ExecutionDecider.decide(.report(report, pin: nil), erased) == [])
    }

    @Test func `that we did not write is refused with the place`() throws {
        let sample = try #require(try json("block_failed.v1.sample.json").object)
        let type = ExecutionEventType.blockFailed.type
        func flaw(_ object: JSONObject, _ version: Int32 = 1) -> EventFlaw? {
            do throws(EventFlaw) {
                _ = try ExecutionEvent(
                    decoding: JSONValue.object(object).compactBytes(), type: type, schemaVersion: version)
                return nil
            } catch { return error }
        }
        #expect(flaw(sample) == nil)
        #expect(flaw(sample, 2) == .unknown(type: type, schemaVersion: 2))
        for member in ["execution", "subject", "original", "standing", "block", "attempt", "handled"] {
            #expect(flaw(sample.removing([member])) == .missing(JSONPath.root[member]))
        }
        for (member, value) in [("execution", "a b"), ("at", "yesterday"), ("workflow", "")] {
            var object = sample
            object[member] = .string(value)
            #expect(flaw(object) == .unexpected(JSONPath.root[member], value: value))
        }
    }

    @Test func `no part of one is a whole`() throws {
        let whole = try json("block_failed.v1.sample.json").compactBytes()
        for length in whole.indices {
            #expect(throws: EventFlaw.self) {
                try ExecutionEvent(
                    decoding: Array(whole[..<length]), type: ExecutionEventType.blockFailed.type, schemaVersion: 1)
            }
        }
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(of text: String) -> Int {
        self.split(separator: text, omittingEmptySubsequences: false).count - 1
    }
}
