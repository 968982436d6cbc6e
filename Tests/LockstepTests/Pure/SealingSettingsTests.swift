import EventModel
import Foundation
import Testing

@testable import lockstep

@Suite("Settings of sealing") struct SealingSettingsTests {
    private static func key(_ id: String, _ byte: UInt8 = 7, count: Int = 32) -> String {
        "\(id):\(Data(repeating: byte, count: count).base64EncodedString())"
    }

    private func settings(_ environment: [String: String]) async throws -> SealingSettings {
        try SealingSettings(await SettingsSource(file: nil, environment: environment))
    }

    private func withFile(_ content: [UInt8], _ body: (String) async throws -> Void) async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(content).write(to: file)
        try await body(file.path)
    }

    @Test func `a key of its own is current, and those of the file follow in order`() async throws {
        let content = "# comment\r\n\r\n  \(Self.key("k2"))  \n\(Self.key("k3"))"
        try await withFile(Array(content.utf8)) { path in
            let file = try await settings(["LOCKSTEP_MASTER_KEY_FILE": path]).masterKeys()
            #expect(file?.current.id == "k2" && file?.ids == ["k2", "k3"])
            let both = try await settings(["LOCKSTEP_MASTER_KEY_FILE": path, "LOCKSTEP_MASTER_KEY": Self.key("k1")])
            #expect(try both.masterKeys()?.current.id == "k1" && both.masterKeys()?.ids == ["k1", "k2", "k3"])
            #expect(both.hasMasterKey && both.hasInlineKey)
        }
        #expect(try await settings([:]).masterKeys() == nil)
    }

    static let mistakes: [(String, String)] = [
        ("k1", "colon"), (key("k1", count: 31), "31 bytes"), ("k1:$$$", "not base64"), ("k 1:AAAA", "letters"),
        (key("k1") + "\n" + key("k1", 8), "two master keys"), ("", "no master key"),
        ("# only a comment", "no master key"),
    ]

    @Test(arguments: mistakes.indices) func `a mistake is named, and no key is shown`(_ index: Int) async throws {
        let (content, word) = Self.mistakes[index]
        try await withFile(Array(content.utf8)) { path in
            let settings = try await settings(["LOCKSTEP_MASTER_KEY_FILE": path])
            do throws(Failure) {
                _ = try settings.masterKeys()
                Issue.record("\(content) was accepted")
            } catch {
                #expect(error.status == .environment && error.error.contains(word), "\(error.error)")
                #expect(!"\(error)".contains("BwcHBwcH"))
            }
        }
    }

    @Test func `a file that is missing, huge or no text is named`() async throws {
        await #expect(throws: Failure.self) {
            try await settings(["LOCKSTEP_MASTER_KEY_FILE": "/nowhere/keys"]).masterKeys()
        }
        for content in [[UInt8](repeating: 0x61, count: SealingSettings.fileLimit + 1), [0xff, 0xfe]] {
            try await withFile(content) { path in
                await #expect(throws: Failure.self) {
                    try await settings(["LOCKSTEP_MASTER_KEY_FILE": path]).masterKeys()
                }
            }
        }
    }

    @Test func `the listing hides the key`() async throws {
        let source = try await SettingsSource(
            file: nil,
            environment: ["LOCKSTEP_DATABASE_URL": "postgres://h/d", "LOCKSTEP_MASTER_KEY": Self.key("k1")])
        let database = try DatabaseOptions.parse([])
        let listing = try SettingsListing(source, database: database, kafka: try KafkaOptions.parse([]), roles: nil)
        #expect(listing.entries.contains { $0.key == "master.key" && $0.value == "***" })
        #expect(!listing.entries.contains { $0.value.contains("BwcHBwcH") })
    }

    @Test func `marks of others' events are read, and what is none is refused`() async throws {
        let settings = try await settings(["LOCKSTEP_PERSONAL": "note.written@1:/text=/who,order.placed@2:/name=$key"])
        #expect(settings.ownMarks.map(\.type.rawValue) == ["note.written", "order.placed"])
        await #expect(throws: Failure.self) { try await self.settings(["LOCKSTEP_PERSONAL": "note.written:/text"]) }
    }
}
