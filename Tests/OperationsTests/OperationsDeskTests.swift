import EventModel
import EventSourcing
import EventSourcingTesting
import Testing

@testable import Operations

@Suite("What is answered about a process", .timeLimit(.minutes(15))) struct OperationsDeskTests {
    private func answer(
        _ method: String = "GET", _ path: String, _ look: Result<OperationsLook, Refusal> = .success(Looks.quiet)
    ) async -> OperationsAnswer {
        let time = ManualTimekeeper()
        let desk = OperationsDesk(
            Lookout(ScriptedSource(look), time: time), counting: MeterRegistry(), time: time)
        return await desk.answer(method, path)
    }

    private func json(_ answer: OperationsAnswer) throws -> JSONValue { try JSONValue(answer.body, limits: .file) }

    private func page(_ look: Result<OperationsLook, Refusal>) async throws -> MetricsPage {
        let answer = await answer("GET", "/metrics", look)
        #expect(answer.status == 200 && answer.contentType == "text/plain; version=0.0.4; charset=utf-8")
        return try MetricsPage(String(decoding: answer.body, as: UTF8.self))
    }

    @Test func `health is yes as long as somebody answers, and asks no database`() async throws {
        let source = FrozenSource()
        let desk = OperationsDesk(Lookout(source), counting: MeterRegistry())
        let answer = await desk.answer("GET", "/health")
        #expect(try answer.status == 200 && json(answer) == ["alive": true])
        #expect(source.looks == 0)
    }

    @Test(arguments: ["", "/", "/readyz", "/ready/", "//ready", "/metrics?x", "/../ready", "/READY", "/health%00"])
    func `other paths are not there`(_ path: String) async throws {
        let answer = await answer("GET", path)
        #expect(answer.status == 404)
        #expect(try json(answer)["error"]?.string?.contains("/ready") == true)
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", ""])
    func `other methods are not known, and it is said which are`(_ method: String) async {
        for path in OperationsDesk.paths {
            let answer = await answer(method, path)
            #expect(answer.status == 405 && answer.allowed == "GET, HEAD")
        }
    }

    @Test func `ready is yes where nothing is wrong`() async throws {
        let answer = await answer("GET", "/ready")
        #expect(answer.status == 200)
        #expect(
            try json(answer) == [
                "ready": true, "reason": .null, "degraded": [], "head": 100, "looked_at": "2026-01-01T00:00:00.000000Z",
            ])
    }

    @Test func `ready is no with the reason where the database is away, and metrics say what the process knows`()
        async throws
    {
        let away = Refusal("nobody answers at \"h\"", todo: "start it")
        let answer = await answer("GET", "/ready", .failure(away))
        #expect(answer.status == 503)
        #expect(try json(answer)["reason"] == ["why": "nobody answers at \"h\"", "todo": "start it"])
        #expect(try json(answer)["ready"] == false)
        let page = try await page(.failure(away))
        #expect(page.value("lockstep_up") == 0 && page.value("lockstep_ready") == 0)
        #expect(page.value("lockstep_process_start_time_seconds") == 1_767_225_600)
        #expect(page.series("lockstep_log_head_position").isEmpty)
    }

    @Test func `ready is no where writers refuse the log`() async throws {
        var look = Looks.quiet
        look.history = Refusal("a restored copy", todo: "adopt it")
        let answer = await answer("GET", "/ready", .success(look))
        #expect(try answer.status == 503 && json(answer)["reason"]?["why"] == "a restored copy")
        #expect(try await page(.success(look)).value("lockstep_ready") == 0)
    }

    @Test func `what stands still anywhere is named, and takes nobody out of service`() async throws {
        var look = Looks.quiet
        look.consumers = [
            Looks.status(lag: 12, seconds: 70), Looks.status("sealer", kind: "sealer", lag: 1, seconds: 31),
            Looks.status("timeline", lag: 3, state: "stopped", error: "poison"), Looks.status("sessions", parked: 1),
            Looks.status("journeys", lag: 3, seconds: 6),
            Looks.status("policies", lag: 9, seconds: .infinity, state: "absent"),
        ]
        let answer = await answer("GET", "/ready", .success(look))
        #expect(answer.status == 200)
        let degraded = try json(answer)["degraded"]?.array ?? []
        #expect(
            degraded.map { $0["what"]?.string } == [
                "projector executions v1", "sealer sealer v1", "projector timeline v1", "projector sessions v1",
                "projector policies v1",
            ])
        #expect(
            degraded.map { $0["why"]?.string } == [
                "12 events wait, and nothing was done for 70 s", "1 event waits, and nothing was done for 31 s",
                "it stands still: poison", "1 key parked, everything else flows", "it has never run, and 9 events wait",
            ])
        #expect(degraded[0]["todo"] == "run `lockstep serve --roles projector`, and read what it says")
        #expect(degraded.allSatisfy { $0["todo"]?.string?.isEmpty == false })
    }

    @Test func `a consumer on another history is told as that, whatever else it says`() throws {
        var ahead = Looks.status()
        ahead.position = 101
        let found = ahead.degradations(patience: 30)
        #expect(found.map(\.why) == ["it has seen events that this log does not hold"])
        #expect(found.first?.todo == "run `lockstep doctor`")
    }

    @Test func `nobody is missed where nobody has ever reconciled, or there is nothing to do`() {
        func why(_ standing: ReconcilingStanding, work: Bool) -> [String] {
            standing.degradations(hasWork: work).map(\.why)
        }
        let nobody = ["nobody reconciles, although there is work"]
        #expect(why(Looks.reconciling(held: 0, lag: 1), work: false) == nobody)
        #expect(why(Looks.reconciling(held: 0), work: true) == nobody)
        #expect(why(Looks.reconciling(held: 0), work: false) == [])
        #expect(why(Looks.reconciling(held: 0, lag: 1, hasEverRun: false), work: true) == [])
        #expect(why(Looks.reconciling(held: 1, lag: 1), work: true) == [])
    }

    @Test func `there is work where sides are apart, an effect is under way, or an execution has moved unseen`() throws
    {
        var look = Looks.quiet
        look.reconciling = Looks.reconciling(held: 0)
        #expect(look.degradations.isEmpty)
        look.hasMoved = true
        #expect(look.degradations.map(\.what) == ["reconciling"])
        look.hasMoved = false
        look.drifts = [try Looks.drift("acme", executions: 0)]
        #expect(look.degradations.map(\.what) == ["reconciling"])
    }

    @Test func `an engine that is left alone is told once, however many processes do`() {
        let standing = Looks.reconciling(engines: [
            Looks.engine("workflow", "b", .open), Looks.engine("workflow", "a", .halfOpen),
            Looks.engine("workflow", "c", .closed), Looks.engine("journey", "a", .closed),
        ])
        let found = standing.degradations(hasWork: false)
        #expect(found.map(\.what) == ["workflow engine"])
        #expect(found[0].why == "http://workflow is being tried after 5 failures, as a and 1 more see it")
        #expect(standing.verdict(hasWork: true) == .degraded)
    }

    @Test func `an effect that waits for an engine that nobody is connected to is told, with what to set`() async throws
    {
        var standing = Looks.reconciling(engines: [Looks.engine("journey", "a", .closed)])
        #expect(standing.sidesWithoutEngine == ["workflow"])
        standing.unconnected = [UnconnectedSide("workflow", effects: 12, oldestSeconds: 59.5)]
        #expect(standing.degradations(hasWork: true).isEmpty && standing.verdict(hasWork: true) == .ok)
        standing.unconnected = [UnconnectedSide("workflow", effects: 12, oldestSeconds: 75.5)]
        let found = standing.degradations(hasWork: true)
        #expect(found.map(\.what) == ["workflow engine"])
        #expect(
            found.first?.why
                == "12 effects for it wait, the oldest for 75 s, and no process that reconciles is connected to it")
        #expect(found.first?.todo == "set LOCKSTEP_SIM_URL for `lockstep serve --roles reconciler`")
        #expect(standing.verdict(hasWork: true) == .degraded)
        #expect(UnconnectedSide("journey", effects: 1, oldestSeconds: 61).todo.contains("LOCKSTEP_PARLANT_URL"))
        var look = Looks.quiet
        look.reconciling = standing
        let page = try await page(.success(look))
        #expect(page.value("lockstep_effects_unconnected", ["side": "workflow"]) == 12)
        #expect(page.value("lockstep_effects_unconnected", ["side": "journey"]) == 0)
    }

    @Test func `where nobody reconciles no engine is missed, that nobody does is`() {
        var standing = Looks.reconciling(held: 0)
        #expect(standing.sidesWithoutEngine.isEmpty)
        standing.heldLanes = 1
        #expect(standing.sidesWithoutEngine == UnconnectedSide.all)
    }

    @Test func `jobs are counted by how they stand, and stale executions by workspace, also where there are none`()
        async throws
    {
        var look = Looks.quiet
        #expect(try await page(.success(look)).series("lockstep_reconcile_jobs").map(\.value) == [0, 0, 0])
        look.jobs = UnfinishedJobs(queued: 3, running: 2, orphaned: 1)
        look.drifts = [try Looks.drift("acme", executions: 2), try Looks.drift("calm", executions: 0)]
        look.stale = [try Workspace("acme"): 7]
        var page = try await page(.success(look))
        for (state, count) in [("queued", 3.0), ("running", 2), ("orphaned", 1)] {
            #expect(page.value("lockstep_reconcile_jobs", ["state": state]) == count)
        }
        #expect(page.value("lockstep_stale_executions", ["workspace": "acme"]) == 7)
        #expect(page.value("lockstep_stale_executions", ["workspace": "calm"]) == 0)
        #expect(page.value("lockstep_drift_executions", ["workspace": "calm"]) == 0)
        look.drifts = try (1...102).map { try Looks.drift("w\($0)", executions: $0) }
        look.stale = [try Workspace("w1"): 3, try Workspace("w2"): 4, try Workspace("w102"): 5]
        page = try await self.page(.success(look))
        #expect(page.value("lockstep_stale_executions", ["workspace": "(others)"]) == 7)
        #expect(page.value("lockstep_stale_executions", ["workspace": "w102"]) == 5)
        look.stale = nil
        page = try await self.page(.success(look))
        #expect(page.series("lockstep_stale_executions").isEmpty, "nobody could count them in time")
    }

    @Test func `the numbers are those of the look`() async throws {
        var look = Looks.quiet
        look.drifts = [try Looks.drift("acme", executions: 3, fields: 7, seconds: 90)]
        look.reconciling = Looks.reconciling(
            held: 0, engines: [Looks.engine("journey", "a", .open), Looks.engine("journey", "b", .closed)])
        look.checkpoints = [
            Looks.status("timeline", lane: 0, lag: 5, seconds: 2),
            Looks.status("timeline", lane: 1, lag: 9, seconds: 31),
        ]
        look.consumers = [
            Looks.status("timeline", parked: 4), Looks.status("new", lag: 100, seconds: 60, state: "absent"),
        ]
        look.leases = ["projector": 12, "sealer": 1]
        let page = try await page(.success(look))
        let acme = ["workspace": "acme"]
        #expect(page.value("lockstep_drift_executions", acme) == 3 && page.value("lockstep_drift_fields", acme) == 7)
        #expect(page.value("lockstep_drift_oldest_seconds", acme) == 90)
        #expect(page.value("lockstep_drift_seconds_sum", acme) == 180)
        #expect(
            page.value("lockstep_waiting_for_a_person", acme) == 2 && page.value("lockstep_effects_pending", acme) == 3)
        #expect(page.value("lockstep_reconciling_unattended") == 1)
        let engine = ["side": "journey", "engine": "http://journey"]
        #expect(page.value("lockstep_engine_breakers_open", engine) == 1)
        #expect(page.value("lockstep_engine_connections", engine) == 2)
        let lane = ["kind": "projector", "consumer": "timeline", "version": "1", "lane": "1"]
        #expect(
            page.value("lockstep_consumer_lag_events", lane) == 9 && page.value("lockstep_consumer_stalled", lane) == 1)
        #expect(page.series("lockstep_consumer_stalled").map(\.value) == [0, 1, 1])
        let whole = ["kind": "projector", "consumer": "timeline", "version": "1"]
        #expect(page.value("lockstep_consumer_parked_keys", whole) == 4)
        #expect(page.value("lockstep_leases_held", ["work": "projector"]) == 12)
        #expect(page.value("lockstep_log_head_position") == 100 && page.value("lockstep_up") == 1)
        // Of what is stalled the parked keys, the one that never ran, and nobody who reconciles.
        #expect(page.value("lockstep_degradations") == 4)
        #expect(Set(page.kinds.keys).isSuperset(of: OperationsMetric.allCases.map(\.rawValue)))
    }

    @Test func `so many workspaces are told one by one, those with the most drift, and all others together`()
        async throws
    {
        var look = Looks.quiet
        look.drifts = try (1...250).map { try Looks.drift("w\($0)", executions: $0, seconds: 251 - $0) }
        let page = try await page(.success(look))
        let series = page.series("lockstep_drift_executions")
        #expect(series.count == 101 && series[0].labels == ["workspace": "w250"])
        #expect(series.reduce(0) { $0 + $1.value } == 31_375)
        let others = ["workspace": "(others)"]
        #expect(page.value("lockstep_drift_executions", others) == 11_325)
        #expect(page.value("lockstep_drift_oldest_seconds", others) == 250)
    }
}
