import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Testing

@testable import Ingest

@Suite("Taking messages in") struct InboundDeskTests {
    private let log = InMemoryEventStore()
    private let ledger = InMemoryInboundLedger()

    private var desk: InboundDesk<InMemoryInboundLedger> {
        InboundDesk(of: NotebookSide(), into: log, remembering: ledger)
    }

    /// Takes messages in as a file's reader does.
    private func take(_ messages: [InboundMessage]) async throws -> [InboundVerdict] {
        let settlement = try await desk.settle(desk.read(messages))
        try await ledger.remember(settlement.entries, in: .default)
        return settlement.verdicts
    }

    private func words(_ notebook: String = "n1") async throws -> [String] {
        try await log.read(StreamQuery(StreamName("notebook-\(notebook)"))).events.map { try NotebookEvent($0).word }
    }

    private func codes(_ verdicts: [InboundVerdict]) -> [InboundRejection.Code?] { verdicts.map { $0.rejection?.code } }

    @Test func `a message becomes events, and says who, when and which message`() async throws {
        let message = InboundMessage.words(["a", "b"], id: "1")
        #expect(try await take([message]) == [InboundVerdict(.appended, kind: "notebook", events: 2)])
        let events = try await log.read(StreamQuery("notebook-n1")).events
        #expect(events.map(\.actor) == ["ada", "ada"] && events.allSatisfy { $0.causationID == message.key.id })
        #expect(events.allSatisfy { $0.occurredAt == message.receivedAt })
    }

    @Test func `the same messages again append nothing, also in another order`() async throws {
        let messages = (0..<20).map {
            InboundMessage.words(["w\($0)"], notebook: "n\($0 % 3)", id: "\($0)", at: Int64($0))
        }
        _ = try await take(messages)
        let again = try await take(messages.reversed() + messages)
        #expect(again.allSatisfy { $0.outcome == .noNews && $0.events == 0 })
        #expect(log.log.head == GlobalPosition(20))
    }

    @Test func `without a name a repetition is recognised by what it says`() async throws {
        _ = try await take([.words(["a"], at: 1)])
        #expect(try await take([.words(["a"], at: 2)]).map(\.outcome) == [.noNews])
    }

    @Test func `a known name with other content is refused, in one batch and in two`() async throws {
        let verdicts = try await take([
            .words(["a"], id: "1"), .words(["a"], id: "1"), .words(["b"], id: "1"), .words(["c"], id: "2"),
        ])
        #expect(codes(verdicts) == [nil, nil, .keyReused, nil])
        #expect(verdicts.map(\.events) == [1, 0, 0, 1])
        #expect(codes(try await take([.words(["d"], id: "2"), .words(["c"], id: "2")])) == [.keyReused, nil])
        #expect(try await words() == ["a", "c"])
    }

    @Test func `the name of a refused message may be used again`() async throws {
        #expect(codes(try await take([.words(["no"], id: "1"), .words(["yes"], id: "1")])) == [.refused, nil])
        #expect(try await words() == ["yes"])
    }

    @Test func `a refused part does not keep the rest, and its place is told`() async throws {
        let verdicts = try await take([.words(["a", "no b", "c"]), .words(["d"], at: 1)])
        #expect(verdicts[0].events == 2 && verdicts[0].rejection?.code == .refused)
        #expect(verdicts[0].rejection?.reason.hasPrefix("part 2: ") == true)
        #expect(try await words() == ["a", "c", "d"])
    }

    @Test(arguments: [
        ("", InboundRejection.Code.empty), ("{", .notJSON), ("\u{0}", .notJSON), (#"{"a":1}"#, .unknownForm),
        ("[]", .unknownForm), ("null", .unknownForm), ("12", .unknownForm), (#"{"notebook":7}"#, .malformed),
        (#"{"notebook":"ä","words":["x"]}"#, .malformed), (#"{"notebook":"n1","words":["no"]}"#, .refused),
        (#"{"notebook":"n1","notebook":"n2","words":[]}"#, .notJSON),
        (#"{"specversion":"0.3","data":{}}"#, .malformed), (#"{"specversion":"1.0","data":{},"id":"1"}"#, .malformed),
        (#"{"specversion":"1.0","data_base64":"","id":"1","source":"s"}"#, .malformed),
        (#"{"specversion":"1.0","data":{"x":1},"id":"1","source":"s","time":"yesterday"}"#, .malformed),
    ])
    func `poison is refused with its reason, and its neighbours go on`(
        _ text: String, _ code: InboundRejection.Code
    ) async throws {
        let verdicts = try await take([.words(["before"]), .text(text, at: 1), .words(["behind"], at: 2)])
        #expect(codes(verdicts) == [nil, code, nil])
        #expect(verdicts[1].rejection?.reason.isEmpty == false)
        #expect(try await words() == ["before", "behind"])
    }

    @Test func `what is too large is refused`() async throws {
        var large = InboundMessage.words(["a"])
        large.payload = Array(repeating: 0x20, count: InboundLimits.payloadBytes + 1)
        #expect(codes(try await take([large])) == [.tooLarge])
        let word = String(repeating: "x", count: AppendLimits.eventBytes)
        #expect(codes(try await take([.words([word]), .words(["b"], at: 1)])) == [.unstorable, nil])
    }

    @Test func `a reason is never longer than it may be`() async throws {
        let verdicts = try await take([.words(["no " + String(repeating: "x", count: 100_000)])])
        #expect((verdicts[0].rejection?.reason.count ?? 0) <= InboundLimits.reasonCharacters)
    }

    @Test func `an envelope names the message inside`() async throws {
        let envelope = """
            {"specversion":"1.0","id":"7","source":"crm","type":"x","time":"2026-02-03T04:05:06Z",
            "data":{"notebook":"n1","words":["a"]}}
            """
        _ = try await take([.text(envelope)])
        #expect(codes(try await take([.text(envelope.replacing("\"a\"", with: "\"b\""), at: 1)])) == [.keyReused])
        let event = try #require(try await log.read(StreamQuery("notebook-n1")).events.first)
        #expect(event.causationID == InboundKey(source: "crm", id: "7").id)
        #expect(event.occurredAt == Timestamp(rfc3339: "2026-02-03T04:05:06Z"))
    }

    @Test func `a stream that cannot be read refuses its messages only`() async throws {
        _ = try await log.append(AppendRequest([.draft("notebook.noted")], to: "notebook-n1", expecting: .noStream))
        let verdicts = try await take([.words(["a"]), .words(["a"], notebook: "n2", at: 1)])
        #expect(codes(verdicts) == [.unreadableStream, nil])
    }

    @Test(arguments: 0..<20)
    func `any order and any repetition lead to the same notebooks`(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let messages = (0..<40).map {
            InboundMessage.words(
                ["w\($0)", "w\($0 + 1)"], notebook: "n\($0 % 4)", id: $0 % 2 == 0 ? "\($0)" : nil, at: Int64($0))
        }
        var sent = (messages + messages + messages).shuffled(using: &random)
        while !sent.isEmpty {
            let count = min(sent.count, 1 + random.below(30))
            _ = try await take(Array(sent.prefix(count)))
            sent.removeFirst(count)
        }
        for number in 0..<4 {
            let expected = Set((0..<40).filter { $0 % 4 == number }.flatMap { ["w\($0)", "w\($0 + 1)"] })
            let found = try await words("n\(number)")
            #expect(Set(found) == expected && found.count == expected.count)
        }
    }
}
