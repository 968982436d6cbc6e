import EventModel
import HTTPDriver
import SimConnector
import Testing
import WorkflowDomain

@Suite("What Sim says of runs") struct ReadingTests {
    func run(_ answers: Result<HTTPAnswer, HTTPFault>...) async throws -> Result<SimRunState, SimError> {
        let connector = try Script(answers).connector(attempts: 1)
        do throws(SimError) { return .success(try await connector.run("r", of: "w")) } catch { return .failure(error) }
    }

    @Test(arguments: [
        ("pending", ExecutionStatus.waiting), ("paused", .waiting), ("running", .running), ("queued", .queued),
    ]) func `a pause is a wait, whatever Sim calls it`(_ word: String, _ state: ExecutionStatus) async throws {
        let read = try await run(says(shows(word, pause("c")))).get()
        #expect(read.state == state && read.status.rawValue == word && !read.isOver)
        #expect(read.pause?.kind == .human && read.pause?.blockedOn == "b" && read.pause?.context == "c")
        #expect(read.pause?.pausedAt == Timestamp(rfc3339: "2026-03-02T09:00:00Z"))
    }

    @Test func `a pause that cannot go on is told with its reason`() async throws {
        var stuck = pause("c").object ?? JSONObject()
        stuck["automaticResumeWaitingReason"] = .string(String(repeating: "x", count: 999))
        let read = try await run(says(shows("paused", .object(stuck)))).get()
        #expect(read.state == .paused && read.pause?.stuckBecause?.count == SimLimits.detailCharacters)
        #expect(read.standing(of: "c") == .open)
    }

    @Test(arguments: SimRunStatus.allCases) func `every status is known`(_ status: SimRunStatus) async throws {
        let read = try await run(says(shows(status.rawValue))).get()
        #expect(read.status == status)
        #expect(read.isOver == [.completed, .failed, .cancelled, .redacting].contains(status))
        #expect(read.standing(of: "c") == .closed)
    }

    @Test func `whether it waits at a pause is told as far as Sim says`() async throws {
        let first = try await run(says(shows("pending", pause("c", points: 3, resumed: 1)))).get()
        #expect(first.standing(of: "c") == .open && first.standing(of: "d") == .unsure)
        let last = try await run(says(shows("pending", pause("c", points: 3, resumed: 2)))).get()
        #expect(last.standing(of: "d") == .closed)
        var resuming = pause("c").object ?? JSONObject()
        resuming["contextId"] = .null
        #expect(try await run(says(shows("running", .object(resuming)))).get().standing(of: "c") == .closed)
        // Somebody cancelled it: the pause is still shown, and over.
        #expect(try await run(says(shows("cancelled", pause("c")))).get().standing(of: "c") == .closed)
    }

