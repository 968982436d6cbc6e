import EventModel
import Foundation
import Testing

@Suite("migrate and doctor", .enabled(if: Program.hasDatabase)) struct OperationTests {
    @Test func `migrating is done once, and status tells`() async throws {
        try await TestDatabase.with(migrated: false) { environment in
            let before = try await Program.run(["migrate", "status", "--json"], environment: environment)
            #expect(before.status == 1)
            #expect(try before.objects().allSatisfy { $0["state"]?.string == "pending" })
            let read = try await Program.run(["read"], environment: environment)
            #expect(read.status == 3 && read.err.contains("lockstep migrate up"))
            let up = try await Program.run(["migrate", "up"], environment: environment)
            #expect(up.status == 0, "\(up.err)")
            let again = try await Program.run(["migrate", "up", "--json"], environment: environment)
            #expect(again.status == 0 && again.out.isEmpty)
            #expect(try await Program.run(["migrate", "status"], environment: environment).status == 0)
        }
    }

    @Test func `the log itself is never taken back`() async throws {
        try await TestDatabase.with { environment in
            var status: Int32 = 0
            var count = 0
            while status == 0, count < 100 {
                status = try await Program.run(["migrate", "down"], environment: environment).status
                count += 1
            }
            #expect(status == 1)
        }
    }

    @Test func `doctor finds nothing wrong with a new log`() async throws {
        try await TestDatabase.with { environment in
            let database = environment.filter { $0.key == "LOCKSTEP_DATABASE_URL" }
            let answer = try await Program.run(["doctor", "--json"], environment: database)
            #expect(answer.status == 0, "\(answer.out)")
            let verdicts = Dictionary(
                try answer.objects().map { ($0["check"]?.string ?? "", $0["verdict"]?.string ?? "") },
                uniquingKeysWith: { first, _ in first })
            #expect(verdicts["schema"] == "ok" && verdicts["history"] == "ok" && verdicts["immutability"] == "ok")
            #expect(verdicts["broker"] == "warning")
        }
    }

    @Test func `doctor notices a missing schema, a trigger that is off, and another history`() async throws {
        try await TestDatabase.with(migrated: false) { environment in
            let database = environment.filter { $0.key == "LOCKSTEP_DATABASE_URL" }
            #expect(try await Program.run(["doctor"], environment: database).status == 1)
            _ = try await Program.run(["migrate", "up"], environment: database)
            try await TestDatabase.execute(
                "alter table lockstep.events disable trigger events_are_immutable", environment)
            try await TestDatabase.execute(
                "update lockstep.log_state set system_identifier = '7', timeline = 3", environment)
            let answer = try await Program.run(["doctor", "--json"], environment: database)
            #expect(answer.status == 1)
            let wrong = try answer.objects().filter { $0["verdict"]?.string == "wrong" }.compactMap {
                $0["check"]?.string
            }
            #expect(wrong == ["immutability", "history"])
        }
    }

    @Test func `doctor says that a broker does not answer`() async throws {
        try await TestDatabase.with { environment in
            let answer = try await Program.run(["doctor", "--kafka", "127.0.0.1:1"], environment: environment)
            #expect(answer.status == 3)
            #expect(answer.out.contains("127.0.0.1:1"))
        }
    }

    @Test func `a projection that has never run while there is work is a no`() async throws {
        try await TestDatabase.with { environment in
            #expect(try await Program.run(["projections", "status"], environment: environment).status == 0)
            _ = try await Program.run(
                ["append", "--stream", "a-1", "--expected", "any", "--type", "a.b", "--data", "1", "--json"],
                environment: environment)
            try await TestDatabase.execute(
                """
                set session_replication_role = replica;
                update lockstep.events set recorded_at = recorded_at - interval '1 hour';
                """, environment)
            let answer = try await Program.run(["projections", "status", "--json"], environment: environment)
            #expect(answer.status == 1)
            let schema = try AnswerSchema("projections_status")
            for object in try answer.objects() {
                #expect(schema.flaws(in: object) == [])
                #expect(object["health"]?.string == "stalled" && object["state"]?.string == "absent")
            }
        }
    }

    @Test func `a read model is made anew, compared, accepted and returned from`() async throws {
        try await TestDatabase.with { environment in
            for index in 1...3 {
                _ = try await Program.run(
                    [
                        "append", "--stream", "a-\(index)", "--expected", "any", "--type", "a.b", "--data", "1",
                        "--json",
                    ],
                    environment: environment)
            }
            let schema = try AnswerSchema("projections_rebuild")
            let dry = try await Program.run(
                ["projections", "rebuild", "timeline", "--dry-run", "--json"], environment: environment)
            #expect(try dry.status == 0 && dry.objects().first?["events"] == 3)
            // Nobody projects: readers see nothing, and what they miss is explained by that.
            let built = try await Program.run(
                ["projections", "rebuild", "timeline", "--json"], environment: environment)
            let answer = try #require(try built.objects().first)
            #expect(built.status == 0 && schema.flaws(in: answer) == [], "\(built.err)")
            #expect(answer["behind"] == 3 && answer["rows"] == 3 && answer["activated"] == false)
            // Now readers are where the new one is, with a row that nobody can explain.
            try await TestDatabase.execute(
                """
                insert into lockstep_read.timeline_v1 select * from lockstep_read.timeline_g2;
                update lockstep_read.timeline_v1 set summary = 'something else' where position = 2;
                insert into lockstep.checkpoints
                select consumer, kind, 1, lane, state, position, last_event_id, incarnation, events_handled, digest, fencing_token,
                    updated_at, last_error from lockstep.checkpoints where consumer = 'timeline' and version = 2;
                """, environment)
            let file = FileManager.default.temporaryDirectory.appending(path: "diff-\(UUID().uuidString).json").path
            defer { try? FileManager.default.removeItem(atPath: file) }
            let found = try await Program.run(
                ["projections", "diff", "timeline", "--out", file, "--json"], environment: environment)
            let difference = try #require(try found.objects().first)
            #expect(found.status == 1 && schema.flaws(in: difference) == [])
            #expect(difference["unexplained"] == 1 && difference["differences"]?[0]?["key"] == ["2"])
            let refused = try await Program.run(["projections", "activate", "timeline"], environment: environment)
            #expect(refused.status == 1 && refused.err.contains("rows differ without a reason"))
            let accepted = try await Program.run(
                ["projections", "activate", "timeline", "--accept-diff", file], environment: environment)
            #expect(accepted.status == 0 && accepted.out.contains("generation 2"), "\(accepted.err)")
            func seen() async throws -> Int64 {
                try await TestDatabase.query(
                    "select count(*) from lockstep_views.timeline where summary = 'something else'", environment
                ).int64(0, 0)
            }
            #expect(try await seen() == 0)
            let back = try await Program.run(["projections", "rollback", "timeline"], environment: environment)
            #expect(back.status == 0)
            #expect(try await seen() == 1)
            let none = try await Program.run(["projections", "diff", "timeline"], environment: environment)
            #expect(none.status == 1 && none.err.contains("lockstep projections rebuild timeline"))
            let unknown = try await Program.run(["projections", "rebuild", "nosuch"], environment: environment)
            #expect(unknown.status == 2 && unknown.err.contains("timeline"))
        }
    }
}

