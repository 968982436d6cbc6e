import SimConnector
import Testing

@Suite("Settings of Sim") struct SettingsTests {
    @Test(arguments: [
        "", "sim.ai", "ftp://sim", "http://", "https://user:pw@sim", "https://sim?x=1", "https://sim#a", "file:///etc",
    ]) func `a URL that is none of a server is refused, and not repeated`(_ url: String) {
        #expect(throws: SimSettingsFlaw.badURL) { try SimSettings(baseURL: url, apiKey: "k") }
        #expect(!SimSettingsFlaw.badURL.description.contains("pw@"))
    }

    @Test(arguments: ["", "a\r\nX: y", "ü", "\u{0}", String(repeating: "k", count: 4_097)])
    func `a key that cannot be one is refused`(_ key: String) {
        #expect(throws: SimSettingsFlaw.badKey(limit: 4_096)) { try SimSettings(baseURL: "https://sim", apiKey: key) }
    }

    @Test func `the key is never printed`() throws {
        let settings = try SimSettings(baseURL: "https://sim/x/", apiKey: "sk-secret", attempts: -1)
        var dumped = ""
        dump(settings, to: &dumped)
        for text in ["\(settings)", String(reflecting: settings), dumped, "\([settings])", "\(settings.headers)"] {
            #expect(!text.contains("sk-secret"))
        }
        #expect(settings.baseURL == "https://sim/x" && settings.attempts == 1)
        #expect(settings.headers.map(\.value) == ["sk-secret"])
    }
}
