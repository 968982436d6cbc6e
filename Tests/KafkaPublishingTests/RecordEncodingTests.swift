import EventModel
import Foundation
import Testing

@testable import KafkaPublishing

@Suite("Record encoding")
struct RecordEncodingTests {
    private let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    private func found(_ json: String) -> String? {
        Array(json.utf8).withUnsafeBytes { bytes in
            TraceContext.range(in: bytes).map { String(decoding: bytes[$0], as: UTF8.self) }
        }
    }

    @Test func `a trace context is found among other members`() {
        #expect(found("{\"traceparent\":\"\(trace)\"}") == trace)
        #expect(found("{\"a\":{\"b\":[1,\"\\\"}\"]}, \"traceparent\" : \"\(trace)\",\"z\":1}") == trace)
    }

    @Test(arguments: [
        "{}", "{\"a\":{\"traceparent\":\"TRACE\"}}", "{\"a\":\"\\\"traceparent\\\":\\\"TRACE\\\"\"}",
        "{\"traceparent\":\"TRACE0\"}",
        "{\"traceparent\":\"ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\"}",
        "{\"traceparent\":\"00-00000000000000000000000000000000-00f067aa0ba902b7-01\"}",
        "{\"traceparent\":\"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01\"}",
        "{\"traceparent\":12345678901234567890123456789012345678901234567890123456789012345}",
        "{\"traceparent\":\"00-4bf92f3577b34da6a3ce",
    ])
    func `what is not a trace context of the event is left alone`(_ json: String) {
        #expect(found(json.replacingOccurrences(of: "TRACE", with: trace)) == nil)
    }

    @Test(arguments: [0, 1, -1, 1_770_000_000_123_456, -62_135_596_800_000_000, 253_402_300_799_999_999] as [Int64])
    func `times are written as the log writes them`(_ microseconds: Int64) {
        var days = DayText()
        var bytes: [UInt8] = []
        days.append(Timestamp(microseconds: microseconds), to: &bytes)
        #expect(bytes == Timestamp(microseconds: microseconds).rfc3339)
    }

    @Test func `ids are read as they are written`() {
        for _ in 0..<50 {
            let id = UUID()
            let text = UUIDText.bytes(of: id)
            #expect(String(decoding: text, as: UTF8.self) == id.uuidString.lowercased())
            #expect(text.withUnsafeBytes { HeaderValue.uuid($0) } == id)
        }
    }

    @Test(
        arguments: [
            ("0", 0), ("9223372036854775807", .max), ("9223372036854775808", nil), ("", nil), ("-1", nil), ("1a", nil),
        ] as [(String, Int64?)])
    func `numbers are decimal and nothing else`(_ text: String, _ number: Int64?) {
        #expect(Array(text.utf8).withUnsafeBytes { HeaderValue.decimal($0) } == number)
    }

    @Test func `digests add and subtract`() {
        let log = SmallLog(events: 30)
        let (all, head) = (log.batch(after: .start, limit: 30).events, log.batch(after: .start, limit: 12).events)
        let tail = log.batch(after: GlobalPosition(12), limit: 18).events
        let whole = CompletenessDigest(of: all)
        #expect(CompletenessDigest(of: head).adding(CompletenessDigest(of: tail)) == whole)
        #expect(whole.subtracting(CompletenessDigest(of: tail)) == CompletenessDigest(of: head))
    }
}
