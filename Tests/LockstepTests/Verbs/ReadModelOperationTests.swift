import EventModel
import Foundation
import Testing

/// What operators are told of read models: versions, integrity, completeness.
@Suite("Read models in operation", .enabled(if: Program.hasDatabase), .timeLimit(.minutes(15)))
struct ReadModelOperationTests {
    @Test func `a read model that is older than the program, or marked by a migration, is said wherever one looks`()
        async throws
    {
        try await TestDatabase.with { environment in
            try await TestDatabase.execute(
                """
                update lockstep.generations set version = 0 + version - 1, number = 1 where projection = 'sessions' and state = 'active';
                select lockstep.mark_for_rebuild('timeline', 'its times were rounded')
                """, environment)
            let status = try await Program.run(["migrate", "status", "--json"], environment: environment)
            let standings = Dictionary(
                try status.objects().compactMap { line in line["read_model"]?.string.map { ($0, line) } },
                uniquingKeysWith: { first, _ in first })
            #expect(status.status == 0 && standings["sessions"]?["standing"] == "older")
            #expect(standings["sessions"]?["active_version"]?.int == 1 && standings["sessions"]?["version"]?.int == 2)
            #expect(standings["timeline"]?["standing"] == "marked")
            #expect(standings["executions"]?["standing"] == "current")
            for verb in [["migrate", "status"], ["migrate", "up"], ["projections", "status"], ["doctor"]] {
                let told = try await Program.run(verb, environment: environment)
                #expect(told.out.contains("lockstep projections rebuild sessions --activate"), "\(verb): \(told.out)")
                #expect(told.out.contains("its times were rounded"), "\(verb)")
            }
        }
    }

    @Test func `a database whose parts do not fit together is noticed after migrating`() async throws {
        try await TestDatabase.with { environment in
            try await TestDatabase.execute("drop view lockstep_views.timeline", environment)
            let up = try await Program.run(["migrate", "up"], environment: environment)
            #expect(up.status == 1 && up.err.contains("timeline: readers have no view lockstep_views.timeline"))
            let doctor = try await Program.run(["doctor", "--json"], environment: environment)
            #expect(try doctor.objects().contains { $0["check"] == "integrity" && $0["verdict"] == "wrong" })
        }
    }

    @Test func `a consumer that has passed an event over is found, with the event`() async throws {
        try await TestDatabase.with { environment in
            for number in 1...5 {
                let appended = try await Program.run(
                    [
                        "append", "--stream", "thing-1", "--expected", "any", "--type", "thing.done", "--data",
                        #"{"n":\#(number)}"#,
                    ], environment: environment)
                try #require(appended.status == 0, "\(appended.err)")
            }
            let none = try await Program.run(["projections", "verify", "timeline"], environment: environment)
            #expect(none.status == 1 && none.err.contains("timeline has seen nothing yet"))
            let serving = try LiveProgram(["serve", "--roles", "projector"], environment: environment)
            let waited = try await Program.run(
                ["projections", "status", "--wait-for", "5", "--timeout", "600"], environment: environment)
            #expect(waited.status == 0 && waited.out.contains("timeline"), "\(waited.err)")
            let more = try await Program.run(
                ["projections", "status", "--wait-for", "6", "--projection", "timeline", "--timeout", "1", "--json"],
                environment: environment)
            #expect(more.status == 1 && more.err.contains("timeline is at position 5 and has not come to 6 in 1 s"))
            serving.signal(SIGTERM)
            #expect(await serving.status() == 0)
            let verify = ["projections", "verify", "--completeness", "--json"]
            let sound = try await Program.run(verify, environment: environment)
            #expect(sound.status == 0)
            for line in try sound.objects() { #expect(try AnswerSchema("projections_verify").flaws(in: line) == []) }
            // As a worker that read on behind an event which it never saw would have written it.
            try await TestDatabase.execute(
                """
                update lockstep.checkpoints c set events_handled = 4, digest = d.digest
                from (
                    select c.digest from lockstep.checkpoints c where c.consumer = 'workflows'
                ) d where c.consumer = 'timeline'
                """, environment)
            let differs = try await Program.run(verify, environment: environment)
            #expect(differs.status == 1)
            let timeline = try #require(try differs.objects().first { $0["consumer"] == "timeline" })
            #expect(timeline["complete"] == false && timeline["finding"]?.string?.contains("1 of the events") == true)
        }
    }

    @Test func `states of an earlier fold are nobody's work once a later one has begun`() async throws {
        try await TestDatabase.with { environment in
            for version in 1...2 {
                try await TestDatabase.execute(
                    """
                    insert into lockstep.checkpoints (consumer, kind, version, lane, state, position, incarnation, events_handled, digest,
                        fencing_token, updated_at)
                    select 'lockstep.state', 'state', \(version), -1, 'live', 0, incarnation, 0, decode(repeat('00', 32), 'hex'), 1, now()
                    from lockstep.log_state
                    """, environment)
            }
            let status = try await Program.run(["projections", "status", "--json"], environment: environment)
            let states = try status.objects().filter { $0["kind"] == "state" }
            #expect(states.map { $0["version"]?.int } == [2])
        }
    }
}