// These need PostgreSQL and a Kafka-protocol broker: LOCKSTEP_DATABASE_URL and LOCKSTEP_KAFKA.
@Suite("serve and demo", .enabled(if: Program.hasServices), .serialized) struct ServingTests {
    @Test(.timeLimit(.minutes(15)))
    func `the demonstration passes, and passes again without changing anything`() async throws {
        try await TestDatabase.with(migrated: false) { environment in
            let first = try await Program.run(["demo", "--json"], environment: environment)
            #expect(first.status == 0, "\(first.out)\n\(first.err)")
            let checks = try first.objects()
            #expect(checks.allSatisfy { $0["passed"]?.bool == true })
            for words in [
                "are journeys now", "turned back", "converting all of them again", "executions and 10 conversations",
                "taking all of them in again", "show both sides of all 10", "through no others",
                "sync_state has both sides of all 10", "activity_by_hour counts every event once",
                "from the last line to the first", "is in plain", "erasure of customer:nora-lind",
            ] {
                #expect(checks.contains { $0["text"]?.string?.contains(words) == true }, "\(words)")
            }
            let head = try await TestDatabase.query("select position from lockstep.log_head", environment).int64(0, 0)
            let again = try await Program.run(["demo"], environment: environment)
            #expect(again.status == 0, "\(again.out)\n\(again.err)")
            #expect(again.out.contains("Side by side:") && again.out.contains("Step by step:"))
            #expect(again.out.contains("All \(checks.count) checks passed."))
            #expect(
                try await TestDatabase.query("select position from lockstep.log_head", environment).int64(0, 0) == head)
            let status = try await Program.run(["projections", "status", "--json"], environment: environment)
            #expect(status.status == 0)
            #expect(try status.objects().allSatisfy { $0["position"]?.int == Int(head) })
            #expect(try await Program.run(["doctor"], environment: environment).status == 0)
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `the demonstration leaves a log alone that holds other events, and appends nothing without a broker or a key`()
        async throws
    {
        try await TestDatabase.with { environment in
            let noBroker = try await Program.run(["demo", "--kafka", "127.0.0.1:1"], environment: environment)
            #expect(noBroker.status == 3 && noBroker.err.contains("127.0.0.1:1"))
            let noKey = try await Program.run(
                ["demo"], environment: environment.filter { $0.key != "LOCKSTEP_MASTER_KEY" })
            #expect(noKey.status == 3 && noKey.err.contains("LOCKSTEP_MASTER_KEY_FILE"))
            #expect(
                try await TestDatabase.query("select position from lockstep.log_head", environment).int64(0, 0) == 0)
            _ = try await Program.run(
                ["append", "--stream", "a-1", "--expected", "any", "--type", "a.b", "--data", "1"],
                environment: environment)
            let refused = try await Program.run(["demo"], environment: environment)
            #expect(refused.status == 1 && refused.err.contains("--into-used-log"))
            #expect(
                try await TestDatabase.query("select position from lockstep.log_head", environment).int64(0, 0) == 1)
            let wanted = try await Program.run(["demo", "--into-used-log", "--json"], environment: environment)
            #expect(wanted.status == 0, "\(wanted.out)\(wanted.err)")
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `the demonstration fails when a view, an event or a trigger is not what it must be`() async throws {
        try await TestDatabase.with(migrated: false) { environment in
            #expect(try await Program.run(["demo", "--json"], environment: environment).status == 0)
            try await TestDatabase.execute(
                """
                set session_replication_role = replica;
                delete from lockstep_read.workflows_v2 where workflow_id = 'claim-intake';
                delete from lockstep_read.timeline_v1 where position = 4;
                update lockstep_read.executions_v1 set visits_completed = 99 where execution_id = 'run-refund-1';
                update lockstep_read.sync_state_v1 set journey_states = '{}' where execution_id = 'run-refund-1';
                update lockstep_read.activity_by_hour_v1 set events = events + 1 where type = 'workflow.imported';
                update lockstep_read.journeys_v1 set description = 'That was quick. My bank shows it already!';
                update lockstep.events set actor = 'demo ' where position = 4;
                alter table lockstep.events disable trigger events_are_immutable;
                """, environment)
            let broken = try await Program.run(["demo", "--into-used-log", "--json"], environment: environment)
            #expect(broken.status == 1)
            let failed = try broken.objects().filter { $0["passed"]?.bool == false }.compactMap {
                $0["text"]?.string
            }
            for words in [
                "refuses UPDATE", "independent consumer", "views.workflows", "views.timeline", "views.executions",
                "in plain", "digests", "views.sync_state", "views.activity_by_hour",
            ] {
                #expect(failed.contains { $0.contains(words) }, "\(words) in \(failed)")
            }
            #expect(failed.count == 9, "\(failed)")
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `serve publishes, projects and seals what is appended, and ends cleanly`() async throws {
        try await TestDatabase.with { environment in
            let serving = try LiveProgram(["serve"], environment: environment)
            _ = try await Program.run(
                ["append", "--stream", "a-1", "--expected", "any", "--type", "a.b", "--data", "1"],
                environment: environment)
            try await TestDatabase.until(
                "(select count(*) filter (where position = 1) from lockstep.consumer_progress) >= 10", environment)
            serving.signal(SIGTERM)
            #expect(await serving.status() == 0)
        }
    }

    @Test func `serve without a schema, or without a broker, ends with 3 and says what to do`() async throws {
        try await TestDatabase.with(migrated: false) { environment in
            let noSchema = try await Program.run(["serve", "--roles", "projector"], environment: environment)
            #expect(noSchema.status == 3 && noSchema.err.contains("lockstep migrate up"))
            let noBroker = try await Program.run(
                ["serve", "--migrate", "--kafka", "127.0.0.1:1"], environment: environment)
            #expect(noBroker.status == 3 && noBroker.err.contains("127.0.0.1:1"))
        }
    }
}
