import EventModel
import Foundation
import Testing

@Suite("Many writer processes", .enabled(if: Program.hasDatabase)) struct ManyWritersTests {
    private static let processes = 8
    private static let streams = 64
    private static let each = 10

    /// Every stream of a process under way at once, and one stream that all processes write to.
    private static func lines(of process: Int) -> [UInt8] {
        var text = ""
        for step in 0..<each {
            for stream in 0..<streams {
                let expected = step == 0 ? "\"noStream\"" : "\(step)"
                text +=
                    "{\"stream\":\"race-\(process)x\(stream)\",\"expected\":\(expected),\"type\":\"race.run\",\"data\":{\"step\":\(step)}}\n"
            }
            text +=
                "{\"stream\":\"race-shared\",\"expected\":\"any\",\"type\":\"race.run\",\"data\":{\"by\":\(process)}}\n"
        }
        return Array(text.utf8)
    }

    @Test func `eight processes write one log, and who follows it live sees every event once, in order`() async throws {
        let total = Self.processes * Self.each * (Self.streams + 1)
        try await TestDatabase.with { environment in
            let follower = try LiveProgram(["tail", "--follow", "--json", "-n", "10000"], environment: environment)
            let seen = Task {
                var positions: [Int64] = []
                while positions.count < total, let line = await follower.line() {
                    positions.append(try JSONValue(text: line, limits: .file)["position"]?.int.map { Int64($0) } ?? -1)
                }
                return positions
            }
            try await withThrowingTaskGroup(of: Program.Outcome.self) { group in
                for process in 0..<Self.processes {
                    group.addTask {
                        try await Program.run(
                            ["append", "--json", "--file", "-"], input: Self.lines(of: process),
                            environment: environment)
                    }
                }
                for try await outcome in group {
                    #expect(outcome.status == 0, "\(outcome.err)")
                    #expect(outcome.lines.count == Self.each * (Self.streams + 1))
                    #expect(outcome.lines.allSatisfy { $0.contains("\"outcome\":\"appended\"") })
                }
            }
            let found = try await TestDatabase.query(
                "select count(*), min(position), max(position), count(distinct event_id) from lockstep.event_log",
                environment)
            #expect(try (0..<4).map { try found.int64(0, $0) } == [Int64(total), 1, Int64(total), Int64(total)])
            let live = try await seen.value
            follower.signal(SIGTERM)
            #expect(live == Array(1...Int64(total)))
        }
    }
}
