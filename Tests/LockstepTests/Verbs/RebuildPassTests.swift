import EventModel
import Foundation
import Testing

/// `projections rebuild` with several names.
@Suite("Several read models made anew", .enabled(if: Program.hasDatabase), .timeLimit(.minutes(15)))
struct RebuildPassTests {
    private func append(_ count: Int, _ environment: [String: String]) async throws {
        for index in 1...count {
            let appended = try await Program.run(
                ["append", "--stream", "a-\(index)", "--expected", "any", "--type", "a.b", "--data", "1", "--json"],
                environment: environment)
            try #require(appended.status == 0, "\(appended.err)")
        }
    }

    @Test func `have an answer each, in the order in which they were named`() async throws {
        try await TestDatabase.with { environment in
            try await append(2, environment)
            let built = try await Program.run(
                ["projections", "rebuild", "timeline", "executions", "--activate", "--json"], environment: environment)
            let answers = try built.objects()
            #expect(built.status == 0 && answers.map { $0["projection"]?.string } == ["timeline", "executions"])
            let schema = try AnswerSchema("projections_rebuild")
            for answer in answers { #expect(schema.flaws(in: answer) == [] && answer["activated"] == true) }
            #expect(answers.map { $0["rows"]?.int } == [2, 0])
            let seen = try await TestDatabase.query(
                "select count(*) from lockstep.generations where state = 'active' and number = 2", environment)
            // Two projections began with their second generation.
            #expect(try seen.int64(0, 0) == 4)
        }
    }

    @Test func `end with what has stopped one of them, when the others are done`() async throws {
        try await TestDatabase.with { environment in
            try await append(1, environment)
            try await TestDatabase.execute(
                "select lockstep.acquire_lease('rebuild/executions', 'somebody else', 600000000)", environment)
            let built = try await Program.run(
                ["projections", "rebuild", "executions", "timeline", "--json"], environment: environment)
            #expect(built.status == 1 && built.err.contains("a rebuild of executions is running"), "\(built.err)")
            #expect(try built.objects().map { $0["projection"]?.string } == ["timeline"])
        }
    }
}
