import EventModel
import Foundation
import StandInDoor
import Testing

@testable import ParlantStandIn

@Suite("A stand-in for Parlant that was ended") struct ComingBackTests {
    func inFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "stand-in-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.appending(path: "state").path)
    }

    @Test func `goes on where it was, with the same ids, under another instance`() async throws {
        try await inFolder { state in
            var session = ""
            var told = JSONValue.null
            var instance = ""
            try await ServerTests.running(state: state) { server in
                session = try await ServerTests().opened(server)
                try await server.control(
                    .post, "turns", ["session": .string(session), "journey": "j", "state": "j.a"])
                told = try await server.connector.state(of: session).original
                instance = try await server.connector.survey().life
            }
            // Killed in the middle of a line.
            let half = try String(contentsOfFile: state, encoding: .utf8) + "{\"at\":17"
            try half.write(toFile: state, atomically: false, encoding: .utf8)
            try await ServerTests.running(state: state) { server in
                let state = try await server.connector.state(of: session)
                let survey = try await server.connector.survey()
                #expect(state.original == told && survey.life != instance)
                let other = try await server.connector.openSession(agent: "agent")
                #expect(other != session)
            }
        }
    }

    @Test func `does not go on with what it does not understand, or with other settings`() async throws {
        try await inFolder { state in
            try await ServerTests.running(state: state) { _ = try await ServerTests().opened($0) }
            await #expect(throws: LineFileFlaw.self) {
                try await ServerTests.running(delay: .seconds(1), state: state) { _ in }
            }
            let text = try String(contentsOfFile: state, encoding: .utf8)
            for line in [
                "{}", "{\"at\":1,\"method\":\"GET\"}", "{\"at\":\"x\",\"method\":\"PUT\",\"target\":\"/\",\"body\":{}}",
            ] {
                try (text + line + "\n").write(toFile: state, atomically: false, encoding: .utf8)
                await #expect(throws: LineFileFlaw.self) { try await ServerTests.running(state: state) { _ in } }
            }
        }
    }

    @Test func `two of them never give the same id`() async throws {
        var ids: Set<String> = []
        for _ in 0..<2 {
            try await ServerTests.running { ids.insert(try await $0.connector.openSession(agent: "agent")) }
        }
        #expect(ids.count == 2)
    }
}
