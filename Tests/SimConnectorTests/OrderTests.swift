import EventModel
import HTTPDriver
import SimConnector
import Testing
import WorkflowDomain

@Suite("Orders to Sim") struct OrderTests {
    static let receipt: JSONValue = ["data": ["runId": "r", "statusUrl": "http://sim/r"]]
    static let lost: [HTTPFault] = [.brokenOff(reason: "x"), .timedOut(after: .seconds(1))]

    // MARK: execute

    func execute(_ script: Script, waiting: Bool = false) async throws -> Result<SimStart, SimError> {
        let connector = try script.connector()
        do throws(SimError) {
            return .success(try await connector.execute("w", input: ["a": 1], as: "r", waiting: waiting))
        } catch {
            return .failure(error)
        }
    }

    @Test func `a run is started under the id that was claimed`() async throws {
        let script = Script([says(Self.receipt, 202)])
        let start = try await execute(script).get()
        #expect(start.isNew && start.run == "r" && start.state == nil)
        #expect(script.asked[0].target == "/api/v2/workflows/w/execute" && script.asked[0].method == .post)
        #expect(script.asked[0].headers == [HTTPField("X-Run-Id", "r")])
        #expect(script.asked[0].body == Array(#"{"input":{"a":1},"async":true}"#.utf8))
    }

    @Test func `an id that is taken is answered with the run that has it`() async throws {
        let script = Script([refuses(409, cause: "RUN_ID_CONFLICT"), says(shows("completed"))])
        let start = try await execute(script).get()
        #expect(!start.isNew && start.state?.status == .completed)
    }

    @Test func `an id that a run of another workflow has is a conflict`() async throws {
        let script = Script([refuses(409, cause: "RUN_ID_CONFLICT"), refuses(404)])
        #expect(try await execute(script) == .failure(.conflict(what: "RUN_ID_CONFLICT")))
    }

    @Test(arguments: lost) func `a start whose answer was lost is tried again, and is not a second one`(
        _ fault: HTTPFault
    )
        async throws
    {
        let script = Script([.failure(fault), refuses(409, cause: "RUN_ID_CONFLICT"), says(shows("running"))])
        let start = try await execute(script).get()
        #expect(!start.isNew && start.state?.status == .running && script.asked.count == 3)
    }

    @Test func `a start of which Sim itself does not know is looked for, not repeated`() async throws {
        let script = Script([refuses(503, cause: "ASYNC_ENQUEUE_AMBIGUOUS"), says(shows("queued"))])
        #expect(try await execute(script).get().state?.status == .queued)
        let gone = Script([refuses(503, cause: "ASYNC_ENQUEUE_AMBIGUOUS"), refuses(404)])
        guard case .failure(.unknownOutcome) = try await execute(gone) else {
            Issue.record("known")
            return
        }
        #expect(gone.asked.count == 2)
    }

    @Test func `a synchronous failure is believed only of the run`() async throws {
        let timeout: JSONValue = [
            "data": [
                "runId": "r", "workflowId": "w", "status": "failed", "output": [:],
                "error": ["code": "TIMEOUT", "message": "too long"],
            ]
        ]
        let script = Script([says(timeout), says(shows("running"))])
        #expect(try await execute(script, waiting: true).get().state?.status == .running)
        let failed = Script([says(timeout), says(shows("failed"))])
        #expect(try await execute(failed, waiting: true).get().state?.status == .failed)
        let unseen = Script([says(timeout)] + Array(repeating: refuses(503), count: 9))
        let start = try await execute(unseen, waiting: true).get()
        #expect(start.isNew && start.state == nil)
    }

    @Test(arguments: [
        tells("<html>ok</html>", type: "text/html"), tells("{"), says(["data": ["runId": "x"]]),
        .failure(.tooLarge(limit: 1)),
    ])
    func `a start with an answer that says nothing is looked for`(_ answer: Result<HTTPAnswer, HTTPFault>) async throws
    {
        #expect(try await execute(Script([answer, says(shows("running"))])).get().state?.status == .running)
        guard case .failure(.unknownOutcome) = try await execute(Script([answer, refuses(404)])) else {
            Issue.record("known")
            return
        }
    }

    @Test func `a workflow that is not there is said to be`() async throws {
        #expect(try await execute(Script([refuses(404)])) == .failure(.notFound(.workflow("w"))))
    }

    // MARK: resume

    func resume(_ script: Script, _ input: JSONValue? = ["ok": true]) async throws -> Result<SimResumption, SimError> {
        let connector = try script.connector()
        do throws(SimError) {
            return .success(try await connector.resume("r", of: "w", at: "c", with: input))
        } catch {
            return .failure(error)
        }
    }

    @Test func `a run that waits is resumed with what was given`() async throws {
        let attempt: JSONValue = ["data": ["runId": "r2", "statusUrl": "http://sim/r2"]]
        let script = Script([says(shows("pending", pause("c"))), says(attempt, 202)])
        let resumption = try await resume(script).get()
        #expect(resumption.attempt == "r2" && resumption.isQueued)
        #expect(script.asked[1].target == "/api/v2/workflows/w/runs/r/resume")
        #expect(script.asked[1].body == Array(#"{"contextId":"c","input":{"ok":true}}"#.utf8))
        let bare = Script([says(shows("pending", pause("c"))), says(attempt)])
        #expect(try await !resume(bare, nil).get().isQueued)
        #expect(bare.asked[1].body == Array(#"{"contextId":"c"}"#.utf8))
    }

