import EventModel
import Testing

@Suite("A described element") struct CanonicalElementTests {
    /// Known members `b`, `d`, `f` (absent when `nil`), `h` (elements) and `j` (elements by id).
    private struct Part: CanonicalElement, Identifiable {
        var id: ElementID = "part"
        var text = "text"
        var note: String?
        var parts: [Part] = []
        var named: [Part] = []
        var unknownFields: JSONObject = [:]

        func describe(to members: inout some CanonicalMembers & ~Copyable) {
            members.member("b", text)
            members.member("d", ["z": JSONNumber("1.50").map(JSONValue.number) ?? .null, "a": [true, .null]])
            members.optional("f", note)
            members.elements("h", parts)
            members.elements(byID: "j", named)
        }
    }

    private func expectOneForm(_ part: Part, sourceLocation: SourceLocation = #_sourceLocation) {
        let expected = part.canonicalValue.canonicalBytes()
        #expect(
            String(decoding: part.canonicalBytes(), as: UTF8.self) == String(decoding: expected, as: UTF8.self),
            sourceLocation: sourceLocation)
        #expect(part.canonicalDigest == ContentDigest(of: expected), sourceLocation: sourceLocation)
    }

    @Test func `is written in canonical order with the unknown fields in between`() {
        let part = Part(unknownFields: ["i": 2, "a": "first", "é": [], "c": ["y": 1, "x": 2], "k": .null])
        #expect(
            String(decoding: part.canonicalBytes(), as: UTF8.self)
                == #"{"a":"first","b":"text","c":{"x":2,"y":1},"d":{"a":[true,null],"z":1.5},"h":[],"i":2,"j":{},"k":null,"é":[]}"#
        )
        expectOneForm(part)
    }

    @Test func `replaces unknown fields of the same names, present or not`() {
        let part = Part(unknownFields: ["b": 1, "d": 2, "f": 3, "h": 4, "j": 5, "ba": 6, "": 7])
        #expect(part.canonicalValue["f"] == nil && part.canonicalValue["b"] == "text" && part.canonicalValue[""] == 7)
        expectOneForm(part)
    }

    @Test func `orders elements by id, and of the same id the last one counts`() {
        var part = Part()
        part.named = ["b", "a", "b", "\u{FFFF}", "😀"].enumerated().map { Part(id: ElementID($1), text: "\($0)") }
        #expect(part.canonicalValue["j"]?["b"]?["b"] == "2")
        expectOneForm(part)
        part.named = ["\"", "a", "ab", "😀", "\u{FFFF}"].map { Part(id: ElementID($0)) }
        expectOneForm(part)
    }

    @Test func `goes into a hash in pieces of any size, at any depth`() {
        var part = Part(text: String(repeating: "\\\"\u{1}x", count: 5_000), unknownFields: ["c": 1])
        for depth in 0..<40 {
            part = Part(
                note: "depth \(depth)", parts: [part, Part()],
                named: (0..<30).map { Part(id: ElementID("\($0)"), text: String(repeating: "é", count: $0 * 7)) },
                unknownFields: ["a": .number(JSONNumber(depth)), "g": "between", "z": "last"])
            expectOneForm(part)
        }
    }
}
