import EventModel
import EventSourcingTesting
import Testing

@Suite("The JSON door") struct JSONDoorTests {
    @Test(arguments: JSONCorpus.all)
    func `gives every text of the corpus the verdict that PostgreSQL gives`(_ item: JSONCorpusItem) {
        switch item.verdict {
        case .accepted: #expect(throws: Never.self) { try JSONDoor.validate(item.bytes) }
        case .refused, .stricter: #expect(throws: JSONFlaw.self) { try JSONDoor.validate(item.bytes) }
        }
    }

    @Test func `the corpus is large and holds no text twice`() {
        #expect(JSONCorpus.all.count >= 150)
        #expect(Set(JSONCorpus.all.map(\.bytes)).count == JSONCorpus.all.count)
    }

    @Test(arguments: [
        ("", JSONFlaw.empty(at: 0)), ("  ", .empty(at: 2)), ("[1,]", .unexpected(93, wanted: .value, at: 3)),
        ("{\"a\":1,\"b\":2,\"a\":3}", .duplicateKey("a", at: 13)),
        ("{\"é\":1,\"\\u00e9\":2}", .duplicateKey("é", at: 8)),
        ("{\"a\":{\"k\":1,\"k\":1}}", .duplicateKey("k", at: 12)), ("[1e131072]", .numberOutOfRange(at: 1)),
        ("\"a\\u0000\"", .nulEscape(at: 2)), ("\"\\ud800\"", .loneSurrogate(at: 1)),
        ("\"\\q\"", .unknownEscape(113, at: 1)),
        ("\"\t\"", .controlCharacter(9, at: 1)), ("{} x", .trailing(120, at: 3)), ("\u{FEFF}1", .byteOrderMark),
        ("[1", .unexpectedEnd(wanted: .commaOrBracket, at: 2)), ("{\"a\"=1}", .unexpected(61, wanted: .colon, at: 4)),
        ("[1 2]", .unexpected(50, wanted: .commaOrBracket, at: 3)),
        ("{\"a\":1", .unexpectedEnd(wanted: .commaOrBrace, at: 6)),
        ("01", .unexpected(49, wanted: .endOfNumber, at: 1)), ("nulx", .unexpected(120, wanted: .literal, at: 3)),
        ("{1:2}", .unexpected(49, wanted: .key, at: 1)), ("\"abc", .unexpectedEnd(wanted: .quote, at: 4)),
        ("1e", .unexpectedEnd(wanted: .digit, at: 2)), ("\"\\u00", .unexpectedEnd(wanted: .hexDigit, at: 5)),
    ])
    func `says what it found and where`(_ text: String, _ flaw: JSONFlaw) {
        #expect(throws: flaw) { try JSONDoor.validate(Array(text.utf8)) }
        #expect(!flaw.description.isEmpty && flaw.offset <= text.utf8.count)
    }

    @Test func `describes a duplicate key in one sentence`() {
        #expect(JSONFlaw.duplicateKey("a", at: 17).description == "duplicate key \"a\" at byte 17")
        #expect(
            JSONFlaw.unexpected(0x0B, wanted: .value, at: 3).description
                == "found byte 0x0b instead of a value at byte 3")
    }

    @Test func `keeps the limits it is given`() {
        #expect(throws: JSONFlaw.tooLarge(bytes: 5, limit: 4)) {
            try JSONDoor.validate(Array("12345".utf8), limits: JSONLimits(bytes: 4, depth: 1))
        }
        #expect(throws: JSONFlaw.tooDeep(limit: 1, at: 1)) {
            try JSONDoor.validate(Array("[[]]".utf8), limits: JSONLimits(bytes: 4, depth: 1))
        }
        #expect(throws: Never.self) {
            try JSONDoor.validate(Array("1234".utf8), limits: JSONLimits(bytes: 4, depth: 0))
        }
        #expect(JSONLimits(bytes: -1, depth: 1_000) == JSONLimits(bytes: 0, depth: 128))
    }

    @Test func `refuses every proper beginning of a container and never reads behind the end`() throws {
        let text = Array("{\"key one\":[1.5e3,\"\\ud83d\\ude00 é😀\",{\"abcdefgh\":null}],\"ok\":true}".utf8)
        try JSONDoor.validate(text)
        for length in 0..<text.count {
            let exact = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 1)
            defer { exact.deallocate() }
            exact.copyBytes(from: text[..<length])
            #expect(throws: JSONFlaw.self, "first \(length) bytes") {
                try JSONDoor.validate(UnsafeRawBufferPointer(exact))
            }
        }
    }

    @Test(arguments: 1...40)
    func `finds a repeated key wherever it is, however it is spelled`(_ width: Int) throws {
        let keys = (0..<width).map { "key-\($0 * 7_919 % 10_007)" }
        try JSONDoor.validate(JSONCorpus.object(keys: keys))
        for victim in 0..<width {
            let escaped = "\\u006b" + keys[victim].dropFirst()
            let behind = JSONCorpus.object(keys: keys + [escaped])
            #expect(throws: JSONFlaw.duplicateKey(keys[victim], at: behind.count - escaped.utf8.count - 5)) {
                try JSONDoor.validate(behind)
            }
        }
    }
}
