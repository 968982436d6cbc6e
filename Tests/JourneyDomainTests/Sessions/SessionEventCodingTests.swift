import EventModel
import EventSourcingTesting
import FoundationEssentials
import JourneyDomain
import Testing

@Suite("The stored events of sessions") struct SessionEventCodingTests {
    static let kinds = SessionFact.Kind.allCases

    @Test func `have these names, for good`() {
        let names = [
            "described", "bound", "message_posted", "tool_called", "input_collected", "custom_posted",
            "status_reported", "event_reported", "event_amended", "paths_reported", "journey_renumbered",
            "turn_completed", "turn_failed", "turn_cancelled", "state_entered", "state_left", "rewound", "mode_changed",
            "closed",
        ]
        #expect(Self.kinds.map(\.rawValue) == names)
        #expect(
            Self.kinds.map { $0.type(in: JourneySessionEvent.category).rawValue }
                == names.map { "journey_session.\($0)" })
        #expect(
            Self.kinds.map { $0.type(in: ParlantSessionEvent.category).rawValue }
                == names.map { "parlant_session.\($0)" })
    }

    @Test(arguments: kinds)
    func `are read from the samples of their schemas and written to the same bytes`(_ kind: SessionFact.Kind) throws {
        try check(ParlantSessionEvent.self, kind)
        try check(JourneySessionEvent.self, kind)
    }

    private func check<Home>(_ type: SessionEvent<Home>.Type, _ kind: SessionFact.Kind) throws {
        let sample = try Self.json("\(Home.category)/\(kind.rawValue).v1.sample.json")
        let event = try SessionEvent<Home>(
            decoding: sample.compactBytes(), type: kind.type(in: Home.category), schemaVersion: 1)
        #expect(event.fact.kind == kind)
        #expect(event.encoded() == sample.canonicalBytes())
    }

    @Test(arguments: kinds)
    func `have schemas that name them, ask for what is needed, and show all that is written`(_ kind: SessionFact.Kind)
        throws
    {
        for category in [ParlantSessionEvent.category, JourneySessionEvent.category] {
            let schema = try Self.json("\(category)/\(kind.rawValue).v1.json")
            let sample = try Self.json("\(category)/\(kind.rawValue).v1.sample.json")
            #expect(schema["title"]?.string == "\(category).\(kind.rawValue)")
            #expect(schema["$id"]?.string == "urn:lockstep:events:\(category):\(kind.rawValue):v1")
            #expect(schema["additionalProperties"] == false)
            let known = Set(schema["properties"]?.object?.keys ?? [])
            #expect(known.isSuperset(of: sample.object?.keys ?? ["?"]))
            for name in schema["required"]?.array ?? [] {
                let name = try #require(name.string)
                guard case .object(var object) = sample else { return }
                object[name] = nil
                let data = JSONValue.object(object).compactBytes()
                // A list that is missing is empty, and what may be null may be missing.
                if schema["properties"]?[name]?["type"] == "array" || schema["properties"]?[name]?["type"]?.array != nil
                {
                    continue
                }
                #expect(throws: EventFlaw.self, "\(kind) without \(name)") {
                    try ParlantSessionEvent(
                        decoding: data, type: kind.type(in: ParlantSessionEvent.category), schemaVersion: 1)
                }
            }
        }
    }

    @Test func `are marked in their schemas where they are personal`() throws {
        for (category, marks) in [
            (ParlantSessionEvent.category, ParlantSessionEvent.personalMarks),
            (JourneySessionEvent.category, JourneySessionEvent.personalMarks),
        ] {
            var marked: Set<PersonalMark> = []
            for kind in Self.kinds {
                let schema = try Self.json("\(category)/\(kind.rawValue).v1.json")
                for (path, subject) in Self.marks(in: schema) {
                    #expect(subject == "/subject")
                    marked.insert(PersonalMark(kind.type(in: category), version: 1, at: path, of: .member("subject")))
                }
            }
            #expect(marked == Set(marks) && !marked.isEmpty)
        }
    }

    @Test(arguments: kinds)
    func `are read when everything personal is hidden`(_ kind: SessionFact.Kind) throws {
        let category = ParlantSessionEvent.category
        let sample = try Self.json("\(category)/\(kind.rawValue).v1.sample.json")
        let sealed = SealedValue(subject: "customer:cust-17", key: "1", ciphertext: "AAAA").value
        for hidden in [sealed, SealedValue.erased(subject: "customer:cust-17")] {
            var data = sample
            for mark in ParlantSessionEvent.personalMarks where mark.type == kind.type(in: category) {
                data = data.replacing(mark.path[...], with: hidden)
            }
            let event = try ParlantSessionEvent(
                decoding: data.compactBytes(), type: kind.type(in: category), schemaVersion: 1)
            #expect(event.encoded() == data.canonicalBytes())
            var state = SessionState()
            state.apply(event.fact)
            state.apply(event.fact)
        }
    }

    @Test func `hidden from the reader, still tell where a conversation stands and what is repeated`() throws {
        let whole = try Followed([page(ConvergenceTests.eventful)])
        let sealed = SealedValue(subject: "session:s1", key: "1", ciphertext: "AAAA").value
        var state = SessionState()
        for fact in whole.facts {
            var data = ParlantSessionEvent(fact).payload
            let type = ParlantSessionEvent(fact).type
            for mark in ParlantSessionEvent.personalMarks where mark.type == type {
                data = data.replacing(mark.path[...], with: sealed)
            }
            state.apply(try ParlantSessionEvent(decoding: data.compactBytes(), type: type, schemaVersion: 1).fact)
        }
        #expect(state.positions == whole.state.positions && state.turns == whole.state.turns)
        var reader = SessionReader(state)
        for report in try SessionReports.read(page(ConvergenceTests.eventful), receivedAt: noon) {
            for input in report.inputs { #expect(reader.receive(input).isEmpty) }
        }
    }

    @Test func `of another version, type or shape are refused`() {
        func flaw(_ data: String, _ type: String, _ version: Int32 = 1) -> EventFlaw? {
            do {
                _ = try ParlantSessionEvent(
                    decoding: Array(data.utf8), type: EventType(trusting: type), schemaVersion: version)
                return nil
            } catch {
                return error
            }
        }
        let closed = EventType(trusting: "parlant_session.closed")
        #expect(flaw("{}", "parlant_session.closed", 2) == .unknown(type: closed, schemaVersion: 2))
        #expect(flaw("{}", "journey_session.closed") != nil && flaw("{}", "subject.erased") != nil)
        #expect(flaw("{}", "parlant_session.closed") == .missing(.root["reason"]))
        #expect(
            flaw(#"{"reason":"bored","at":"2026-11-21T12:00:00.000000Z"}"#, "parlant_session.closed")
                == .unexpected(.root["reason"], value: "bored"))
        #expect(
            flaw(#"{"turn":"t","offset":"1","event":"e"}"#, "parlant_session.turn_cancelled")
                == .wrongType(.root["offset"], wanted: "a whole number", found: "string"))
    }

    /// The marked places of a schema.
    static func marks(in schema: JSONValue, at path: [PersonalMark.Step] = []) -> [([PersonalMark.Step], String)] {
        var marks: [([PersonalMark.Step], String)] = []
        if let subject = schema["x-personal"]?.string { marks.append((path, subject)) }
        for member in schema["properties"]?.object?.members ?? [] {
            marks += Self.marks(in: member.value, at: path + [.key(member.key)])
        }
        if let items = schema["items"] { marks += Self.marks(in: items, at: path + [.everyElement]) }
        if let others = schema["additionalProperties"] { marks += Self.marks(in: others, at: path + [.everyMember]) }
        return marks
    }

    private static func json(_ path: String) throws -> JSONValue {
        try JSONValue(try ProjectFiles.bytes(ProjectFiles.path("Schemas/events/" + path)))
    }
}

extension JSONValue {
    /// This value with another one in every place that a way leads to.
    fileprivate func replacing(_ path: ArraySlice<PersonalMark.Step>, with value: JSONValue) -> JSONValue {
        guard let step = path.first else { return value }
        switch (step, self) {
        case (.key(let key), .object(var object)):
            guard let member = object[key] else { return self }
            object[key] = member.replacing(path.dropFirst(), with: value)
            return .object(object)
        case (.everyElement, .array(let elements)):
            return .array(elements.map { $0.replacing(path.dropFirst(), with: value) })
        case (.everyMember, .object(let object)):
            return .object(
                JSONObject(
                    object.members.map {
                        JSONObject.Member(key: $0.key, value: $0.value.replacing(path.dropFirst(), with: value))
                    }))
        case (.key, _), (.everyElement, _), (.everyMember, _): return self
        }
    }
}