    @Test(arguments: [
        (shows("running"), SimError.alreadyResumed(context: "c")),
        (shows("pending", pause("d", points: 2, resumed: 1)), .alreadyResumed(context: "c")),
        (shows("completed"), .notWaiting(.completed)), (shows("cancelled", pause("c")), .notWaiting(.cancelled)),
        (shows("redacting"), .notWaiting(.redacting)),
    ]) func `a run that does not wait there is left alone`(_ state: JSONValue, _ error: SimError) async throws {
        let script = Script([says(state)])
        #expect(try await resume(script) == .failure(error))
        #expect(script.asked.map(\.method) == [.get])
    }

    @Test func `a run that waits at several pauses is left to Sim to tell`() async throws {
        let several = says(shows("pending", pause("d", points: 2)))
        let script = Script([several, says(Self.receipt, 202)])
        #expect(try await resume(script).get().isQueued)
        let refused = Script([several, refuses(400), several])
        #expect(try await resume(refused) == .failure(.refused(status: 400, detail: "no")))
    }

    @Test(arguments: [400, 404, 409]) func `a refusal is explained by what has become of the run`(_ status: Int)
        async throws
    {
        let open = says(shows("pending", pause("c")))
        #expect(
            try await resume(Script([open, refuses(status), says(shows("running"))]))
                == .failure(.alreadyResumed(context: "c")))
        #expect(
            try await resume(Script([open, refuses(status), says(shows("cancelled"))]))
                == .failure(.notWaiting(.cancelled)))
        #expect(try await resume(Script([open, refuses(status), refuses(404)])) == .failure(.notFound(.run("r"))))
    }

    @Test(arguments: lost) func `a resumption that may have arrived is not repeated`(_ fault: HTTPFault) async throws {
        let script = Script([says(shows("pending", pause("c"))), .failure(fault), says(Self.receipt)])
        guard case .failure(.unknownOutcome) = try await resume(script) else {
            Issue.record("known")
            return
        }
        #expect(script.asked.count == 2)
    }

    @Test(arguments: [500, 502, 504, 499]) func `a resumption that failed on the way is not repeated`(_ status: Int)
        async throws
    {
        let script = Script([says(shows("pending", pause("c"))), tells("", status, type: nil), says(Self.receipt)])
        guard case .failure(.unknownOutcome) = try await resume(script) else {
            Issue.record("known")
            return
        }
        #expect(script.asked.count == 2)
    }

    @Test(arguments: [429, 503]) func `a resumption that certainly was not carried out is repeated`(_ status: Int)
        async throws
    {
        let script = Script([
            says(shows("pending", pause("c"))), .failure(.unreachable(reason: "x")), refuses(status),
            says(Self.receipt),
        ])
        _ = try await resume(script).get()
        #expect(script.asked.count == 4)
    }

    @Test(arguments: ["", String(repeating: "x", count: 513)]) func `a name that is none of a pause is not sent`(
        _ name: String
    )
        async throws
    {
        let script = Script([])
        let connector = try script.connector()
        let error = await refusal { () async throws(SimError) in
            try await connector.resume("r", of: "w", at: name)
        }
        guard case .invalid = error else {
            Issue.record("sent")
            return
        }
        #expect(script.asked.isEmpty)
    }

    @Test func `an input that is too large is not sent`() async throws {
        let script = Script([says(shows("pending", pause("c")))])
        let input = JSONValue.string(String(repeating: "x", count: SimLimits.requestBytes))
        #expect(try await resume(script, input) == .failure(.tooLarge(limit: SimLimits.requestBytes)))
        #expect(script.asked.count == 1)
    }

    // MARK: cancel

    func cancel(_ answers: Result<HTTPAnswer, HTTPFault>...) async throws -> Result<SimCancellation, SimError> {
        let connector = try Script(answers).connector()
        do throws(SimError) { return .success(try await connector.cancel("r", of: "w")) } catch {
            return .failure(error)
        }
    }

    @Test(arguments: [
        (true, "recorded", SimCancellation.recorded), (true, "already_completed", .alreadyOver(.completed)),
        (true, "already_failed", .alreadyOver(.failed)), (true, "already_cancelled", .alreadyOver(.cancelled)),
        (true, "redis_unavailable", .uncertain(reason: "redis_unavailable")),
        (false, "recorded", .uncertain(reason: "recorded")), (false, "", .uncertain(reason: "")), (true, "", .recorded),
    ]) func `what became of a cancellation is told`(_ success: Bool, _ reason: String, _ outcome: SimCancellation)
        async throws
    {
        let answer: JSONValue = ["data": ["success": .bool(success), "runId": "r", "reason": .string(reason)]]
        #expect(try await cancel(says(answer)) == .success(outcome))
    }

    @Test func `a cancellation is repeated, and an answer that says nothing is not believed`() async throws {
        let answer: JSONValue = ["data": ["success": true, "runId": "r", "reason": "recorded"]]
        #expect(
            try await cancel(.failure(.brokenOff(reason: "x")), tells("", 502, type: nil), says(answer))
                == .success(.recorded))
        for strange: JSONValue in [[:], ["data": ["success": true, "runId": "x"]], ["data": ["runId": "r"]], []] {
            guard case .failure(.unknownOutcome) = try await cancel(says(strange)) else {
                Issue.record("believed")
                return
            }
        }
        #expect(try await cancel(refuses(404)) == .failure(.notFound(.run("r"))))
    }
}
