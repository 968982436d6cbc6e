import EventModel
import Foundation
import Testing

/// Parked keys by the verbs, with a projector of its own process.
@Suite("Parked keys", .enabled(if: Program.hasDatabase), .timeLimit(.minutes(15))) struct ParkedKeysTests {
    private static let key = #"["default","e1"]"#

    /// A database with two events that cannot be folded into `executions`, one behind the other, and a projector that runs.
    private func with(_ body: ([String: String]) async throws -> Void) async throws {
        try await TestDatabase.with { environment in
            var environment = environment
            environment["LOCKSTEP_KAFKA"] = nil
            for type in ["started", "noted"] {
                let appended = try await Program.run(
                    [
                        "append", "--stream", "workflow_execution-e1", "--expected", "any", "--type",
                        "workflow_execution.\(type)", "--data", #"{"odd":1}"#,
                    ], environment: environment)
                try #require(appended.status == 0, "\(appended.err)")
            }
            let serving = try LiveProgram(["serve", "--roles", "projector"], environment: environment)
            try await until("bool_and(waiting = 1)", environment)
            try await body(environment)
            serving.signal(SIGTERM)
            #expect(await serving.status() == 0)
        }
    }

    /// Waits until something is true of what is parked in `executions`.
    private func until(_ condition: String, _ environment: [String: String]) async throws {
        try await TestDatabase.until(
            "(select \(condition) from lockstep.parked_keys where consumer = 'executions')", environment)
    }

    private func ask(
        _ arguments: [String], _ environment: [String: String], status: Int32 = 0, _ schema: String
    ) async throws -> [JSONValue] {
        let answer = try await Program.run(["projections"] + arguments + ["--json"], environment: environment)
        #expect(answer.status == status, "\(arguments): \(answer.out) \(answer.err)")
        let objects = try answer.objects()
        for object in objects { #expect(try AnswerSchema(schema).flaws(in: object) == [], "\(arguments)") }
        return objects
    }

    @Test func `a parked key is listed, previewed, retried and skipped, and everything says so`() async throws {
        try await with { environment in
            let parked = try await ask(["parked", "executions"], environment, "projections_parked")
            #expect(parked.map { $0["key"]?.string } == [Self.key])
            #expect(parked[0]["position"]?.int == 1 && parked[0]["waiting"]?.int == 1 && parked[0]["tries"]?.int == 1)
            #expect(try await ask(["parked", "workflows"], environment, "projections_parked").isEmpty)

            let status = try await ask(["status"], environment, "projections_status")
            let executions = try #require(status.first { $0["consumer"]?.string == "executions" })
            #expect(executions["parked_keys"]?.int == 1 && executions["health"]?.string == "ok")
            let table = try await Program.run(["projections", "status"], environment: environment)
            #expect(table.status == 0 && table.out.contains("ok, degraded"))
            #expect(table.out.contains("`lockstep projections parked executions`"))
            let doctor = try await Program.run(["doctor", "--json"], environment: environment)
            #expect(
                try doctor.objects().contains {
                    $0["check"] == "parked keys"
                        && $0["found"]?.string?.contains("1 of executions (1 events behind)") == true
                })

            let retry = ["retry", "executions", "--key", Self.key]
            let preview = try await ask(retry + ["--dry-run"], environment, "projections_retry")
            #expect(preview[0]["outcome"] == "preview" && preview[0]["events"]?.int == 2)
            #expect(preview[0]["positions"]?.array?.compactMap(\.int) == [1, 2])
            #expect(try await ask(retry, environment, "projections_retry")[0]["outcome"] == "requested")
            try await until("bool_and(tries = 2)", environment)
            let unknown = ["retry", "executions", "--key", "[]"]
            #expect(try await ask(unknown, environment, status: 1, "projections_retry")[0]["outcome"] == "not_parked")

            let skip = ["skip", "executions", "--key", Self.key, "--reason", "by hand", "--actor", "ada"]
            let shown = try await ask(skip + ["--dry-run"], environment, "projections_skip")
            #expect(shown[0]["skips"]?.int == 1 && shown[0]["positions"]?.array?.compactMap(\.int) == [2])
            #expect(try await ask(skip + ["--position", "1"], environment, "projections_skip").count == 1)
            try await until("bool_and(position = 2)", environment)
            // Running it again does not leave out the next event as well.
            let again = try await ask(skip + ["--position", "1"], environment, status: 1, "projections_skip")
            #expect(again[0]["outcome"] == "elsewhere")
            _ = try await ask(skip + ["--position", "2"], environment, "projections_skip")
            try await until("count(*) = 0", environment)
            let recorded = try await TestDatabase.query(
                """
                select e.actor, e.data->>'reason', e.data->>'position' from lockstep.event_log e
                where e.stream = 'projection-executions' and e.type = 'projection.event_skipped' order by e.position
                """, environment)
            #expect(recorded.rowCount == 2)
            #expect(try recorded.text(0, 0) == "ada" && recorded.text(0, 1) == "by hand" && recorded.text(1, 2) == "2")
            #expect(try await ask(["parked", "executions"], environment, "projections_parked").isEmpty)
        }
    }

    @Test func `a parked key stays parked in a rebuilt generation, and what is asked is asked of both`() async throws {
        try await with { environment in
            let rebuilt = try await ask(["rebuild", "executions", "--activate"], environment, "projections_rebuild")
            #expect(rebuilt[0]["activated"] == true && rebuilt[0]["parked_keys"]?.int == 1)
            #expect(rebuilt[0]["active_parked_keys"]?.int == 1 && rebuilt[0]["differing"]?.int == 0)
            let parked = try await ask(["parked", "executions"], environment, "projections_parked")
            #expect(parked.map { $0["generation"]?.int } == [2, 1])
            let skip = ["skip", "executions", "--key", Self.key, "--reason", "by hand", "--actor", "ada"]
            for position in 1...2 {
                let asked = try await ask(skip + ["--position", "\(position)"], environment, "projections_skip")
                #expect(asked.map { $0["outcome"] } == ["requested", "requested"])
                try await until("count(*) filter (where position = \(position)) = 0", environment)
            }
            // Two generations, but each event is left out once.
            let recorded = try await TestDatabase.query(
                "select count(*) from lockstep.event_log where stream = 'projection-executions'", environment)
            #expect(try recorded.int64(0, 0) == 2)
        }
    }
}
