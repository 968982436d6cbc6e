import EventModel
import FoundationEssentials
import Testing

@testable import lockstep

@Suite("Lines of an appended file") struct AppendLineTests {
    private func line(_ text: String) throws(LineFlaw) -> AppendLine {
        try AppendFields(line: Array(text.utf8)[...]).line(at: Timestamp(microseconds: 0)) {
            UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))
        }
    }

    @Test(arguments: [
        #"{"a":1,  "b":[1, 2.50, "},"]}"#, "1e400", #""x\"y""#, "null", "[]", #"{"deep":{"deep":[[["\\"]]]}}"#,
    ])
    func `data keeps its bytes`(_ data: String) throws {
        let line = try line(#" { "stream" : "order-1", "expected":"any","type":"order.made", "data" : \#(data) } "#)
        #expect(line.request.streams[0].events[0].data == Array(data.utf8))
    }

    @Test func `an expected version may be a word or a number`() throws {
        func expected(_ text: String) throws -> ExpectedVersion {
            try line(#"{"stream":"a-1","expected":\#(text),"type":"a.b","data":1}"#).request.streams[0].expected
        }
        #expect(try expected("\"noStream\"") == .noStream)
        #expect(try expected("\"exists\"") == .streamExists)
        #expect(try expected("\"any\"") == .any)
        #expect(try expected("3") == .exactly(StreamVersion(3)))
        #expect(try expected("\"3\"") == .exactly(StreamVersion(3)))
    }

    @Test func `every optional field is read`() throws {
        let id = "0199f3a2-7c5b-7d1e-9a44-3f1c2b7d9e60"
        let text = #"""
            {"stream":"a-1","expected":"any","type":"a.b","data":{},"metadata":{"k":1},"event_id":"\#(id)","workspace":"acme","actor":"ada",
            "correlation_id":"\#(id)","causation_id":"\#(id)","occurred_at":"2026-02-03T04:05:06Z","schema_version":7}
            """#
        let request = try line(text).request
        let event = request.streams[0].events[0]
        #expect(request.workspace.rawValue == "acme")
        #expect(event.metadata == Array(#"{"k":1}"#.utf8))
        #expect(event.id.uuidString.lowercased() == id)
        #expect(event.correlationID == event.id && event.causationID == event.id)
        #expect(event.actor == "ada" && event.schemaVersion == 7)
        #expect(event.occurredAt.description == "2026-02-03T04:05:06.000000Z")
    }

    @Test(arguments: [
        "", "x", "[]", "{", #"{"stream":"a-1"}"#, #"{"stream":"a-1","expected":"any","type":"a.b"}"#,
        #"{"stream":"a-1","expected":"any","type":"a.b","data":}"#,
        #"{"stream":"a-1","expected":0,"type":"a.b","data":1}"#,
        #"{"stream":"a-1","expected":"any","type":"a.b","data":1} x"#,
        #"{"stream":"a","expected":"any","type":"a.b","data":1}"#,
        #"{"stream":"a-1","expected":"any","type":"a","data":1}"#,
        #"{"stream":"a-1","expected":"any","type":"a.b","data":1,"other":2}"#,
        #"{"stream":"a-1","stream":"a-2","expected":"any","type":"a.b","data":1}"#,
        #"{"stream":"a-1","expected":"any","type":"a.b","data":1,"event_id":"7"}"#,
        #"{"stream":"a-1","expected":"any","type":"a.b","data":1,"occurred_at":"yesterday"}"#,
        #"{"stream":"a-1","expected":"any","type":"a.b","data":1,"schema_version":99999}"#,
        #"{"stream":"'; drop table events; --","expected":"any","type":"a.b","data":1}"#,
    ])
    func `a line that is no append is refused with a reason`(_ text: String) {
        let flaw = #expect(throws: LineFlaw.self) { try line(text) }
        #expect(flaw?.description.isEmpty == false)
    }
}
