import EventModel
import EventSourcingTesting
import Foundation
import Operations
import PostgresDriver
import Testing

@testable import lockstep

@Suite("serve, asked how it does", .enabled(if: Program.hasDatabase), .timeLimit(.minutes(15)))
struct OperatingTests {
    private func append(_ stream: String, _ environment: [String: String]) async throws {
        let words = ["append", "--stream", stream, "--expected", "any", "--type", "a.b", "--data", "1"]
        #expect(try await Program.run(words, environment: environment).status == 0)
    }

    private func whats(_ answer: JSONValue) -> [String] {
        answer["degraded"]?.array?.compactMap { $0["what"]?.string } ?? []
    }

    /// Whether the database was seen, and nothing is wrong with what was seen there.
    private func isWell(_ ready: (status: Int, answer: JSONValue)) -> Bool {
        ready.status == 200 && whats(ready.answer).isEmpty
    }

    /// Short leases, and little patience.
    private func hasty(_ environment: [String: String]) -> [String: String] {
        environment.merging(["LOCKSTEP_SERVE_LEASE_SECONDS": "2", "LOCKSTEP_PROJECTOR_STALL_SECONDS": "1"]) { $1 }
    }

    @Test
    func `a projector that is killed is named by another process as soon as there is work for it, and not before`()
        async throws
    {
        try await TestDatabase.with { given in
            let environment = hasty(given)
            let asked = try await AnsweringProgram("sealer", environment)
            let killed = try LiveProgram(["serve", "--roles", "projector"], environment: environment)
            try await append("a-1", environment)
            let handled = """
                (select count(*) from lockstep.consumer_progress where kind in ('projector', 'sealer') and lag_events = 0) = \
                (select count(*) + 1 from lockstep.generations where state = 'active')
                """
            try await TestDatabase.until(handled, environment)
            let well = try await asked.until {
                try await asked.ready()
            } _: {
                isWell($0)
            }
            #expect(well.answer["ready"] == true)
            killed.signal(SIGKILL)
            #expect(await killed.status() != nil)
            try await append("a-2", environment)
            try await TestDatabase.until(
                "(select position from lockstep.consumer_progress where kind = 'sealer') = 2", environment)
            let ill = try await asked.until {
                try await asked.ready()
            } _: { answer in
                whats(answer.answer).contains { $0.hasPrefix("projector timeline") }
            }
            // Another process can work all the same.
            #expect(ill.status == 200 && ill.answer["ready"] == true && ill.answer["head"] == 2)
            #expect(!whats(ill.answer).contains { $0.hasPrefix("sealer") })
            let page = try await asked.until {
                try await asked.metrics()
            } _: {
                $0.series("lockstep_consumer_stalled").contains { $0.value == 1 }
                    && $0.value("lockstep_leases_held", ["work": "sealer"]) == 1
            }
            let stalled = page.series("lockstep_consumer_stalled").filter { $0.labels["consumer"] == "timeline" }
            #expect(stalled.map(\.value) == [1])
            #expect(
                page.series("lockstep_consumer_lag_events").contains {
                    $0.labels["consumer"] == "timeline" && $0.value == 1
                })
            #expect(page.value("lockstep_log_head_position") == 2 && page.value("lockstep_up") == 1)
            let another = try await AnsweringProgram("projector", environment)
            _ = try await asked.until {
                try await asked.ready()
            } _: {
                isWell($0)
            }
            let counted = try await another.until {
                try await another.metrics()
            } _: {
                ($0.value("lockstep_projector_events_total", ["projection": "timeline"]) ?? 0) >= 1
            }
            #expect(counted.kinds["lockstep_projector_batch_seconds"] == "histogram")
            for program in [asked, another] {
                program.program.signal(SIGTERM)
                while await program.program.line() != nil {}
                #expect(await program.program.status() == 0)
            }
        }
    }

    @Test func `the numbers of the drift are those of the verb, and a killed reconciler is missed`() async throws {
        try await ReconcileTests().withLog { environment in
            let asked = try await AnsweringProgram("projector", environment)
            let killed = try await AnsweringProgram("reconciler", environment)
            try await TestDatabase.until(
                """
                (select count(*) from lockstep_views.comparisons where execution_id in ('run-17', 'run-18') and journey_version > 0) = 2
                and (select coalesce(max(lag_events), 9) from lockstep.consumer_progress where kind = 'reconciler') = 0
                """, environment)
            func drift() async throws -> JSONValue {
                let lines = try await Program.run(["reconcile", "drift", "--json"], environment: environment).objects()
                return try #require(lines.count == 1 ? lines.first : nil)
            }
            func age(_ page: MetricsPage) -> Double { page.value("lockstep_drift_oldest_seconds", workspace) ?? -1 }
            let workspace = ["workspace": "default"]
            let before = try await asked.until {
                try await asked.metrics()
            } _: {
                age($0) > 0
            }
            let told = try await drift()
            let oldest = try #require(told["oldest_seconds"]?.number?.double)
            let after = try await asked.until {
                try await asked.metrics()
            } _: {
                age($0) >= oldest
            }
            #expect(age(before) <= oldest)
            for page in [before, after] {
                func number(_ metric: OperationsMetric) -> Int? {
                    page.value(metric.rawValue, workspace).map { Int($0) }
                }
                #expect(
                    number(.driftExecutions) == told["differing"]?.int && number(.driftFields) == told["fields"]?.int)
                #expect(number(.waiting) == told["queued"]?.int)
                #expect(page.value("lockstep_reconciling_unattended") == 0)
            }
            let sum = "lockstep_drift_seconds_sum"
            let total = try #require(told["seconds"]?.number?.double)
            #expect((before.value(sum, workspace) ?? .infinity) <= total && total <= (after.value(sum, workspace) ?? 0))
            let looks = try await killed.metrics().value("lockstep_reconciler_looks_total") ?? 0
            #expect(looks >= 2)
            try await TestDatabase.execute(
                """
                insert into lockstep.engines (side, holder, engine, circuit, since, failures, last_error, last_error_at, next_try, updated_at)
                values ('workflow', 'one', 'http://sim', 'open', now(), 5, 'refused', now(), now(), clock_timestamp() + interval '1 hour'),
                    ('workflow', 'gone', 'http://old', 'open', now(), 5, null, null, null, clock_timestamp() - interval '2 minutes')
                """, environment)
            let failing = try await asked.until {
                try await asked.ready()
            } _: {
                whats($0.answer).contains("workflow engine")
            }
            let said =
                failing.answer["degraded"]?.array?.first { $0["what"] == "workflow engine" }?["why"]?.string ?? ""
            #expect(said.contains("http://sim is left alone after 5 failures (refused)"), "\(said)")
            let breakers = try await asked.sighted().series("lockstep_engine_breakers_open")
            #expect(breakers.map(\.labels) == [["side": "workflow", "engine": "http://sim"]])
            #expect(breakers.map(\.value) == [1])
            killed.program.signal(SIGKILL)
            let missed = try await asked.until {
                try await asked.ready()
            } _: {
                whats($0.answer).contains("reconciling")
            }
            #expect(missed.status == 200)
            let why = missed.answer["degraded"]?.array?.first { $0["what"] == "reconciling" }
            #expect(why?["why"] == "nobody reconciles, although there is work")
            #expect(why?["todo"] == "run `lockstep serve --roles reconciler`")
            #expect(try await asked.sighted().value("lockstep_reconciling_unattended") == 1)
            asked.program.signal(SIGKILL)
        }
    }

    @Test func `an effect for an engine that nobody is connected to is named, with the variable to set`() async throws {
        try await ReconcileTests().withLog { environment in
            let asked = try await AnsweringProgram("projector,reconciler", environment)
            let side = ["side": "workflow"]
            let page = try await asked.until {
                try await asked.metrics()
            } _: {
                ($0.value("lockstep_effects_unconnected", side) ?? 0) >= 1
                    && $0.value("lockstep_stale_executions", ["workspace": "default"]) == 0
            }
            #expect(page.value("lockstep_effects_unconnected", ["side": "journey"]) == 0)
            try await TestDatabase.execute(
                "update lockstep_read.effects_v1 set requested_at = requested_at - interval '2 minutes'", environment)
            let answer = try await asked.until {
                try await asked.ready()
            } _: {
                whats($0.answer).contains("workflow engine")
            }
            #expect(answer.status == 200)
            let told = answer.answer["degraded"]?.array?.first { $0["what"] == "workflow engine" }
            #expect(told?["why"]?.string?.contains("no process that reconciles is connected to it") == true)
            #expect(told?["todo"]?.string?.contains("LOCKSTEP_SIM_URL") == true)
            let whole = try await ReconcileTests().lines(["status"], in: environment, status: 1).last
            #expect(whole?["verdict"] == "degraded", "\(String(describing: whole))")
            let waiting = whole?["unconnected"]?.array?.first
            #expect(waiting?["side"] == "workflow" && (waiting?["effects"]?.int ?? 0) >= 1)
            #expect((waiting?["oldest_seconds"]?.number?.double ?? 0) > 120)
            let plain = try await Program.run(["reconcile", "status"], environment: environment)
            #expect(plain.out.contains("workflow engine: ") && plain.out.contains("LOCKSTEP_SIM_URL"), "\(plain.out)")
            asked.program.signal(SIGKILL)
        }
    }

    @Test func `a question that takes too long is given up, and everything else is answered`() async throws {
        try await TestDatabase.with { environment in
            let server = try LiveProgram(["serve", "--roles", "reconciler"], environment: environment)
            try await TestDatabase.until(
                "exists (select from lockstep.checkpoints where kind = 'reconciler')", environment)
            server.signal(SIGTERM)
            #expect(await server.status() == 0)
            let source = try await SettingsSource(file: nil, environment: environment)
            let look = try DatabaseLook(try DatabaseSettings(source, url: nil), patience: 30)
            // On a busy machine also what is quick may be given up.
            var calm = try await look.look()
            while calm.hasMoved { calm = try await look.look() }
            #expect(calm.reconciling.hasEverRun && calm.degradations.isEmpty)
            let blocked = try await PostgresConnection.with(
                PostgresConfiguration(environment["LOCKSTEP_DATABASE_URL"] ?? "")
            ) { connection in
                // Whoever goes through the open executions waits for this.
                try await connection.execute("begin; lock table lockstep_read.sync_state_v1 in access exclusive mode")
                let blocked = try await look.look()
                try await connection.execute("rollback")
                return blocked
            }
            #expect(blocked.hasMoved, "nobody could tell that there is nothing to do")
            #expect(blocked.head == calm.head && blocked.degradations.map(\.what) == ["reconciling"])
            await look.close()
        }
    }

    @Test func `a database that is away makes no process ready, kills none, and is noticed when it is back`()
        async throws
    {
        try await TestDatabase.with { given in
            let environment = hasty(given)
            let asked = try await AnsweringProgram("sealer", environment)
            _ = try await asked.until {
                try await asked.ready()
            } _: {
                $0.status == 200
            }
            let path = try #require(URLComponents(string: environment["LOCKSTEP_DATABASE_URL"] ?? "")?.path)
            let name = String(path.dropFirst())
            let outside = ["LOCKSTEP_DATABASE_URL": Program.databaseURL ?? ""]
            try await TestDatabase.execute(
                """
                alter database \(name) allow_connections false;
                select pg_terminate_backend(pid) from pg_stat_activity where datname = '\(name)';
                """, outside)
            let away = try await asked.until {
                try await asked.ready()
            } _: {
                $0.status == 503
            }
            #expect(away.answer["ready"] == false && away.answer["head"] == .null)
            #expect(away.answer["reason"]?["why"]?.string?.isEmpty == false)
            #expect(try await asked.get("health").status == 200)
            let page = try await asked.metrics()
            #expect(page.value("lockstep_up") == 0 && page.value("lockstep_ready") == 0)
            #expect(page.series("lockstep_log_head_position").isEmpty)
            #expect((page.value("lockstep_process_start_time_seconds") ?? 0) > 1e9)
            try await TestDatabase.execute("alter database \(name) allow_connections true", outside)
            _ = try await asked.until {
                try await asked.ready()
            } _: {
                $0.status == 200
            }
            try await TestDatabase.execute(
                "update lockstep.log_state set system_identifier = '7', timeline = 3", environment)
            let other = try await asked.until {
                try await asked.ready()
            } _: {
                $0.status == 503 && $0.answer["head"]?.int == 0
            }
            #expect(other.answer["reason"]?["why"]?.string?.contains("restored or promoted copy") == true)
            #expect(other.answer["reason"]?["todo"]?.string?.contains("adopt-history") == true)
            try await TestDatabase.execute(
                """
                update lockstep.log_state set system_identifier = (select system_identifier::text from pg_control_system()),
                    timeline = (select timeline_id from pg_control_checkpoint())
                """, environment)
            _ = try await asked.until {
                try await asked.ready()
            } _: {
                $0.status == 200
            }
            asked.program.signal(SIGTERM)
            while await asked.program.line() != nil {}
            #expect(await asked.program.status() == 0)
        }
    }

    @Test func `nobody listens unless he is told to, and an address that is taken ends a process with what to do`()
        async throws
    {
        try await TestDatabase.with { environment in
            let first = try await AnsweringProgram("sealer", environment)
            let taken = String(first.url.dropFirst("http://".count))
            let second = try await Program.run(
                ["serve", "--roles", "sealer"],
                environment: environment.merging(["LOCKSTEP_OPERATIONS_LISTEN": taken]) { $1 })
            #expect(second.status == 3)
            #expect(second.err.contains("somebody else listens at \(taken)"))
            #expect(second.err.contains("LOCKSTEP_OPERATIONS_LISTEN=off"))
            first.program.signal(SIGTERM)
            let shown = try await Program.run(["serve", "--print-config", "--json"], environment: environment)
            #expect(try shown.objects().contains { $0["key"] == "operations.listen" && $0["value"] == "off" })
        }
    }

    @Test(arguments: ["9464", "nowhere", "http://127.0.0.1:9464", "127.0.0.1:99999", "on"])
    func `an address that is none is refused before anything is begun`(_ text: String) async throws {
        let answer = try await Program.run(
            ["serve", "--print-config"], environment: ["LOCKSTEP_OPERATIONS_LISTEN": text])
        #expect(answer.status == 2)
        #expect(answer.err.contains(text) && answer.err.contains("127.0.0.1:9464"))
    }
}

