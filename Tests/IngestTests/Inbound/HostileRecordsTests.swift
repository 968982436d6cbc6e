import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Testing

@testable import Ingest

/// What anybody may write to the topic, and the sentence with which it is refused. None of it stops those behind it.
@Suite("Hostile records") struct HostileRecordsTests {
    private static let started = #"{"execution":"e1","workflow":"w1","type":"started","at":"2026-01-01T00:00:00Z"}"#

    private static func deep(_ levels: Int) -> String {
        String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    }

    private static func envelope(_ version: String, _ rest: String) -> String {
        #"{"specversion":"\#(version)","source":"s","id":"1","type":"x",\#(rest)}"#
    }

    struct Hostile: Sendable, CustomTestStringConvertible {
        let name: String
        let payload: [UInt8]
        let code: InboundRejection.Code
        let reason: String

        init(_ name: String, _ payload: [UInt8], _ code: InboundRejection.Code, _ reason: String) {
            (self.name, self.payload, self.code, self.reason) = (name, payload, code, reason)
        }

        init(_ name: String, _ payload: String, _ code: InboundRejection.Code, _ reason: String) {
            self.init(name, Array(payload.utf8), code, reason)
        }

        var testDescription: String { name }
    }

    static let hostile: [Hostile] = [
        Hostile("0 bytes", "", .empty, "the message has no content"),
        Hostile(
            "over the limit", [UInt8](repeating: 0x20, count: InboundLimits.payloadBytes + 1), .tooLarge,
            "the payload has 33554433 bytes, the limit is 33554432"),
        Hostile("blank", " \n", .notJSON, "the payload is not JSON: there is no JSON value"),
        Hostile(
            "invalid UTF-8", [0x22, 0xff, 0xfe, 0x22], .notJSON,
            "the payload is not JSON: the bytes are not UTF-8 at byte 1"),
        Hostile(
            "cut", #"{"execution":"#, .notJSON,
            "the payload is not JSON: the text ends at byte 13 where a value is missing"),
        Hostile(
            "a number too many", "{} {}", .notJSON,
            "the payload is not JSON: found \"{\" behind the end of the value at byte 3"),
        Hostile(
            "deeply nested", deep(129), .notJSON, "the payload is not JSON: nested deeper than 128 levels at byte 128"),
        Hostile(
            "deeply nested, and cut", String(repeating: "[", count: 1_000_000), .notJSON,
            "the payload is not JSON: nested deeper than 128 levels at byte 128"),
        Hostile(
            "duplicate keys", #"{"type":"a","type":"b"}"#, .notJSON,
            "the payload is not JSON: duplicate key \"type\" at byte 12"),
        Hostile(
            "U+0000", #"{"execution":"\u0000"}"#, .notJSON,
            "the payload is not JSON: \\u0000 at byte 14 cannot be stored"),
        Hostile(
            "a lone surrogate", #"{"execution":"\ud800"}"#, .notJSON,
            "the payload is not JSON: half of a surrogate pair at byte 14"),
        Hostile(
            "a number out of range", #"{"execution":1e999999}"#, .notJSON,
            "the payload is not JSON: the number at byte 13 is outside the range of numeric"),
        Hostile("null", "null", .unknownForm, "the payload is of no form that is known; it has a null"),
        Hostile("a text", #""hello""#, .unknownForm, "the payload is of no form that is known; it has a string"),
        Hostile("unknown kind", #"{"what":1}"#, .unknownForm, "$ is no report that is known; it has the members what"),
        Hostile(
            "unknown type", started.replacing("started", with: "exploded"), .malformed,
            "$.type is \"exploded\", which is not known"),
        Hostile(
            "wrong type of a member", started.replacing(#""e1""#, with: "7"), .malformed,
            "$.execution must be a string, not number"),
        Hostile(
            "no time that there is", started.replacing("2026-01-01T", with: "2026-13-01T"), .malformed,
            "$.at is \"2026-13-01T00:00:00Z\", which is no time"),
        Hostile(
            "another version of envelopes", envelope("2.0", #""data":{}"#), .malformed, "specversion must be \"1.0\""),
        Hostile(
            "an envelope of bytes", envelope("1.0", #""data_base64":"AA==""#), .malformed,
            "data_base64 is not taken; give the payload as JSON in data"),
        Hostile(
            "an envelope in an envelope", envelope("1.0", #""data":"# + envelope("1.0", #""data":{}"#)), .unknownForm,
            "$ is no report that is known; it has the members specversion, source, id, type, data"),
        Hostile(
            "a future time", started.replacing("2026", with: "2999"), .badTime,
            "the time of what is said, 2999-01-01T00:00:00.000000Z, lies more than 86400 seconds ahead of "
                + "2027-01-15T08:00:00.000000Z, when it was received"),
        Hostile(
            "a stream with no name", started.replacing(#""e1""#, with: #""""#), .malformed,
            "$.execution is \"\"; allowed are 1 to 200 letters, digits, \"-\", \"_\", \".\" and "
                + "\":\" (ASCII)"),
        Hostile(
            "a stream with too long a name",
            started.replacing("e1", with: String(repeating: "e", count: 5_000)), .malformed,
            "$.execution has 5000 bytes, the limit is 512"),
    ]

    @Test(arguments: hostile)
    func `each is refused with a sentence, and what is behind it goes on`(_ hostile: Hostile) async throws {
        let log = InMemoryEventStore()
        let desk = InboundDesk(into: log, remembering: InMemoryInboundLedger())
        var first = InboundMessage.text("", at: 0)
        first.payload = hostile.payload
        let settlement = try await desk.settle(desk.read([first, .text(Self.started, at: 1)]))
        #expect(settlement.verdicts[0].rejection?.code == hostile.code)
        #expect(settlement.verdicts[0].rejection?.reason == hostile.reason)
        #expect(settlement.verdicts[1].events == 1)
    }
}
