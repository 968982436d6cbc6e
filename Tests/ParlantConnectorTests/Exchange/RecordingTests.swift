import FoundationEssentials
import HTTPDriver
import ParlantConnector
import Synchronization
import Testing

@Suite("Recordings") struct RecordingTests {
    static let names = (try? FileManager.default.contentsOfDirectory(atPath: Recording.directory))?.sorted() ?? []

    @Test func `there are some`() { #expect(Self.names.count > 40) }

    @Test(arguments: names) func `a recording holds no traceback, and so no file of the machine it was made on`(
        _ name: String
    ) throws {
        let text = try String(contentsOfFile: Recording.directory + "/" + name, encoding: .utf8)
        for mark in ["Traceback", "File \\\"", ".py", "file://"] {
            #expect(!text.contains(mark), "\(mark)")
        }
    }

    @Test func `a recorded server knows only what was asked when it was recorded`() async throws {
        let (known, later) = (HTTPRequest(.get, ["a"]), HTTPRequest(.put, ["a"], json: ["x": 1]))
        let answer = HTTPAnswer(status: 200, body: [])
        let recording = Recording(
            exchanges: [known, later].map { .init(request: Recording.key($0), outcome: .success(answer)) })
        let surprises = Mutex<[String]>([])
        let server = RecordedServer(recording, keepsOrder: true) { surprise in
            surprises.withLock { $0.append(surprise) }
        }
        let outcomes = await [
            HTTPRequest(.get, ["b"]), later, known, HTTPRequest(.put, ["a"], json: ["x": 2]), later, known,
        ].asyncMap { request in
            do throws(HTTPFault) {
                return try await server.send(request, within: .seconds(1), atMost: 1) == answer
            } catch {
                return false
            }
        }
        #expect(outcomes == [false, false, true, false, true, false])
        #expect(surprises.withLock { $0.count } == 4)
        #expect(server.unused == 0)
    }
}

extension Array {
    fileprivate func asyncMap<Result>(_ transform: (Element) async -> Result) async -> [Result] {
        var results: [Result] = []
        for element in self { results.append(await transform(element)) }
        return results
    }
}