    static let strange: [(String, String)] = [
        ("nothing", ""), ("half", #"{"data":{"runId":"r","#), ("a word", "nonsense"), ("a list", "[]"),
        ("no data", "{}"),
        ("data that is a list", #"{"data":[]}"#), ("no status", #"{"data":{"runId":"r"}}"#),
        ("no id", #"{"data":{"status":"running"}}"#),
        ("a key twice", #"{"data":{"runId":"r","status":"running","status":"failed"}}"#),
        ("another run", #"{"data":{"runId":"x","status":"running"}}"#),
        ("another workflow", #"{"data":{"runId":"r","workflowId":"x","status":"running"}}"#),
        ("an unknown status", #"{"data":{"runId":"r","status":"napping"}}"#),
        ("a number for a status", #"{"data":{"runId":"r","status":7}}"#),
        ("a time that is none", #"{"data":{"runId":"r","status":"running","startedAt":"soon"}}"#),
        ("a pause that is a text", #"{"data":{"runId":"r","status":"paused","paused":"yes"}}"#),
        ("an unknown kind of pause", #"{"data":{"runId":"r","status":"paused","paused":{"pauseKind":"lunch"}}}"#),
        ("a negative count", #"{"data":{"runId":"r","status":"paused","paused":{"pausePointCount":-1}}}"#),
        ("an error that is a number", #"{"data":{"runId":"r","status":"failed","error":7}}"#),
        ("a text with an end of its own", "{\"data\":{\"runId\":\"r\\u0000\",\"status\":\"running\"}}"),
        ("too deep", String(repeating: "[", count: 9_999)),
        ("a long status", #"{"data":{"runId":"r","status":""# + String(repeating: "x", count: 99_999) + #""}}"#),
        (
            "a long context",
            #"{"data":{"runId":"r","status":"paused","paused":{"contextId":""# + String(repeating: "x", count: 9_999)
                + #""}}}"#
        ),
    ]

    @Test(arguments: strange) func `an answer that is not what it should be is refused`(_ what: String, _ text: String)
        async throws
    {
        guard case .failure(.malformed(let why)) = try await run(tells(text)) else {
            Issue.record("taken: \(what)")
            return
        }
        #expect(why.count < 300)
    }

    @Test func `a page of a web server is not Sim's answer`() async throws {
        let page = "<html><body>Welcome to nginx!</body></html>"
        for (status, type) in [(200, "text/html"), (200, "text/plain; charset=utf-8"), (404, "text/html")] {
            guard case .failure(.malformed) = try await run(tells(page, status, type: type)) else {
                Issue.record("taken with \(status)")
                return
            }
        }
        guard case .failure(.malformed) = try await run(tells(#"{"detail":"not found"}"#, 404)) else {
            Issue.record("a run was said to be missing by somebody who is not Sim")
            return
        }
        #expect(try await run(tells(shows("running").compactText, type: nil)).get().status == .running)
        #expect(
            try await run(tells(shows("running").compactText, type: "application/problem+json")).get().status
                == .running
        )
    }

    @Test(
        arguments: [
            (refuses(401), SimError.unauthorized), (tells("", 401, type: nil), .unauthorized),
            (refuses(404), .notFound(.run("r"))), (refuses(403, "no right"), .refused(status: 403, detail: "no right")),
            (refuses(400, "Traceback\nsecret"), .refused(status: 400, detail: "Traceback")),
            (refuses(409, cause: "CELL"), .conflict(what: "CELL")),
            (
                tells("", 302, type: nil),
                .refused(status: 302, detail: "it points elsewhere; configure the URL that it points to")
            ),
            (tells("<html>", 502, type: "text/html"), .unavailable(reason: "status 502")),
            (refuses(500), .unavailable(reason: "status 500")), (refuses(503), .unavailable(reason: "status 503")),
            (tells("", 429, retryAfter: "30"), .rateLimited(retryAfter: .seconds(30))),
            (tells("", 429, retryAfter: "soon"), .rateLimited(retryAfter: nil)),
            (.failure(.unreachable(reason: "x")), .unavailable(reason: "x")),
            (.failure(.brokenOff(reason: "x")), .unavailable(reason: "x")),
            (.failure(.timedOut(after: .seconds(3))), .timedOut(after: .seconds(3))),
            (.failure(.tooLarge(limit: 9)), .tooLarge(limit: 9)), (.failure(.cancelled), .cancelled),
            (tells(#"{"error":"gone"}"#, 404), .notFound(.run("r"))),
            (
                refuses(418, String(repeating: "x", count: 999)),
                .refused(status: 418, detail: String(repeating: "x", count: 200))
            ),
        ] as [(Result<HTTPAnswer, HTTPFault>, SimError)])
    func `every way not to get an answer has its error`(_ answer: Result<HTTPAnswer, HTTPFault>, _ error: SimError)
        async throws
    {
        #expect(try await run(answer) == .failure(error))
        #expect(error.description.count < 400)
    }

    @Test func `a read is repeated until there is an answer`() async throws {
        let script = Script([
            .failure(.timedOut(after: .seconds(1))), refuses(503), .failure(.brokenOff(reason: "x")),
            tells("", 502, type: nil),
            tells("", 429, retryAfter: "1"), says(shows("running")),
        ])
        #expect(try await script.connector(attempts: 6).run("r", of: "w").status == .running)
        #expect(script.asked.map(\.target) == Array(repeating: "/api/v2/workflows/w/runs/r", count: 6))
    }

    @Test func `who asks to be left alone for long is not waited for`() async throws {
        let script = Script([tells("", 429, retryAfter: "600"), says(shows("running"))])
        let error = await refusal { () async throws(SimError) in
            _ = try await script.connectorOrFail().run("r", of: "w")
        }
        #expect(error == .rateLimited(retryAfter: .seconds(600)) && script.asked.count == 1)
    }

    @Test(arguments: ["", "..", "a/b", "a b", "ü", "r\r\nX: y", String(repeating: "x", count: 129)])
    func `an id that can be none of a run is not sent`(_ id: String) async throws {
        let script = Script([])
        let connector = try script.connector()
        let errors = [
            await refusal { () async throws(SimError) in _ = try await connector.run(id, of: "w") },
            await refusal { () async throws(SimError) in _ = try await connector.log(of: id) },
            await refusal { () async throws(SimError) in _ = try await connector.execute("w", as: id) },
            await refusal { () async throws(SimError) in _ = try await connector.cancel(id, of: "w") },
            await refusal { () async throws(SimError) in _ = try await connector.resume(id, of: "w", at: "c") },
        ]
        for error in errors {
            guard case .invalid = error else {
                Issue.record("sent")
                return
            }
        }
        #expect(script.asked.isEmpty)
    }

    @Test(arguments: ["", ".", "a/b", String(repeating: "x", count: 201)])
    func `an id that can be none of a workflow is not sent`(_ id: String) async throws {
        let script = Script([])
        let connector = try script.connector()
        guard case .invalid = await refusal({ () async throws(SimError) in _ = try await connector.runs(of: id) })
        else {
            Issue.record("sent")
            return
        }
        #expect(script.asked.isEmpty)
    }
}

extension Script {
    func connectorOrFail() throws(SimError) -> SimConnector {
        do { return try connector() } catch { throw .invalid(what: "settings", limit: "none") }
    }
}

extension JSONValue {
    var compactText: String { String(decoding: compactBytes(), as: UTF8.self) }
}
