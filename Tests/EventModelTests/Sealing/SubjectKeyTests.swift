import EventModel
import EventSourcingTesting
import FoundationEssentials
import Testing

@Suite("Sealing one value") struct SubjectKeyTests {
    @Test func `what is sealed opens to the same value, and sealing again gives the same bytes`() throws {
        var world = SealedWorld(seed: 1)
        let key = try world.key()
        for _ in 0..<2_000 {
            let value = world.value()
            let sealed = try key.seal(value, at: SealedWorld.place())
            #expect(try key.open(sealed, at: SealedWorld.place()).canonicalBytes() == value.canonicalBytes())
            #expect(try key.seal(value, at: SealedWorld.place()) == sealed)
            #expect(SealedValue(sealed.value) == sealed)
        }
    }

    @Test func `a large value seals and opens, and fits one event`() throws {
        var world = SealedWorld(seed: 2)
        let value = JSONValue.string(String(repeating: "0123456789abcdef", count: 700 * 64))
        let key = try world.key()
        let sealed = try key.seal(value, at: SealedWorld.place())
        #expect(sealed.value.canonicalBytes().count < 1_000_000)
        #expect(try key.open(sealed, at: SealedWorld.place()) == value)
    }

    @Test func `nonces differ between places, events and values`() throws {
        var world = SealedWorld(seed: 3)
        let key = try world.key()
        let other = UUID()
        let sealed = [
            try key.seal("a", at: SealedWorld.place()), try key.seal("b", at: SealedWorld.place()),
            try key.seal("a", at: SealedWorld.place(JSONPath([.key("other")]))),
            try key.seal("a", at: SealedWorld.place(event: other)),
            try key.seal("a", at: SealedWorld.place(in: try Workspace("acme"))),
            try world.key().seal("a", at: SealedWorld.place()),
        ]
        let nonces = try sealed.map { try #require(Data(base64Encoded: $0.ciphertext)).prefix(12) }
        #expect(Set(nonces).count == sealed.count)
    }

    @Test func `a ciphertext moved to another event, place, workspace, subject or key is refused`() throws {
        var world = SealedWorld(seed: 4)
        let key = try world.key()
        let sealed = try key.seal("a", at: SealedWorld.place())
        let elsewhere = [
            SealedWorld.place(JSONPath([.key("other")])), SealedWorld.place(JSONPath([.key("text"), .index(0)])),
            SealedWorld.place(event: UUID()), SealedWorld.place(in: try Workspace("acme")),
        ]
        for place in elsewhere { #expect(throws: SealFault.tampered) { try key.open(sealed, at: place) } }
        // The same random bytes as another subject's, generation's and workspace's key.
        for other in [
            try SealedWorldTwin.key("customer:8"), try SealedWorldTwin.key(generation: 2),
            try SealedWorldTwin.key(in: Workspace("acme")),
        ] {
            let twin = try SealedWorldTwin.key()
            let own = try twin.seal("a", at: SealedWorld.place())
            #expect(throws: SealFault.tampered) { try other.open(own, at: SealedWorld.place()) }
        }
    }

    @Test func `every altered byte is noticed`() throws {
        var world = SealedWorld(seed: 5)
        let key = try world.key()
        let sealed = try key.seal(["a": 1], at: SealedWorld.place())
        let bytes = try #require(Data(base64Encoded: sealed.ciphertext))
        for index in bytes.indices {
            var altered = bytes
            altered[index] ^= 1
            let value = SealedValue(
                subject: sealed.subject, key: sealed.key, ciphertext: altered.base64EncodedString())
            #expect(throws: SealFault.tampered) { try key.open(value, at: SealedWorld.place()) }
        }
    }

    @Test(arguments: ["", "AAAA", "not base64!", "=", "\u{0}"]) func `what is no ciphertext is refused`(
        _ text: String
    ) throws {
        var world = SealedWorld(seed: 6)
        let key = try world.key()
        let value = SealedValue(subject: "customer:7", key: "1", ciphertext: text)
        #expect(throws: SealFault.malformed) { try key.open(value, at: SealedWorld.place()) }
    }

    @Test func `a key never shows itself`() throws {
        var world = SealedWorld(seed: 7)
        let key = try world.key()
        #expect("\(key)" == "key 1 of customer:7")
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!dumped.contains("secret") && !dumped.contains("encryption"))
    }

    @Test(arguments: [
        ("1", true), ("2147483647", true), ("0", false), ("-1", false), ("01", false), ("+1", false), ("x", false),
        ("2147483648", false),
    ])
    func `only the names of keys that we could have made name a key`(_ name: String, _ isKey: Bool) {
        let value = SealedValue(subject: "customer:7", key: name, ciphertext: "")
        #expect((SubjectKeyID(value, in: .default) != nil) == isKey)
    }
}

/// Keys from the same random bytes, whatever they are for.
private enum SealedWorldTwin {
    static func key(
        _ subject: String = "customer:7", in workspace: Workspace = .default, generation: Int32 = 1
    ) throws -> SubjectKey {
        var world = SealedWorld(seed: 99)
        return try world.key(subject, in: workspace, generation: generation)
    }
}

@Suite("Subjects of personal data") struct DataSubjectTests {
    @Test(arguments: ["customer:7", "a", "é", "日本", "with space", "\"quotes\"\\", String(repeating: "x", count: 200)])
    func `an identifier is a subject`(_ text: String) throws { #expect(try DataSubject(text).text == text) }

    @Test func `what is no identifier is refused`() {
        #expect(throws: SubjectFlaw.empty) { try DataSubject("") }
        #expect(throws: SubjectFlaw.tooLong(bytes: 201, limit: 200)) {
            try DataSubject(String(repeating: "x", count: 201))
        }
        for code: UInt32 in [0, 9, 10, 0x1b, 0x7f, 0x85] {
            let scalar = Unicode.Scalar(code).map(String.init) ?? ""
            #expect(throws: SubjectFlaw.controlCharacter(code)) { try DataSubject("a\(scalar)b") }
        }
    }

    @Test func `subjects that only look alike are two, with two streams`() throws {
        let (one, other) = (try DataSubject("\u{e9}"), try DataSubject("e\u{301}"))
        #expect(one != other && Set([one, other]).count == 2)
        #expect(one.stream(in: .default) != other.stream(in: .default))
        #expect(one.stream(in: .default) != one.stream(in: try Workspace("acme")))
        #expect(try StreamName(one.stream(in: .default).rawValue).category.rawValue == "subject")
    }
}
