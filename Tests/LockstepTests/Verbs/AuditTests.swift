import EventModel
import Foundation
import Testing

// These need PostgreSQL: LOCKSTEP_DATABASE_URL, of a role that may disable triggers.
@Suite("audit", .enabled(if: Program.hasDatabase)) struct AuditVerbTests {
    /// Twelve events in three streams.
    private func fill(_ environment: [String: String]) async throws {
        let lines = (0..<12).map {
            #"{"stream":"order-\#($0 % 3)","expected":"any","type":"order.moved","data":{"step":\#($0)}}"#
        }
        let answer = try await Program.run(
            ["append", "--file", "-"], input: Array(lines.joined(separator: "\n").utf8), environment: environment)
        #expect(answer.status == 0, "\(answer.err)")
    }

    /// As somebody with all rights who does not want to be seen.
    private func alter(_ sql: String, _ environment: [String: String]) async throws {
        try await TestDatabase.execute("set session_replication_role = replica; \(sql)", environment)
    }

    private func verify(_ environment: [String: String], _ more: String...) async throws -> (
        status: Int32, answer: JSONValue
    ) {
        let run = try await Program.run(["audit", "verify", "--json"] + more, environment: environment)
        let answer = try #require(try run.objects().first, "\(run.err)")
        #expect(try AnswerSchema("audit_verify").flaws(in: answer) == [])
        return (run.status, answer)
    }

    private func codes(_ answer: JSONValue) -> [String] {
        (answer["findings"]?.array ?? []).compactMap { $0["code"]?.string }
    }

    @Test func `a log that nobody touched is sound, and says so again`() async throws {
        try await TestDatabase.with { environment in
            let empty = try await verify(environment)
            #expect(empty.status == 0 && empty.answer["events"]?.int == 0)
            try await fill(environment)
            let first = try await verify(environment)
            #expect(first.status == 0 && first.answer["verdict"]?.string == "sound")
            #expect(first.answer["events"]?.int == 12 && first.answer["streams"]?.int == 3)
            #expect(first.answer["digests_compared"]?.int == 0 && first.answer["recorded"]?.bool == true)
            let second = try await verify(environment)
            #expect(second.status == 0 && second.answer["digests_compared"]?.int == 1)
            #expect(second.answer["digest"] == first.answer["digest"])
            let text = try await Program.run(["audit", "verify"], environment: environment)
            #expect(text.status == 0 && text.out.contains("The log is sound."))
        }
    }

    @Test func `an altered payload is found between the digests around it`() async throws {
        try await TestDatabase.with { environment in
            try await fill(environment)
            #expect(try await verify(environment).status == 0)
            try await fill(environment)
            #expect(try await verify(environment).status == 0)
            try await alter("update lockstep.events set data = '{}' where position = 15", environment)
            let found = try await verify(environment)
            #expect(found.status == 1 && found.answer["verdict"]?.string == "unsound")
            #expect(codes(found.answer) == ["altered"])
            let finding = found.answer["findings"]?.array?.first
            #expect(finding?["position"]?.int == 13 && finding?["through"]?.int == 24)
            let text = try await Program.run(["audit", "verify"], environment: environment)
            #expect(text.status == 1 && text.out.contains("not sound: 1 finding."))
            #expect(text.out.contains("from position 13 to 24"))
        }
    }

    /// What is done to the log, what is found where.
    static let damages: [(sql: String, code: String, position: Int)] = [
        ("delete from lockstep.events where position = 5", "gap", 5),
        ("delete from lockstep.events where position = 12", "head_elsewhere", 12),
        ("update lockstep.log_state set position = 9", "head_elsewhere", 10),
        (
            """
            update lockstep.events set version = 100 where position = 4;
            update lockstep.events set version = 2 where position = 7;
            update lockstep.events set version = 3 where position = 4
            """, "version_out_of_order", 4
        ),
        (
            "update lockstep.events set recorded_at = recorded_at - interval '1 day' where position = 6",
            "time_went_back", 6
        ),
        ("delete from lockstep.kinds", "unreadable", 1),
    ]

    @Test(arguments: damages.indices) func `damage that needs no digest to be seen is named`(_ index: Int) async throws
    {
        let damage = Self.damages[index]
        try await TestDatabase.with { environment in
            try await fill(environment)
            try await alter(damage.sql, environment)
            let found = try await verify(environment)
            #expect(found.status == 1)
            let findings = found.answer["findings"]?.array ?? []
            #expect(
                findings.contains { $0["code"]?.string == damage.code && $0["position"]?.int == damage.position },
                "\(findings)")
        }
    }

    @Test(arguments: [
        "update lockstep.events set actor = 'nobody' where position = 6",
        "update lockstep.events set metadata = '{\"a\":1}' where position = 6",
        "update lockstep.events set occurred_at = occurred_at - interval '1 s' where position = 6",
        "update lockstep.events set event_id = gen_random_uuid() where position = 6",
        "update lockstep.events set correlation_id = gen_random_uuid() where position = 6",
        "update lockstep.events set schema_version = 7 where position = 6",
        "update lockstep.kinds set type = 'order.stood'",
        "update lockstep.workspaces set name = 'other'",
    ]) func `no column can be altered unseen`(_ sql: String) async throws {
        try await TestDatabase.with { environment in
            try await fill(environment)
            #expect(try await verify(environment).status == 0)
            try await alter(sql, environment)
            let found = try await verify(environment)
            #expect(found.status == 1 && codes(found.answer) == ["altered"])
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `what the sealer has seen cannot be altered unseen, although nobody has verified yet`() async throws {
        try await TestDatabase.with { environment in
            try await fill(environment)
            let sealer = try LiveProgram(["serve", "--roles", "sealer"], environment: environment)
            var isSealed = false
            while !isSealed {
                isSealed = try await TestDatabase.query(
                    "select coalesce(max(position), 0) = 12 from lockstep.consumer_progress where kind = 'sealer'",
                    environment
                ).bool(0, 0)
            }
            sealer.signal(SIGTERM)
            #expect(await sealer.status() == 0)
            let status = try await Program.run(["projections", "status", "--json"], environment: environment)
            let shown = try status.objects().first { $0["kind"]?.string == "sealer" }
            #expect(shown?["position"]?.int == 12 && shown?["events_handled"]?.int == 12)
            #expect(shown?["health"]?.string == "ok")
            try await alter("update lockstep.events set data = '7' where position = 3", environment)
            let found = try await verify(environment)
            #expect(found.status == 1 && codes(found.answer) == ["altered"])
        }
    }

    @Test func `a digest kept elsewhere finds what was altered together with the recorded digests`() async throws {
        try await TestDatabase.with { environment in
            try await fill(environment)
            let digest = try #require(try await verify(environment, "--no-record").answer["digest"]?.string)
            let kept = "12:\(digest)"
            #expect(try await verify(environment, "--against", kept).status == 0)
            try await alter("update lockstep.events set data = '7' where position = 3", environment)
            try await alter("delete from lockstep.log_digest", environment)
            #expect(try await verify(environment).status == 0)
            let found = try await verify(environment, "--against", kept)
            #expect(found.status == 1 && codes(found.answer) == ["other_digest"])
        }
    }

    @Test func `a role that may only read can verify`() async throws {
        try await TestDatabase.with { environment in
            try await fill(environment)
            var reader = environment
            let url = try #require(environment["LOCKSTEP_DATABASE_URL"])
            reader["LOCKSTEP_DATABASE_URL"] =
                url + (url.contains("?") ? "&" : "?") + "options=-c%20default_transaction_read_only%3Don"
            let found = try await verify(reader)
            #expect(found.status == 0 && found.answer["recorded"]?.bool == false)
            #expect(found.answer["recording_refusal"]?.string?.contains("read-only") == true)
        }
    }

    @Test func `without a schema nothing can be verified`() async throws {
        try await TestDatabase.with(migrated: false) { environment in
            let run = try await Program.run(["audit", "verify"], environment: environment)
            #expect(run.status == 3 && run.err.contains("lockstep migrate up"))
        }
    }
}
