import EventModel
import EventSourcingTesting
import FoundationEssentials
import JourneyDomain
import Testing

@Suite("Reports of sessions") struct SessionReportTests {
    private func read(_ value: JSONValue) throws -> [SessionReport] {
        try SessionReports.read(value.compactBytes(), receivedAt: noon)
    }

    private func flaw(_ value: JSONValue) -> ReportFlaw? {
        do {
            _ = try read(value)
            return nil
        } catch {
            return error as? ReportFlaw
        }
    }

    private let neutral: JSONValue = [
        "engine": "acme", "session": "s9", "execution": "exec-9", "customer": "cust-9", "mode": "auto",
        "events": [
            ["id": "e1", "offset": 1, "type": "message", "source": "customer", "text": "hello", "turn": "t1"],
            ["id": "e2", "offset": 2, "type": "turn_started", "turn": "t1"],
            [
                "id": "e3", "offset": 3, "type": "tool_called", "turn": "t1", "tool": "crm:find",
                "arguments": ["id": 1],
                "result": .null,
            ],
            [
                "id": "e4", "offset": 4, "at": "2026-11-21T12:00:04+01:00", "type": "turn_completed", "turn": "t1",
                "positions": [["journey": "j", "state": "ask"], ["journey": "k", "state": .null]],
            ],
            [
                "id": "e5", "offset": 5, "type": "input_collected", "name": "n", "value": 0, "journey": "j",
                "state": "ask",
            ],
            ["id": "e6", "offset": 6, "type": "moved", "positions": [["journey": "j", "state": "check"]]],
            ["id": "e7", "offset": 7, "type": "turn_failed", "turn": "t2", "error": "Timeout"],
            ["id": "e8", "offset": 8, "type": "turn_cancelled", "turn": "t3"],
            ["id": "e9", "offset": 9, "type": "custom", "data": false],
            ["id": "e10", "offset": 10, "type": "mood", "level": 3],
        ],
    ]

    @Test func `are told apart by structure`() throws {
        let page: JSONValue = ["session_id": "s1", "events": []]
        let session: JSONValue = [
            "id": "s2", "agent_id": "a", "customer_id": "c", "metadata": ["sim_execution_id": "e"],
        ]
        let reports = try read([page, session, neutral])
        #expect(reports.map(\.home) == [.conversation("s1"), .conversation("s2"), .execution("exec-9")])
        #expect(reports.map(\.engine) == ["parlant", "parlant", "acme"])
        #expect(reports.map(\.execution) == [nil, "e", "exec-9"])
        #expect([page, session, neutral, [page]].allSatisfy(SessionReports.recognises))
        #expect([[:], [], 7, ["workflowId": "w"], ["engine": "x"]].allSatisfy { !SessionReports.recognises($0) })
    }

