import EventModel
import Testing

@Suite struct `Names` {
    static let hostile: [String] = [
        "", "-", "--", "-a", "a", "A-b", "a b-c", "é-a", "a-é", "a-🙂", "a-\u{0}", "a-\n", "a-\u{7f}", "1a-b", "_a-b",
        "a.b-c", "a-\u{202e}b",
    ]

    @Test(arguments: hostile)
    func `a stream name that is not category-key in printable ASCII is refused`(_ value: String) {
        #expect(throws: NameFlaw.self) { try StreamName(value) }
    }

    @Test(arguments: [
        "a-b", "a-b-c", "order_1-'; drop table x; --", "a- ", "a--", "a-~", "a-\"\\", "workflow_execution-0196",
    ])
    func `a legal stream name is divided at its first dash`(_ value: String) throws {
        let name = try StreamName(value)
        #expect(name.rawValue == value)
        #expect("\(name.category)-\(name.syncKey)" == value)
        #expect(!name.category.rawValue.contains("-"))
        #expect(StreamName(trusting: value) == name)
    }

    @Test func `limits of names are in bytes and exact`() throws {
        let longest = "a-" + String(repeating: "k", count: 253)
        #expect(try StreamName(longest).rawValue.utf8.count == StreamName.lengthLimit)
        #expect(throws: NameFlaw.tooLong(what: "stream name", bytes: 256, limit: 255)) { try StreamName(longest + "k") }
        #expect(throws: NameFlaw.tooLong(what: "category", bytes: 65, limit: 64)) {
            try Category(String(repeating: "c", count: 65))
        }
        #expect(throws: NameFlaw.tooLong(what: "event type", bytes: 129, limit: 128)) {
            try EventType("a." + String(repeating: "t", count: 127))
        }
        #expect(throws: NameFlaw.tooLong(what: "workspace", bytes: 65, limit: 64)) {
            try Workspace(String(repeating: "w", count: 65))
        }
    }

    @Test(arguments: ["", ".", "a", "a.", ".a", "a.b.c", "A.b", "a.B", "a-b.c", "a.1b", "a. b"])
    func `an event type that is not category.past_tense is refused`(_ value: String) {
        #expect(throws: NameFlaw.self) { try EventType(value) }
    }

    @Test(arguments: ["", "-a", ".a", "_a", "a b", "a/b", "é", "a\u{0}"])
    func `a workspace beyond its grammar is refused`(_ value: String) {
        #expect(throws: NameFlaw.self) { try Workspace(value) }
    }

    @Test func `a flaw names the byte and shows a hostile value on one line`() {
        #expect(
            throws: NameFlaw.illegalCharacter(
                what: "category", value: "a\nb", at: 1, allowed: "a–z, 0–9 and _, starting with a letter")
        ) {
            try Category("a\nb")
        }
        let flaw = NameFlaw.illegalCharacter(what: "category", value: "a\n\u{1b}[31m", at: 1, allowed: "letters")
        #expect(!flaw.description.unicodeScalars.contains { $0.value < 0x20 })
    }

    @Test(arguments: [
        ("noStream", ExpectedVersion.noStream), ("exists", .streamExists), ("any", .any),
        ("7", .exactly(StreamVersion(7))),
    ])
    func `an expected version is spelled as it is read`(_ spelling: String, _ expected: ExpectedVersion) {
        #expect(ExpectedVersion(spelling: spelling) == expected)
        #expect(expected.description == spelling)
    }

    @Test(arguments: ["", "0", "-1", "Any", "1.0", " 1", "9223372036854775808"])
    func `no other spelling is an expected version`(_ spelling: String) {
        #expect(ExpectedVersion(spelling: spelling) == nil)
    }
}
