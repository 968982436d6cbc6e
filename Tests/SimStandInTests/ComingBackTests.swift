import EventModel
import Foundation
import NIOPosix
import StandInDoor
import Testing

@testable import SimStandIn

@Suite("A stand-in that was ended") struct ComingBackTests {
    /// A folder of its own, removed afterwards.
    func inFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("stand-in-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    func house(_ folder: URL, _ core: StandIn = StandIn([RunningTests.approval])) throws -> House {
        try House(
            core, statePath: folder.appendingPathComponent("state").path,
            eventsPath: folder.appendingPathComponent("events").path,
            on: MultiThreadedEventLoopGroup.singleton.next())
    }

    func ask(_ house: House, _ method: String, _ target: String, _ body: JSONValue? = nil, run: String? = nil) async
        -> JSONValue?
    {
        let reaction = await withCheckedContinuation { waiting in
            house.take(
                Request(
                    method: method, target: target, key: "stand-in-key", runID: run, body: body?.compactBytes() ?? [])
            ) { waiting.resume(returning: $0) }
        }
        guard case .reply(let reply) = reaction else { return nil }
        return try? JSONValue(reply.body)
    }

    func events(_ folder: URL) throws -> [String] {
        try String(contentsOf: folder.appendingPathComponent("events"), encoding: .utf8).split(separator: "\n").map(
            String.init)
    }

    @Test func `goes on where it was, and tells nothing twice`() async throws {
        try await inFolder { folder in
            var told: [String] = []
            do {
                let house = try house(folder)
                _ = await ask(house, "POST", "/api/v2/workflows/w/execute", ["input": ["a": 1]], run: "r")
                told = try events(folder)
                #expect(told.count == 6)
            }
            let house = try house(folder)
            #expect(try events(folder) == told)
            let run = await ask(house, "GET", "/api/v2/workflows/w/runs/r")
            #expect(run?["data"]?["paused"]?["contextId"] == "ctx-r-1")
            _ = await ask(house, "POST", "/api/v2/workflows/w/runs/r/resume", ["contextId": "ctx-r-1"])
            #expect(try events(folder).count == 10)
        }
    }

    @Test func `tells what it was killed before telling, and forgets half a line`() async throws {
        try await inFolder { folder in
            do {
                let house = try house(folder)
                _ = await ask(house, "POST", "/api/v2/workflows/w/execute", ["input": [:]], run: "r")
            }
            let told = try events(folder)
            let file = folder.appendingPathComponent("events")
            try (told.prefix(3).joined(separator: "\n") + "\n" + told[3].prefix(20)).write(
                to: file, atomically: false, encoding: .utf8)
            let state = folder.appendingPathComponent("state")
            try (String(contentsOf: state, encoding: .utf8) + "{\"at\":17").write(
                to: state, atomically: false, encoding: .utf8)
            let house = try house(folder)
            #expect(try events(folder) == told)
            let list = await ask(house, "GET", "/api/v2/workflows/w/runs")
            #expect(list?["data"]?.array?.count == 1)
        }
    }

    @Test func `does not go on with other workflows or settings`() async throws {
        try await inFolder { folder in
            _ = try house(folder)
            #expect(throws: Journal.Mismatch.self) { try house(folder, StandIn([RunningTests.fork])) }
            #expect(throws: Journal.Mismatch.self) {
                try house(folder, StandIn([RunningTests.approval], StandIn.Settings(blockDelay: .seconds(1))))
            }
            _ = try house(folder)
        }
    }

    @Test func `does not go on with what it does not understand`() async throws {
        try await inFolder { folder in
            _ = try house(folder)
            let state = folder.appendingPathComponent("state")
            let text = try String(contentsOf: state, encoding: .utf8)
            for line in ["{\"at\":1,\"do\":\"dance\"}", "[]", "{\"do\":\"cancel\"}"] {
                try (text + line + "\n").write(to: state, atomically: false, encoding: .utf8)
                #expect(throws: Journal.Mismatch.self) { try house(folder) }
            }
        }
    }
}
