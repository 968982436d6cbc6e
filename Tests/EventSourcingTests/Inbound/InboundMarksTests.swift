import EventModel
import EventSourcing
import FoundationEssentials
import Testing

@Suite("Records of the inbound topic") struct InboundMarksTests {
    private static let now = Timestamp(microseconds: 1_770_000_000_000_000)

    private func message(_ headers: [(String, [UInt8]?)], time: Int64? = nil) -> InboundMessage {
        let record = InboundRecord(
            key: nil, value: Array("{}".utf8), headers: headers.map { .init(name: $0.0, value: $0.1) },
            timeMilliseconds: time)
        let place = InboundPlace(
            topic: InboundTopicName(cluster: "c", topic: "t"), generation: UUID(), partition: 2, offset: 7)
        return InboundMessage(record, at: place, receivedAt: Self.now)
    }

    private func text(_ name: String, _ value: String) -> (String, [UInt8]?) { (name, Array(value.utf8)) }

    @Test func `headers name a message, its workspace, its time and its actor`() throws {
        let message = message(
            [
                text("ls_workspace", "acme"), text("ce_source", "crm"), text("ce_id", "7"),
                text("ce_time", "2026-02-01T00:00:00Z"), text("nonsense", "\u{0}"), ("other", nil),
            ], time: 1_769_999_000_000)
        #expect(message.refusal == nil && message.workspace.rawValue == "acme" && message.actor == "crm")
        #expect(message.key == InboundKey(source: "crm", id: "7") && message.keepsTime)
        #expect(message.occurredAt == Timestamp(rfc3339: "2026-02-01T00:00:00Z"))
        #expect(message.receivedAt == Timestamp(microseconds: 1_769_999_000_000_000))
    }

    @Test func `without headers the place is the name`() {
        let message = message([])
        #expect(message.key.origin == .placed && message.workspace == .default && message.actor == "kafka:t")
        #expect(message.origin == "t[2]@7" && !message.keepsTime && message.receivedAt == Self.now)
    }

    @Test func `of headers with one name the last counts, and one without a value is none`() {
        #expect(message([text("ls_workspace", "a"), text("ls_workspace", "b")]).workspace.rawValue == "b")
        #expect(message([("ls_workspace", nil)]).workspace == .default)
        #expect(message([text("ce_id", "1")]).key.origin == .placed)
    }

    @Test(arguments: [
        ("ls_workspace", [0xff, 0xfe] as [UInt8], "header ls_workspace is not UTF-8"),
        ("ce_time", Array("yesterday".utf8), "header ce_time must be a time like 2026-02-03T04:05:06.789Z"),
        ("ce_time", [0xc3], "header ce_time is not UTF-8"), ("ce_id", [0x80], "header ce_id is not UTF-8"),
        (
            "ce_source", [UInt8](repeating: 0x61, count: 4_097),
            "headers ce_source and ce_id have 4097 bytes together, the limit is 4096"
        ),
    ])
    func `headers of nonsense are refused with a sentence`(_ name: String, _ value: [UInt8], _ reason: String) {
        let message = message([(name, value)])
        #expect(message.refusal == InboundRejection(.badHeader, reason))
    }

    @Test(
        arguments: [
            (Int64.max, "the record's time, 9223372036854775807 ms since 1970, is outside the years 1 to 9999"),
            (Int64.min, "the record's time, -9223372036854775808 ms since 1970, is outside the years 1 to 9999"),
            (
                253_402_300_800_000 as Int64,
                "the record's time, 253402300800000 ms since 1970, is outside the years 1 to 9999"
            ),
            (
                1_770_086_400_001 as Int64,
                "the record's time, 2026-02-03T02:40:00.001000Z, lies more than 86400 seconds ahead of 2026-02-02T02:40:00.000000Z, "
                    + "when it was received"
            ),
        ] as [(Int64, String)])
    func `a time that cannot be is refused, and overflows nothing`(_ time: Int64, _ reason: String) {
        #expect(message([], time: time).refusal == InboundRejection(.badTime, reason))
    }

    @Test(arguments: [0, -1, 1_770_000_000_000, 1_770_086_400_000] as [Int64])
    func `a time that may be is taken`(_ time: Int64) {
        #expect(message([], time: time).refusal == nil)
    }
}
