import EventModel
import Testing

@Suite("Reading a stored event's data") struct PayloadReaderTests {
    private let digest = ContentDigest(of: [1])
    private var reader: PayloadReader {
        PayloadReader([
            "digest": .string(digest.hexadecimal), "at": "2026-02-03T04:05:06.000007Z", "none": .null, "word": "soon",
            "number": 7,
        ])
    }

    @Test func `a digest and a time are read from their text`() throws {
        #expect(try reader.digest("digest") == digest)
        #expect(try reader.moment("at").description == "2026-02-03T04:05:06.000007Z")
        #expect(try reader.optionalMoment("at") == reader.moment("at"))
        #expect(try reader.optionalMoment("none") == nil && reader.optionalMoment("gone") == nil)
    }

    @Test func `another text, another type and nothing at all are flaws that name the place`() {
        #expect(throws: EventFlaw.unexpected(.root["word"], value: "soon")) { try reader.digest("word") }
        #expect(throws: EventFlaw.unexpected(.root["word"], value: "soon")) { try reader.optionalMoment("word") }
        #expect(throws: EventFlaw.wrongType(.root["number"], wanted: "a string", found: "number")) {
            try reader.moment("number")
        }
        #expect(throws: EventFlaw.missing(.root["gone"])) { try reader.moment("gone") }
    }
}
