import EventModel
import EventSourcingTesting
import Foundation
import HTTPDriver
import Synchronization
import Testing

@Suite("The stand-in as a program", .serialized) struct ProgramTests {
    /// Beside the bundle of these tests.
    static let path = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("SimStandIn").path

    /// A process that listens.
    struct Running {
        let process: Process
        let port: Int

        static func started(_ folder: URL) async throws -> Running {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: ProgramTests.path)
            process.arguments = [
                "--workflow", ProjectFiles.demonstrations + "/demo_refund_export.json", "--key", "k",
                "--decide", "amount=else", "--state", folder.appendingPathComponent("state").path, "--events",
                folder.appendingPathComponent("events").path,
            ]
            let pipe = Pipe()
            process.standardError = pipe
            try process.run()
            // It says where it listens in one line, when it does.
            var line: [UInt8] = []
            for try await byte in pipe.fileHandleForReading.bytes(upTo: UInt8(ascii: "\n")) { line.append(byte) }
            let text = String(decoding: line, as: UTF8.self)
            let port = text.firstMatch(of: /127\.0\.0\.1:(\d+)/).flatMap { Int($0.1) }
            return Running(process: process, port: try #require(port, "\(text)"))
        }

        func kill() {
            Foundation.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }

        func ask(_ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
            let headers = [try #require(HTTPField("X-API-Key", "k")), try #require(HTTPField("X-Run-Id", "r"))]
            return try await ClientExchange.connected(to: "http://127.0.0.1:\(port)", headers: headers) { exchange in
                let request = HTTPRequest(
                    method,
                    ["api", "v2", "workflows", "refund-a-customer"] + path.split(separator: "/").map(String.init),
                    body: body?.compactBytes())
                return try JSONValue(try await exchange.send(request, within: .seconds(30), atMost: 1 << 20).body)
            }
        }
    }

    @Test func `killed in the middle of a run comes back where it was and finishes it`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("stand-in-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let first = try await Running.started(folder)
        _ = try await first.ask(.post, "execute", ["input": ["amount": 89]])
        first.kill()
        let second = try await Running.started(folder)
        defer { second.kill() }
        let run = try await second.ask(.get, "runs/r")
        #expect(run["data"]?["status"] == "pending")
        let context = try #require(run["data"]?["paused"]?["contextId"])
        _ = try await second.ask(.post, "runs/r/resume", ["contextId": context, "input": ["ok": true]])
        #expect(try await second.ask(.get, "runs/r")["data"]?["status"] == "completed")
        let events = try String(contentsOf: folder.appendingPathComponent("events"), encoding: .utf8)
        let numbers = try events.split(separator: "\n").compactMap { try JSONValue(text: String($0))["eventId"]?.int }
        #expect(numbers == Array(1...numbers.count) && numbers.count > 8)
    }
}

extension FileHandle {
    /// The bytes before `end`, as they come.
    fileprivate func bytes(upTo end: UInt8) -> AsyncStream<UInt8> {
        AsyncStream { stream in
            readabilityHandler = { handle in
                let data = handle.availableData
                for byte in data where byte != end { stream.yield(byte) }
                if data.isEmpty || data.contains(end) {
                    handle.readabilityHandler = nil
                    stream.finish()
                }
            }
        }
    }
}
