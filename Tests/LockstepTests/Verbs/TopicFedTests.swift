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
        try await expectComplete(environment)
    }

    private func expectComplete(_ environment: [String: String]) async throws {
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
            let one = try serve("one", "publisher,projector", environment)
            let two = try serve("two", "projector", environment)
            try await append(21...60, environment)
            try await expectComplete(through: 60, environment)
            let lease = "name like 'projector/timeline/v2/%' and expires_at > clock_timestamp()"
            try await TestDatabase.until(
                "(select count(distinct holder) = 2 and count(*) = 3 from lockstep.leases where \(lease))", environment)
            two.signal(SIGKILL)
            _ = await two.status()
            let three = try serve("three", "projector", environment)
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
            await end([one, three])
        }
    }

    /// Appends in several pieces, as somebody does who goes on meanwhile.
    private func appendMeanwhile(_ numbers: ClosedRange<Int>, _ environment: [String: String]) async throws {
        for first in stride(from: numbers.lowerBound, through: numbers.upperBound, by: 20) {
            try await append(first...min(first + 19, numbers.upperBound), environment)
        }
    }

    private func run(_ arguments: [String], _ environment: [String: String]) async throws {
        let outcome = try await Program.run(["projections"] + arguments + ["--json"], environment: environment)
        try #require(outcome.status == 0, "\(arguments): \(outcome.out) \(outcome.err)")
    }

    /// Waits until a generation of the timeline is in a state, with so many checkpoints at a position, and nothing to complain about.
    private func expect(
        _ generation: Int, _ state: String, checkpoints: Int, through position: Int, _ environment: [String: String]
    ) async throws {
        try await TestDatabase.until(
            """
            (select count(*) = \(checkpoints) and min(c.position) >= \(position) and bool_and(c.last_error is null)
                from lockstep.checkpoints c join lockstep.generations g on g.projection = c.consumer and g.number = c.version
                where c.consumer = 'timeline' and c.kind = 'projector' and g.number = \(generation) and g.state = '\(state)')
            """, environment)
    }

    /// The rows of a generation are the events of the log, each once.
    private func expectRows(of generation: Int, _ environment: [String: String]) async throws {
        let relation = try await TestDatabase.query(
            "select relation from lockstep.generations where projection = 'timeline' and number = \(generation)",
            environment
        ).text(0, 0)
        let differing = try await TestDatabase.query(
            """
            select count(*) from lockstep.event_log e full join lockstep_read.\(relation) t on t.position = e.position
            where (t.stream, t.version, t.type) is distinct from (e.stream, e.version, e.type)
            """, environment
        ).int64(0, 0)
        #expect(differing == 0, "generation \(generation)")
    }

    private func serve(_ holder: String, _ roles: String, _ environment: [String: String]) throws -> LiveProgram {
        try LiveProgram(
            ["serve", "--roles", roles],
            environment: environment.merging([
                "LOCKSTEP_SERVE_HOLDER": holder, "LOCKSTEP_PROJECTOR_SOURCE": "topic",
                "LOCKSTEP_SERVE_LEASE_SECONDS": "2",
            ]) { $1 })
    }

    private func end(_ processes: [LiveProgram]) async {
        for process in processes {
            process.signal(SIGTERM)
            #expect(await process.status() == 0)
        }
    }

    @Test func `readers are changed over and back while events come, and both generations are followed`() async throws {
        try await TestDatabase.with { environment in
            try await append(1...20, environment)
            try await run(["rebuild", "timeline", "--layout", "by-lane", "--activate"], environment)
            let processes = [
                try serve("one", "publisher,projector", environment), try serve("two", "projector", environment),
            ]
            try await expect(2, "active", checkpoints: 3, through: 20, environment)

            async let first: Void = appendMeanwhile(21...160, environment)
            try await run(["rebuild", "timeline", "--layout", "by-lane", "--activate"], environment)
            try await first
            try await expect(3, "active", checkpoints: 3, through: 160, environment)
            try await expect(2, "previous", checkpoints: 3, through: 160, environment)

            async let second: Void = appendMeanwhile(161...300, environment)
            try await run(["rollback", "timeline"], environment)
            try await second
            try await expect(2, "active", checkpoints: 3, through: 300, environment)
            try await expect(3, "previous", checkpoints: 3, through: 300, environment)
            for generation in 2...3 { try await expectRows(of: generation, environment) }
            try await expectComplete(environment)
            await end(processes)
        }
    }

    @Test func `what keeps one checkpoint stands still while readers see it, and goes on when they do not`()
        async throws
    {
        try await TestDatabase.with { environment in
            try await append(1...20, environment)
            try await run(["rebuild", "timeline", "--layout", "by-lane", "--activate"], environment)
            try await run(["rollback", "timeline"], environment)
            let process = try serve("one", "publisher,projector", environment)
            let stopped = """
                exists (select from lockstep.checkpoints c join lockstep.generations g on g.projection = c.consumer and g.number = c.version
                    where c.consumer = 'timeline' and c.kind = 'projector' and c.version = 1 and g.state = 'active' and c.state = 'stopped'
                        and c.last_error like '%--layout by-lane --activate%')
                """
            try await TestDatabase.until(stopped, environment)
            // The process runs on: nothing is started anew.
            try await run(["rollback", "timeline"], environment)
            try await append(21...40, environment)
            try await expect(2, "active", checkpoints: 3, through: 40, environment)
            try await expect(1, "previous", checkpoints: 1, through: 40, environment)
            for generation in 1...2 { try await expectRows(of: generation, environment) }
            try await run(["rollback", "timeline"], environment)
            try await TestDatabase.until(stopped, environment)
            await end([process])
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
