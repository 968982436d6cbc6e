import EventModel
import EventSourcingTesting
import Foundation
import HTTPDriver
import Synchronization
import Testing

/// `SimStandIn` with a journal, on one port for all of its lives.
final class StandInProcess: Sendable {
    static let key = "kill-suite"
    static let workflow = "refund-a-customer"
    static let path = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("SimStandIn").path

    let port: Int
    let events: URL
    private let folder: URL
    private let child: Mutex<Child>

    private init(_ child: Child, port: Int, _ folder: URL) {
        self.child = Mutex(child)
        self.port = port
        self.folder = folder
        events = folder.appendingPathComponent("events")
    }

    var url: String { "http://127.0.0.1:\(port)" }

    static func start(in folder: URL) async throws -> StandInProcess {
        let (child, port) = try await start(in: folder, port: 0)
        return StandInProcess(child, port: port, folder)
    }

    private static func start(in folder: URL, port: Int) async throws -> (Child, Int) {
        let errors = Child.pipe()
        let child = try Child(
            path,
            [
                "--workflow", ProjectFiles.demonstrations + "/demo_refund_export.json", "--key", key, "--port",
                "\(port)", "--delay", "120", "--decide", "amount=else", "--decide", "decision=if", "--state",
                folder.appendingPathComponent("state").path, "--events", folder.appendingPathComponent("events").path,
            ], environment: [:], errors: .pipe(errors))
        var lines = OutputLines(errors.fileHandleForReading)
        let line = await lines.next() ?? ""
        let found = line.firstMatch(of: /127\.0\.0\.1:(\d+)/).flatMap { Int($0.1) }
        return (child, try #require(found, "\(line)"))
    }

    func kill() async {
        let child = child.withLock { $0 }
        child.signal(SIGKILL)
        _ = await child.ended()
    }

    /// Killed, and started again where it was.
    func restart() async throws {
        await kill()
        let (child, _) = try await Self.start(in: folder, port: port)
        self.child.withLock { $0 = child }
    }

    // MARK: Requests

    @discardableResult
    private func ask(
        _ method: HTTPRequest.Method, _ path: [String], _ body: JSONValue? = nil, run: String? = nil
    ) async throws -> JSONValue {
        var headers = [try #require(HTTPField("X-API-Key", Self.key))]
        if let run { headers.append(try #require(HTTPField("X-Run-Id", run))) }
        return try await ClientExchange.connected(to: url, headers: headers) { exchange in
            let answer = try await exchange.send(
                HTTPRequest(method, path, body: body?.compactBytes()), within: .seconds(10), atMost: 1 << 20)
            guard answer.isSuccess else {
                throw Flawed(flaws: ["\(path): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))"])
            }
            return try JSONValue(answer.body)
        }
    }

    func execute(_ run: String) async throws {
        try await ask(
            .post, ["api", "v2", "workflows", Self.workflow, "execute"], ["input": [:], "async": true], run: run)
    }

    /// As a person at Sim does, at whatever the run waits for.
    func resume(_ run: String, _ input: JSONValue) async throws {
        let waits = try told().compactMap { line -> JSONValue? in
            let value = try JSONValue(text: line)
            guard value["executionId"]?.string == run else { return nil }
            return value["data"]?["output"]?["_pauseMetadata"]?["contextId"]
        }
        let body: JSONValue = ["contextId": try #require(waits.last, "\(run) waits for nothing"), "input": input]
        try await ask(.post, ["api", "v2", "workflows", Self.workflow, "runs", run, "resume"], body)
    }

    /// Keeps every request from being heard until ``release()``.
    func hold() async throws { try await ask(.post, ["_stand_in", "hold"], [:]) }

    func release() async throws { try await ask(.post, ["_stand_in", "release"], [:]) }

    /// The answer to the next order, but not the order, is lost.
    func loseAnswer() async throws {
        try await ask(.post, ["_stand_in", "faults"], ["kind": "drop_after_doing", "method": "POST"])
    }

    func clearFaults() async throws { try await ask(.delete, ["_stand_in", "faults"]) }

    /// How many requests are held, and how many callers wait for the end of a run.
    func standing() async throws -> (held: Int, waiting: Int) {
        let state = try await ask(.get, ["_stand_in", "state"])
        return (state["held"]?.int ?? 0, state["waiting"]?.int ?? 0)
    }

    /// Everything that it has told, line by line, as far as lines are whole.
    func told() throws -> [String] {
        let text = try String(contentsOf: events, encoding: .utf8)
        let whole = text.hasSuffix("\n") ? text[...] : text[..<(text.lastIndex(of: "\n") ?? text.startIndex)]
        return whole.split(separator: "\n").map(String.init)
    }

    /// With what each wait was resumed, in order.
    func resumptions() throws -> [String: [JSONValue]] {
        var resumptions: [String: [JSONValue]] = [:]
        for line in try told() {
            let value = try JSONValue(text: line)
            guard let run = value["executionId"]?.string else { continue }
            for point in value["pausePoints"]?.array ?? [] where point["resumeStatus"] == "resumed" {
                resumptions[run, default: []].append(point["response"] ?? .null)
            }
        }
        return resumptions
    }
}
