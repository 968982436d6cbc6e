import EventModel
import EventSourcingTesting
import Testing

@Suite("Marked places") struct MarkedPlacesTests {
    private func places(_ spellings: String...) throws -> MarkedPlaces {
        MarkedPlaces(try spellings.map { try #require(PersonalMark(spelling: "note.written@1:\($0)")) })
    }

    private func replaced(_ text: String, _ places: MarkedPlaces) throws -> String {
        let value = places.replacing(in: try JSONValue(text: text)) { (_, _, path) throws(Never) in
            .string("\(path)")
        }
        return String(decoding: value.canonicalBytes(), as: UTF8.self)
    }

    @Test func `wildcards reach every member and every element`() throws {
        let places = try places("/lines/[*]/text=$key", "/inputs/*=$key", "/name=$key")
        #expect(
            try replaced(
                #"{"lines":[{"text":1},{"other":2},{"text":[3]}],"inputs":{"a":1,"b":{}},"name":"n","x":1}"#, places)
                == #"{"inputs":{"a":"$.inputs.a","b":"$.inputs.b"},"lines":[{"text":"$.lines[0].text"},{"other":2},{"text":"$.lines[2].text"}],"name":"$.name","x":1}"#
        )
    }

    @Test func `null and what is absent stay, and so do other shapes than the mark expects`() throws {
        let places = try places("/a/b=$key", "/c/[*]=$key", "/d/*=$key")
        for text in [
            #"{}"#, "null", "7", "[]", #"{"a":null}"#, #"{"a":{"b":null}}"#, #"{"a":[1]}"#, #"{"c":{"0":1}}"#,
            #"{"d":[1]}"#, #"{"a":"text"}"#, #"{"c":[null]}"#,
        ] {
            #expect(try replaced(text, places) == text)
        }
    }

    @Test func `the outer of two marks counts, and of two at one value the first`() throws {
        #expect(try replaced(#"{"a":{"b":1}}"#, try places("/a/b=$key", "/a=$workspace")) == #"{"a":"$.a"}"#)
        var found: [PersonalMark.Subject] = []
        _ = try places("/a=$workspace", "/*=$key").replacing(in: ["a": 1, "b": 2]) {
            (value, subject, _) throws(Never) in
            found.append(subject)
            return value
        }
        #expect(found == [.workspace, .syncKey])
    }

    @Test func `keys are compared byte by byte`() throws {
        #expect(try replaced("{\"e\u{301}\":1}", try places("/\u{e9}=$key")) == "{\"e\u{301}\":1}")
    }

    @Test func `a whole payload can be marked`() throws { #expect(try replaced("[1]", try places("=$key")) == #""$""#) }

    /// Seals and opens random data at random marks.
    @Test(arguments: 0..<300) func `sealing a payload is undone by opening it, and hides every marked value`(
        _ seed: Int
    ) throws {
        var world = SealedWorld(seed: UInt64(seed))
        let places = MarkedPlaces(try (0..<1 + world.random.below(4)).map { _ in try world.mark() })
        let payload = world.value(depth: 5)
        let key = try world.key()
        var hidden = 0
        func sealed() throws(SealFault) -> JSONValue {
            try places.replacing(in: payload) { (value, _, path) throws(SealFault) in
                hidden += 1
                return try key.seal(value, at: SealedWorld.place(path)).value
            }
        }
        let once = try sealed()
        #expect(try sealed().canonicalBytes() == once.canonicalBytes())
        var mentions = 0
        once.canonicalBytes().withUnsafeBytes { bytes in
            SealedScan.forEach(in: bytes) { _ in mentions += 1 }
        }
        #expect(mentions >= hidden / 2)
        let opened = try places.replacing(in: once) { (value, _, path) throws(SealFault) in
            guard let sealed = SealedValue(value) else { throw .malformed }
            return try key.open(sealed, at: SealedWorld.place(path))
        }
        #expect(opened.canonicalBytes() == payload.canonicalBytes())
    }

    @Test func `types and versions without marks have none`() throws {
        let marks = PersonalMarks([try #require(PersonalMark(spelling: "note.written@2:/text=/who"))])
        let (marked, other) = (try EventType("note.written"), try EventType("note.read"))
        #expect(marks[marked, 2] != nil && marks[marked, 1] == nil && marks[other, 2] == nil)
        #expect(PersonalMarks([]).isEmpty && !marks.isEmpty)
    }

    @Test(arguments: [
        "", "note.written", "note.written@1", "note.written@0:/a=$key", "note.written@1:a=$key", "note.written@1:/a",
        "note.written@1:/a=who", "note.written@1:/a=/", "note.written@1:/a=/x/y", "@1:/a=$key", "Note@1:/a=$key",
    ]) func `what is no mark is not taken for one`(_ spelling: String) {
        #expect(PersonalMark(spelling: spelling) == nil)
    }

    @Test func `a pointer's escapes are resolved`() throws {
        let mark = try #require(PersonalMark(spelling: "note.written@1:/a~1b/~0/*/[*]=/who~1"))
        #expect(mark.path == [.key("a/b"), .key("~"), .everyMember, .everyElement])
        #expect(mark.subject == .member("who/"))
    }

    @Test func `whose data it is is said by the data, the stream or the workspace`() throws {
        func subject(_ subject: PersonalMark.Subject, _ text: String, _ stream: String = "note-7") throws -> String {
            try subject.resolved(
                in: try JSONValue(text: text), stream: try StreamName(stream), workspace: try Workspace("acme")
            ).text
        }
        #expect(try subject(.member("who"), #"{"who":"customer:7"}"#) == "customer:7")
        #expect(try subject(.member("who"), #"{"who":null}"#) == "key:7")
        #expect(try subject(.member("who"), "[]") == "key:7")
        #expect(try subject(.syncKey, "{}") == "key:7")
        #expect(try subject(.workspace, "{}") == "workspace:acme")
        #expect(throws: SubjectFlaw.notText(member: "who", found: "number")) {
            try subject(.member("who"), #"{"who":1}"#)
        }
        #expect(throws: SubjectFlaw.empty) { try subject(.member("who"), #"{"who":""}"#) }
        let long = try subject(.syncKey, "{}", "note-" + String(repeating: "k", count: 240))
        #expect(long.hasPrefix("key:sha256:") && long.utf8.count < 200)
    }
}
