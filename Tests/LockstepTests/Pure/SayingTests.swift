import Conversion
import EventModel
import Foundation
import Ingest
import JourneyDomain
import Testing
import WorkflowDomain

@testable import lockstep

@Suite("What is said to people") struct SayingTests {
    @Test(arguments: [(0, "0 blocks"), (1, "1 block"), (2, "2 blocks")])
    func `numbers agree with their nouns`(_ number: Int, _ said: String) {
        #expect(Counted.of(number, "block") == said)
    }

    @Test func `a value that is cut says so, and how long it is`() {
        #expect(Table.printable(String(repeating: "a", count: 5), cutAt: 5) == "aaaaa")
        #expect(Table.printable(String(repeating: "a", count: 300), cutAt: 4) == "aaaa… (300 characters)")
        #expect(Table.printable("a\u{1b}bc", cutAt: 2) == "a·… (4 characters)")
    }

    private static let journey = JourneyDefinition(
        title: "T", root: "r", states: [JourneyState(id: "r", kind: nil)], transitions: [])

    @Test(arguments: [
        (SealedValue(subject: "workspace:default", key: "1", ciphertext: "AAAA").value, "LOCKSTEP_MASTER_KEY_FILE"),
        (SealedValue.erased(subject: "workspace:default"), "import it anew"),
    ])
    func `an export without the right to see names the cure`(_ hidden: JSONValue, _ cure: String) {
        let content = JourneyContent(
            definition: Self.journey, digest: Self.journey.digest, origin: .parlant,
            hidden: .init(form: hidden, conditions: 0))
        let refusal = ExportedDocument(content, as: .journey, id: "t").refusal
        #expect(refusal.hint.contains(cure) && refusal.hint.contains("--incomplete"))
    }

    private func withFile(_ name: String, _ bytes: [UInt8], _ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appendingPathComponent(name)
        try Data(bytes).write(to: file)
        try body(file.path)
    }

    @Test(arguments: [[], Array(" \n\t\r\n".utf8), [0xEF, 0xBB, 0xBF, 0x20]])
    func `a file of nothing but white space is empty`(_ bytes: [UInt8]) throws {
        try withFile("w.json", bytes) { path in
            #expect(throws: FileFlaw.empty) { try WorkflowFiles.read(path) }
        }
    }

    // Nothing is closed to root.
    @Test(.enabled(if: getuid() != 0)) func `a directory that may not be listed says that permission is denied`() throws
    {
        try withFile("w.json", Array("{}".utf8)) { path in
            let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
            try FileManager.default.setAttributes([.posixPermissions: 0o000], ofItemAtPath: directory)
            defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: directory) }
            #expect(throws: FileFlaw.unlistable) { try WorkflowFiles.read(directory) }
        }
    }

    @Test func `what may not be read says that permission is denied`() {
        for flaw in [FileFlaw.unlistable, .unreadable] { #expect(flaw.description.hasPrefix("permission denied")) }
    }

    @Test(arguments: [("w.zip", [0x50, 0x4B, 3, 4] as [UInt8]), ("w.yaml", Array("title: T".utf8))])
    func `a journey that comes as ZIP or YAML is told what is taken`(_ name: String, _ bytes: [UInt8]) {
        #expect(throws: JourneyFormatError.notJSON) { try JourneyFile.read(bytes, name: name) }
        #expect(JourneyFormatError.notJSON.description.contains("export journey"))
    }
}
