import EventModel
import Testing

@testable import lockstep

@Suite("Lines that a job keeps") struct StoredLineTests {
    private static let line =
        PaintedLine() + ("run-17", .strong) + "  " + ("held", .warning) + (" \"é\\ 漢", .faint)

    @Test func `a line comes back as it was, for people and for programs`() throws {
        let json = Array(#"{"b":1,"a":2.50}"#.utf8)
        let stored = try #require(StoredLine(StoredLine(json: json, lines: [Self.line, PaintedLine()]).bytes))
        #expect(stored.json == json && stored.lines == [Self.line, PaintedLine()])
        #expect(Self.line.text(Style(isColoured: false)) == "run-17  held \"é\\ 漢")
    }

    @Test(arguments: ["", "{}", "[]", "7", #"{"text":[["good","x"]]}"#, #"{"answer":[],"text":[]}"#, "{\"answer\":{}"])
    func `what is no such line is none`(_ text: String) { #expect(StoredLine(Array(text.utf8)) == nil) }

    @Test(arguments: [
        (#"{"answer":{},"text":[["loud","x"]]}"#, "x"), (#"{"answer":{},"text":[["good"]]}"#, ""),
        (#"{"answer":{},"text":[["good","a\u001b[2Jb"]]}"#, "a·[2Jb"), (#"{"answer":{},"text":[[7,{}]]}"#, ""),
        (#"{"answer":{},"text":[["good","x","bad"]]}"#, "x"),
    ])
    func `whatever was written by others is shown as text and nothing else`(_ json: String, _ text: String) throws {
        let stored = try #require(StoredLine(Array(json.utf8)))
        #expect(stored.lines.map { $0.text(Style(isColoured: false)) } == [text])
    }
}
