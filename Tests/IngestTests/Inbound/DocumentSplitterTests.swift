import EventSourcing
import EventSourcingTesting
import Ingest
import Testing

@Suite("Splitting a file into payloads") struct DocumentSplitterTests {
    private func split(_ text: String, limit: Int = 1_000, chunk: Int = .max) -> [DocumentSplitter.Piece] {
        var splitter = DocumentSplitter(limit: limit)
        var found: [DocumentSplitter.Piece] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            found += splitter.take(rest.prefix(chunk))
            rest = rest.dropFirst(chunk)
        }
        return found + splitter.finish()
    }

    private func texts(_ pieces: [DocumentSplitter.Piece]) -> [String] {
        pieces.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test(arguments: [
        ("{\"a\":1}\n{\"b\":2}\n", [#"{"a":1}"#, #"{"b":2}"#], [1, 2]),
        ("\n\n{\"a\":1}\r\n\n{\"b\":2}", [#"{"a":1}"#, #"{"b":2}"#], [3, 5]),
        ("{\"a\":1}\n{\"b\":\n{\"c\":3}\n", [#"{"a":1}"#, #"{"b":"#, #"{"c":3}"#], [1, 2, 3]),
        ("[{\"a\":\"],\\\"\"}, {\"b\":[1,2]}\n,3 ]\n", [#"{"a":"],\""}"#, #"{"b":[1,2]}"#, "3"], [1, 1, 2]),
        ("{\n \"a\": [1,\n 2]\n}\n", ["{\n \"a\": [1,\n 2]\n}"], [1]),
        ("{\n\"a\":1}{\n\"b\":2}", ["{\n\"a\":1}", "{\n\"b\":2}"], [1, 2]),
        ("\u{feff}{\"a\":1}", [#"{"a":1}"#], [1]), ("", [], []), (" \n\t\n", [], []), ("[]", [], []),
        ("{\n\"a\":", ["{\n\"a\":"], [1]), ("[{\"a\":1},{\"b\":", [#"{"a":1}"#, #"{"b":"#], [1, 1]),
        ("word\n{\"a\":1}\n", ["word", #"{"a":1}"#], [1, 2]),
    ])
    func `the pieces and their lines`(_ text: String, _ pieces: [String], _ lines: [Int]) {
        for chunk in [1, 2, 3, 7, Int.max] {
            let found = split(text, chunk: chunk)
            #expect(texts(found) == pieces)
            #expect(found.map(\.line) == lines)
        }
    }

    @Test func `a piece over the limit keeps its length and not its bytes`() {
        let found = split("{\"a\":1}\n{\"b\":\"\(String(repeating: "x", count: 200))\"}\n{\"c\":3}\n", limit: 100)
        #expect(texts(found) == [#"{"a":1}"#, "", #"{"c":3}"#])
        #expect(found[1].count == 208)
    }

    @Test(arguments: 0..<50)
    func `whatever comes, no byte is given twice and nothing crashes`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("{}[],:\"\\\n a1".utf8)
        let bytes = (0..<400).map { _ in alphabet[random.below(alphabet.count)] }
        let found = split(String(decoding: bytes, as: UTF8.self), limit: 50, chunk: 1 + random.below(30))
        #expect(found.reduce(0) { $0 + $1.count } <= bytes.count)
        #expect(found.allSatisfy { $0.bytes.count <= 50 && $0.line >= 1 })
    }
}
