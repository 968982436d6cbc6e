import EventModel
import Foundation
import Testing

@Suite("A log that was promoted", .enabled(if: Program.hasDatabase)) struct PromotedLogTests {
    @Test func `a restored log refuses writers until its history is adopted, on the record`() async throws {
        try await TestDatabase.with { environment in
            let database = environment.filter { $0.key == "LOCKSTEP_DATABASE_URL" }
            let append = ["append", "--stream", "a-1", "--expected", "any", "--type", "a.b", "--data", "1"]
            #expect(try await Program.run(append, environment: database).status == 0)
            let old = try await TestDatabase.query("select incarnation from lockstep.log_head", environment).uuid(0, 0)
            try await TestDatabase.execute("update lockstep.log_state set system_identifier = '7'", environment)
            let refused = try await Program.run(append, environment: database)
            #expect(refused.status == 3 && refused.err.contains("adopt-history"))
            let shown = try await Program.run(["doctor", "adopt-history", "--without-kafka"], environment: database)
            #expect(shown.status == 1 && shown.out.contains("remembered"))
            #expect(try await Program.run(append, environment: database).status == 3)
            let adopted = try await Program.run(
                ["doctor", "adopt-history", "--without-kafka", "--yes", "--actor", "ada", "--json"],
                environment: database)
            #expect(adopted.status == 0, "\(adopted.err)")
            #expect(try await Program.run(append, environment: database).status == 0)
            let rows = try await TestDatabase.query(
                """
                select e.stream, e.actor, e.data->>'incarnation' = h.incarnation::text from lockstep.event_log e, lockstep.log_head h
                where e.type = 'log.forked'
                """, environment)
            #expect(try rows.text(0, 0) == "log-\(old.uuidString.lowercased())")
            #expect(try rows.text(0, 1) == "ada" && rows.bool(0, 2))
            let again = try await Program.run(
                ["doctor", "adopt-history", "--without-kafka", "--yes"], environment: database)
            #expect(again.status == 0 && again.out.contains("nothing to adopt"))
        }
    }
}

