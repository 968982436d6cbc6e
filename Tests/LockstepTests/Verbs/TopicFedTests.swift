import EventModel
import Foundation
import Testing

/// Processes whose projectors read the topic. Needs a server and a broker: set LOCKSTEP_DATABASE_URL and LOCKSTEP_KAFKA.
@Suite("Projectors that read the topic", .enabled(if: Program.hasServices), .timeLimit(.minutes(15)))
struct TopicFedTests {
    private func append(_ numbers: ClosedRange<Int>, _ environment: [String: String]) async throws {
        let lines = numbers.map {
            #"{"stream":"thing-\#($0 % 7)","expected":"any","type":"thing.done","data":{"n":\#($0)}}"#
        }
        let appended = try await Program.run(
            ["append", "--file", "-"], input: Array((lines.joined(separator: "\n") + "\n").utf8),
            environment: environment)
        try #require(appended.status == 0, "\(appended.err)")
    }

    /// Waits until every lane of the timeline has come to a position, and checks its certificates.
    private func expectComplete(through position: Int, _ environment: [String: String]) async throws {
        try await TestDatabase.until(
            """
            (select count(*) = 3 and min(position) >= \(position) from lockstep.checkpoints
                where consumer = 'timeline' and kind = 'projector' and lane >= 0)
            """, environment)
        let verified = try await Program.run(
            ["projections", "verify", "timeline", "--completeness", "--json"], environment: environment)
        #expect(verified.status == 0, "\(verified.out) \(verified.err)")
    }

    @Test func `serve reads the topic, shares the lanes out, and another process goes on where one has ended`()
        async throws
    {
        try await TestDatabase.with { environment in
            try await append(1...20, environment)
            let rebuilt = try await Program.run(
                ["projections", "rebuild", "timeline", "--layout", "by-lane", "--activate", "--json"],
                environment: environment)
            try #require(rebuilt.status == 0, "\(rebuilt.out) \(rebuilt.err)")
            func serve(_ holder: String, _ roles: String) throws -> LiveProgram {
                try LiveProgram(
                    ["serve", "--roles", roles],
                    environment: environment.merging([
                        "LOCKSTEP_SERVE_HOLDER": holder, "LOCKSTEP_PROJECTOR_SOURCE": "topic",
                        "LOCKSTEP_SERVE_LEASE_SECONDS": "2",
                    ]) { $1 })
            }
            let one = try serve("one", "publisher,projector")
            let two = try serve("two", "projector")
            try await append(21...60, environment)
            try await expectComplete(through: 60, environment)
            let lease = "name like 'projector/timeline/v2/%' and expires_at > clock_timestamp()"
            try await TestDatabase.until(
                "(select count(distinct holder) = 2 and count(*) = 3 from lockstep.leases where \(lease))", environment)
            two.signal(SIGKILL)
            _ = await two.status()
            let three = try serve("three", "projector")
            try await append(61...90, environment)
            try await expectComplete(through: 90, environment)
            // What keeps one checkpoint says how it could be fed; what is kept to return to goes on.
            try await TestDatabase.until(
                """
                exists (select 1 from lockstep.checkpoints where consumer = 'executions' and kind = 'projector'
                    and last_error like '%--layout by-lane --activate%')
                and exists (select 1 from lockstep.checkpoints where consumer = 'timeline' and kind = 'projector'
                    and lane = -1 and position = 90 and last_error is null)
                """, environment)
            for process in [one, three] {
                process.signal(SIGTERM)
                #expect(await process.status() == 0)
            }
        }
    }

    @Test func `what is no source is refused, with what may be said`() async throws {
        let outcome = try await Program.run(
            ["serve", "--print-config"], environment: ["LOCKSTEP_PROJECTOR_SOURCE": "kafka"])
        #expect(outcome.status == 2 && outcome.err.contains("log or topic"), "\(outcome.err)")
        let listed = try await Program.run(
            ["serve", "--print-config"], environment: ["LOCKSTEP_PROJECTOR_SOURCE": "topic"])
        #expect(listed.status == 0 && listed.out.contains("LOCKSTEP_PROJECTOR_SOURCE"))
    }
}