@Suite("The contract of operations") struct OperationsContractTests {
    @Test(arguments: [("/health", 200), ("/ready", 200), ("/ready", 503)])
    func `every example fits its schema`(_ path: String, _ status: Int) throws {
        let example = try #require(try OperationsContract.content(path, status)["example"])
        #expect(try OperationsContract.flaws(in: example, path, status) == [])
        #expect(try OperationsContract.flaws(in: ["ready": 1], path, status) != [])
    }

    @Test func `the contract names the paths that are answered`() throws {
        let contract = try JSONValue(try ProjectFiles.bytes(OperationsContract.file), limits: .file)
        #expect(contract["paths"]?.object?.keys.sorted() == OperationsDesk.paths.sorted())
    }

    @Test(arguments: ["lockstep.rules.yaml", "scrape.yaml"])
    func `alert rules ask only for metrics that there are`(_ file: String) throws {
        let bytes = try ProjectFiles.bytes(ProjectFiles.path("ops/prometheus/\(file)"))
        let known = Set(OperationsMetric.allCases.map(\.rawValue))
        let named = String(decoding: bytes, as: UTF8.self).matches(of: /\blockstep_[a-z_]*[a-z]\b/).map {
            String($0.output)
        }
        for name in named where !name.hasSuffix("_") {
            #expect(known.contains(name) || ["lockstep_projector", "lockstep_reconciler"].contains(name), "\(name)")
        }
        if file.contains("rules") { #expect(Set(named).count >= 8) }
    }
}