// These need PostgreSQL and a Kafka-protocol broker: LOCKSTEP_DATABASE_URL and LOCKSTEP_KAFKA.
@Suite("A log that was restored", .enabled(if: Program.hasServices), .serialized) struct RestoredLogTests {
    @Test(.timeLimit(.minutes(15)))
    func `a promoted copy goes on after adoption, and a copy that has lost published events is not adopted`()
        async throws
    {
        try await TestDatabase.with(migrated: false) { environment in
            #expect(try await Program.run(["demo", "--json"], environment: environment).status == 0)
            try await TestDatabase.execute("update lockstep.log_state set timeline = 9", environment)
            let adopted = try await Program.run(["doctor", "adopt-history", "--yes"], environment: environment)
            #expect(adopted.status == 0, "\(adopted.out)\(adopted.err)")
            #expect(adopted.out.contains("the same event"))
            // Publisher and projectors go on over the fork, and the copy is still the log.
            let demo = try await Program.run(["demo", "--json"], environment: environment)
            #expect(demo.status == 0, "\(demo.out)\(demo.err)")
            try await TestDatabase.execute(
                """
                set session_replication_role = replica;
                delete from lockstep.events where position = (select position from lockstep.log_state);
                update lockstep.log_state set position = position - 1, timeline = 9;
                """, environment)
            let doctor = try await Program.run(["doctor", "--json"], environment: environment)
            #expect(doctor.status == 1)
            let wrong = try doctor.objects().filter { $0["verdict"]?.string == "wrong" }.compactMap {
                $0["check"]?.string
            }
            #expect(
                wrong.contains("history") && wrong.contains("copy in Kafka")
                    && wrong.contains("checkpoint of workflows v2"))
            let refused = try await Program.run(["doctor", "adopt-history", "--yes"], environment: environment)
            #expect(refused.status == 1 && refused.err.contains("has lost"))
            let accepted = try await Program.run(
                ["doctor", "adopt-history", "--yes", "--accept-loss"], environment: environment)
            #expect(accepted.status == 0, "\(accepted.err)")
            #expect(try await Program.run(["projections", "status"], environment: environment).status == 1)
            // The plan that a view on a lost history prints: it is made anew, and what differs is looked at and accepted.
            let rebuilt = try await Program.run(
                ["projections", "rebuild", "timeline", "--json"], environment: environment)
            let report = try #require(try rebuilt.objects().first)
            #expect(report["unexplained"] == 1 && report["activated"] == false, "\(rebuilt.out)\(rebuilt.err)")
            let file = FileManager.default.temporaryDirectory.appending(path: "diff-\(UUID().uuidString).json").path
            defer { try? FileManager.default.removeItem(atPath: file) }
            _ = try await Program.run(["projections", "diff", "timeline", "--out", file], environment: environment)
            let activated = try await Program.run(
                ["projections", "activate", "timeline", "--accept-diff", file], environment: environment)
            #expect(activated.status == 0, "\(activated.err)")
            let rows = try await TestDatabase.query(
                "select count(*) from lockstep_views.timeline t, lockstep.log_head h where t.position > h.position",
                environment)
            #expect(try rows.int64(0, 0) == 0)
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func
        `after an older backup was restored in place, the plan that is printed leads to a log that is published whole`()
        async throws
    {
        try await TestDatabase.with { environment in
            try await append(1...6, environment)
            try await serve(through: 6, environment)
            let backup = try await TestDatabase.copy(environment)
            try await append(7...12, environment)
            try await serve(through: 12, environment)
            try await TestDatabase.restore(backup, environment)
            // Nobody knows yet, and writes.
            try await append(101...102, environment)

            let serving = try LiveProgram(["serve"], environment: environment)
            try await TestDatabase.until(
                "exists (select from lockstep.consumer_progress where state = 'refused' and kind = 'publisher')",
                environment)
            let status = try await Program.run(["projections", "status", "--json"], environment: environment)
            #expect(status.status == 1)
            let plans = try status.objects().compactMap { $0["last_error"]?.string }
            #expect(plans.count == 1 && plans.allSatisfy { $0.contains("lockstep doctor adopt-history") }, "\(plans)")
            serving.signal(SIGTERM)
            #expect(await serving.status() == 0)

            #expect(try await Program.run(["doctor"], environment: environment).status == 1)
            let shown = try await Program.run(["doctor", "adopt-history"], environment: environment)
            #expect(shown.status == 1 && shown.err.contains("--accept-loss"), "\(shown.out)\(shown.err)")
            let adoption = ["doctor", "adopt-history", "--yes", "--accept-loss"]
            let adopted = try await Program.run(adoption + ["--json"], environment: environment)
            #expect(adopted.status == 0, "\(adopted.out)\(adopted.err)")
            #expect(try adopted.objects().first?["left_topics"]?.array?.count == 2)
            let again = try await Program.run(adoption, environment: environment)
            #expect(again.status == 0 && again.out.contains("nothing to adopt"), "\(again.out)\(again.err)")

            // The topic of the lost history stays what it is; the new one has the log from its first event on.
            let old = try await Program.run(["doctor", "--json"], environment: environment)
            #expect(old.status == 1 && old.out.contains("publish to a new topic"))
            var anew = environment
            anew["LOCKSTEP_TOPIC_PREFIX"] = "\(environment["LOCKSTEP_TOPIC_PREFIX"] ?? "")_2"
            try await serve(through: 9, anew)
            let doctor = try await Program.run(["doctor"], environment: anew)
            #expect(doctor.status == 0, "\(doctor.out)")
            #expect(try await Program.run(["projections", "status"], environment: anew).status == 0)
            #expect(
                try await Program.run(["projections", "verify", "--completeness"], environment: anew).status == 0)
        }
    }

    /// Runs everything until all of it has handled the log.
    private func serve(through position: Int, _ environment: [String: String]) async throws {
        let serving = try LiveProgram(["serve"], environment: environment)
        try await TestDatabase.until(
            "(select count(*) filter (where position = \(position)) from lockstep.consumer_progress) >= 10", environment
        )
        serving.signal(SIGTERM)
        #expect(await serving.status() == 0)
    }

    /// One event to the stream of each number.
    private func append(_ numbers: ClosedRange<Int>, _ environment: [String: String]) async throws {
        let lines = numbers.map { #"{"stream":"a-\#($0)","expected":"noStream","type":"a.b","data":\#($0)}"# }
        let answer = try await Program.run(
            ["append", "--file", "-"], input: Array(lines.joined(separator: "\n").utf8), environment: environment)
        try #require(answer.status == 0, "\(answer.out) \(answer.err)")
    }
}