    @Test func `of other engines say outright what happened`() throws {
        let session = try Followed([neutral])
        #expect(session.endings == ["completed", "failed Timeout", "cancelled"])
        #expect(session.moves == ["+j/ask", "-j/ask", "+j/check"])
        #expect(
            session.facts.map(\.kind).filter { $0.rawValue.hasSuffix("ed") || $0 == .messagePosted }.first == .described
        )
        #expect(
            session.facts.contains { $0.kind == .inputCollected }
                && session.facts.contains { $0.kind == .eventReported })
        #expect(
            session.facts.allSatisfy { fact in
                guard case .reported(let event) = fact else { return true }
                return event.subject == "customer:cust-9"
            })
        var again = session
        #expect(try again.receive(neutral).isEmpty)
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `of other engines converge, too`(_ seed: UInt64) throws {
        let events = try #require(neutral["events"]?.array)
        var random = SplitMix64(seed: seed)
        let payloads = (events + events).shuffled(using: &random).map { neutral.with("events", [$0]) }
        #expect(try Followed(payloads).state == Followed([neutral]).state, "seed \(seed)")
    }

    @Test func `of other engines may leave out what they have said`() throws {
        var session = try Followed([neutral])
        let bare: JSONValue = ["engine": "acme", "session": "s9", "execution": "exec-9", "closed": true]
        #expect(try session.receive(bare).map(\.kind) == [.closed])
        #expect(session.state.description?.customer == "cust-9" && session.state.activity == .closed)
    }

    @Test func `keep kinds, sources, statuses and types that are not known`() throws {
        let odd = event(0, "vibe", "robot", trace: "t", ["x": 1])
        let strange = status(1, "meditating", trace: "t", ["depth": 7])
        let kinds = try Followed([page([odd, strange])]).facts.map(\.kind)
        #expect(kinds == [.eventReported, .statusReported])
    }

    static let flaws: [(JSONValue, ReportFlaw)] = [
        (
            ["session_id": "s1", "events": 7],
            ReportFlaw.wrongType(.root["events"], wanted: "an array", found: "number")
        ),
        (["session_id": 7], .wrongType(.root["session_id"], wanted: "a text", found: "number")),
        (["session_id": ""], .wrongType(.root["session_id"], wanted: "a text", found: "empty")),
        (["session_id": "sé"], .illegalID(.root["session_id"])),
        (["session_id": "s1", "evnts": []], .unknownMember(.root["evnts"])),
        (["session_id": "s1", "observed_at": "soon"], .outOfRange(.root["observed_at"], value: "soon")),
        (["session_id": "s1", "quiet_through": -1], .outOfRange(.root["quiet_through"], value: "-1")),
        (
            ["session_id": "s1", "quiet_through": .number(JSONNumber("1.5") ?? JSONNumber(0))],
            .outOfRange(.root["quiet_through"], value: "1.5")
        ),
        (["session_id": "s1", "listing": [:]], .missing(.root["listing"]["from"])),
        (["session_id": "s1", "agent_states": [[:]]], .missing(.root["agent_states"][0]["journey_paths"])),
        (
            ["session_id": "s1", "agent_states": [["trace_id": "t", "journey_paths": ["j": ["indexes": [7]]]]]],
            .wrongType(
                .root["agent_states"][0]["journey_paths"]["j"]["indexes"][0], wanted: "a string or null",
                found: "number")
        ),
        (["session_id": "s1", "session": ["id": "s2"]], .outOfRange(.root["session"]["id"], value: "s2")),
        (["session_id": "s1", "renumbered": ["journey": "j"]], .missing(.root["renumbered"]["states"])),
        (
            ["session_id": "s1", "deleted": "yes"],
            .wrongType(.root["deleted"], wanted: "true or false", found: "string")
        ),
        (["engine": "parlant", "session": "s", "execution": "e"], .outOfRange(.root["engine"], value: "parlant")),
        (["engine": "a", "session": "s", "execution": "e", "x": 1], .unknownMember(.root["x"])),
        ([], .unrecognised(found: [])), (7, .unrecognised(found: ["number"])), ([:], .unrecognised(found: [])),
        (["what": 1], .unrecognised(found: ["what"])),
    ]

    @Test(arguments: flaws)
    func `that are wrong are refused with the place`(_ value: JSONValue, _ expected: ReportFlaw) {
        #expect(flaw(value) == expected)
        #expect(flaw(value)?.description.isEmpty == false)
    }

    @Test(arguments: ["id", "kind", "source", "offset"])
    func `of events need who, what and where`(_ member: String) {
        guard case .object(var object) = customerSays(0, "x", trace: "t") else { return }
        object[member] = nil
        #expect(flaw(page([.object(object)])) == .missing(.root["events"][0][member]))
    }

    @Test(arguments: ["-1", "0.5", "9007199254740992", "9223372036854775808", "1e99"])
    func `have offsets that every reader can hold`(_ lexeme: String) throws {
        let number = try #require(JSONNumber(lexeme))
        let odd = customerSays(0, "x", trace: "t").with("offset", .number(number))
        #expect(flaw(page([odd])) == .outOfRange(.root["events"][0]["offset"], value: lexeme))
    }

    @Test func `may have the highest offset, and rewind there`() throws {
        let top = SessionLimits.offset
        var session = try Followed([page([customerSays(0, "x", trace: "t").with("offset", .number(JSONNumber(top)))])])
        #expect(session.state.lastOffset == top)
        let rewind: JSONValue = ["session_id": "s1", "rewound": ["from": .number(JSONNumber(top))]]
        #expect(try session.receive(rewind).count == 1)
        #expect(
            try session.receive(["session_id": "s1", "listing": ["from": 0, "through": .number(JSONNumber(top))]]).count
                == 1)
    }

    @Test func `rewind from the start where Parlant takes a negative offset`() throws {
        let rewind: JSONValue = ["session_id": "s1", "rewound": ["from": -1]]
        #expect(try read(rewind)[0].inputs == [.rewound(from: 0, before: nil, observedAt: noon)])
    }

    @Test func `that are too large say so`() throws {
        let many = JSONValue.array(Array(repeating: 0, count: SessionLimits.reportedEvents + 1))
        #expect(
            flaw(["session_id": "s1", "events": many])
                == .tooMany(
                    .root["events"], count: SessionLimits.reportedEvents + 1, limit: SessionLimits.reportedEvents))
        let reports = JSONValue.array(Array(repeating: ["session_id": "s"], count: SessionLimits.reports + 1))
        #expect(flaw(reports) == .tooMany(.root, count: SessionLimits.reports + 1, limit: SessionLimits.reports))
        let text = String(repeating: "x", count: SessionLimits.eventBytes)
        guard case .tooLong? = flaw(page([customerSays(0, text, trace: "t")])) else {
            Issue.record("a large event was taken")
            return
        }
        let bytes = [UInt8](repeating: 0x20, count: SessionLimits.reportBytes + 1)
        #expect(throws: ReportFlaw.tooLarge(bytes: bytes.count, limit: SessionLimits.reportBytes)) {
            try SessionReports.read(bytes, receivedAt: noon)
        }
        let name = String(repeating: "i", count: SessionLimits.nameBytes + 1)
        #expect(
            flaw(page([customerSays(0, "x", trace: name)]))
                == .tooLong(.root["events"][0]["trace_id"], bytes: name.utf8.count, limit: SessionLimits.nameBytes))
    }

    @Test func `cannot smuggle in what looks sealed`() {
        let sealed: JSONValue = ["$sealed": ["subject": "customer:1", "key": "1", "ct": "AAAA"]]
        let erased: JSONValue = ["$erased": ["subject": "customer:1"]]
        for hidden in [sealed, erased] {
            let events = [
                event(0, "custom", "system", trace: "t", hidden),
                event(0, "custom", "system", trace: "t", 1, metadata: hidden),
                event(0, "evaluation", "system", trace: "t", hidden),
                event(
                    0, "tool", "system", trace: "t",
                    ["tool_calls": [["tool_id": "a", "arguments": hidden, "result": 1]]]),
            ]
            for event in events { #expect(flaw(page([event])) == .sealed(.root["events"][0])) }
            #expect(flaw(["id": "s", "agent_id": "a", "customer_id": "c", "title": hidden]) == .sealed(.root["title"]))
        }
    }

    @Test func `that are cut off or damaged never trap`() {
        let whole = page(ConvergenceTests.eventful).compactBytes()
        for length in stride(from: 0, to: whole.count, by: 11) {
            _ = try? SessionReports.read(Array(whole[..<length]), receivedAt: noon)
        }
        let small = page(turn(0, trace: "t1", ["a"])).compactBytes()
        for place in stride(from: 0, to: small.count, by: 3) {
            for byte in [UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "9"), UInt8(ascii: "-"), 0xff] {
                var damaged = small
                damaged[place] = byte
                guard let reports = try? SessionReports.read(damaged, receivedAt: noon) else { continue }
                var reader = SessionReader()
                for input in reports.flatMap(\.inputs) { _ = reader.receive(input) }
            }
        }
    }

    @Test func `keep ids apart that differ in their bytes only`() throws {
        let composed = customerSays(0, "x", trace: "t").with("id", "caf\u{e9}")
        let decomposed = customerSays(1, "x", trace: "t").with("id", "cafe\u{301}")
        #expect(try Followed([page([composed, decomposed])]).state.eventCount == 2)
    }

    @Test(arguments: ["parlant", "neutral"])
    func `are documented by a schema with a sample that is read`(_ form: String) throws {
        let path = ProjectFiles.path("Schemas/ingest/journey_session.\(form).v1")
        let sample = try JSONValue(try ProjectFiles.bytes(path + ".sample.json"))
        let schema = try JSONValue(try ProjectFiles.bytes(path + ".json"))
        #expect(schema["$id"]?.string == "urn:lockstep:ingest:journey_session:\(form):v1")
        let session = try Followed([sample])
        #expect(session.endings == ["completed"] && session.moves.count == 1)
        for key in sample.object?.keys ?? [] { #expect(schema["properties"]?[key] != nil, "\(key)") }
    }
}
