import EventModel
import EventSourcing
import HTTPDriver
import ParlantConnector
import Synchronization
import Testing

@Suite("Requests") struct RequesterTests {
    /// A server that says what it is told, once each.
    final class Script: HTTPExchange {
        private let outcomes: Mutex<[Result<HTTPAnswer, HTTPFault>]>
        private let requests = Mutex<[HTTPRequest]>([])
        init(_ outcomes: [Result<HTTPAnswer, HTTPFault>]) { self.outcomes = Mutex(outcomes) }
        var asked: [HTTPRequest] { requests.withLock { $0 } }

        func send(
            _ request: HTTPRequest, within timeout: Duration, atMost limit: Int
        ) async throws(HTTPFault) -> HTTPAnswer {
            requests.withLock { $0.append(request) }
            return try outcomes.withLock { $0.isEmpty ? .failure(.cancelled) : $0.removeFirst() }.get()
        }
    }

    static func answer(_ status: Int, _ body: JSONValue = [:]) -> Result<HTTPAnswer, HTTPFault> {
        .success(HTTPAnswer(status: status, body: body.compactBytes()))
    }

    static let listing: JSONValue = ["versions": ["j": "1.a"]]
    static let faults: [HTTPFault] = [
        .unreachable(reason: "x"), .brokenOff(reason: "x"), .timedOut(after: .seconds(1)),
    ]

    func connector(_ script: Script, attempts: Int = 4) -> ParlantConnector {
        ParlantConnector(exchange: script, settings: ParlantSettings(attempts: attempts), time: NoTime())
    }

    @Test(arguments: faults) func `a read is repeated whatever went wrong on the way`(_ fault: HTTPFault)
        async throws
    {
        let script = Script([.failure(fault), Self.answer(503), .failure(fault), Self.answer(200, Self.listing)])
        #expect(try await connector(script).versions() == ["j": JourneyVersion("1.a")])
        #expect(script.asked.count == 4)
    }

    @Test(arguments: faults) func `after the last attempt the reason is told`(_ fault: HTTPFault) async throws {
        let script = Script(Array(repeating: .failure(fault), count: 9))
        let error = await refusal { _ = try await connector(script).versions() }
        #expect(error?.isTransient ?? false)
        #expect(script.asked.count == 4)
    }

    @Test(arguments: faults) func `what would double is repeated only if it was not sent`(_ fault: HTTPFault)
        async throws
    {
        let script = Script([.failure(fault), Self.answer(201, ["id": "s1"])])
        let error = await refusal { _ = try await connector(script).openSession(agent: "a") }
        if case .unreachable = fault {
            #expect(error == nil && script.asked.count == 2)
        } else {
            guard case .unknownOutcome = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(script.asked.count == 1)
        }
    }

    @Test func `a change that settles is repeated`() async throws {
        let script = Script([.failure(.timedOut(after: .seconds(1))), Self.answer(200)])
        try await connector(script).setMode(of: "s1", to: .manual)
        #expect(script.asked.count == 2)
    }

    @Test func `504 is an answer, not a fault`() async throws {
        let script = Script([Self.answer(504, ["detail": "Request timed out"])])
        #expect(try await connector(script).events(of: "s1", from: 0, waiting: .seconds(5)) == .none)
        #expect(script.asked.first?.target == "/sessions/s1/events?min_offset=0&wait_for_data=5")
    }

    @Test func `a server without our module is recognised`() async throws {
        let script = Script([Self.answer(404, ["detail": "Not Found"])])
        #expect(await refusal { _ = try await connector(script).module() } == .moduleMissing)
    }

    @Test func `an error never repeats a traceback`() async throws {
        let traceback = "Traceback (most recent call last):\n  File \"/srv/parlant/engine.py\", line 1"
        let script = Script([Self.answer(500, ["detail": .string(traceback)])])
        let error = await refusal { _ = try await connector(script).versions() }
        #expect(error == .refused(status: 500, detail: "no reason was given"))
        let page = Script([
            Self.answer(
                200,
                [
                    [
                        "kind": "status", "offset": 3,
                        "data": ["status": "error", "data": ["exception": .string(traceback), "code": 1]],
                    ]
                ])
        ])
        guard case .some(let events) = try await connector(page).events(of: "s1", from: 0) else { return }
        #expect(events.events == [["kind": "status", "offset": 3, "data": ["status": "error", "data": ["code": 1]]]])
    }

    @Test func `a refusal by FastAPI is told by its places, not by what was sent`() async throws {
        let script = Script([
            Self.answer(
                422, ["detail": [["loc": ["body", "title"], "type": "missing", "input": ["secret": "s"]]]])
        ])
        let error = await refusal { _ = try await connector(script).versions() }
        #expect(error == .refused(status: 422, detail: "body.title: missing"))
    }

    @Test(arguments: ["", "a/b", ".", "..", String(repeating: "x", count: 201)])
    func `an id that cannot stand in a path is not sent`(_ id: String) async throws {
        let script = Script([])
        guard case .invalid = await refusal({ _ = try await connector(script).state(of: id) }) else {
            Issue.record("sent")
            return
        }
        #expect(script.asked.isEmpty)
    }

    @Test(arguments: [
        "[]", "{\"versions\":[]}", "{", "", "nonsense",
    ]) func `an answer that is not what it should be is malformed`(_ body: String) async throws {
        let script = Script([.success(HTTPAnswer(status: 200, body: Array(body.utf8)))])
        guard case .malformed = await refusal({ _ = try await connector(script).versions() }) else {
            Issue.record("read")
            return
        }
    }

    @Test func `events out of order or without an offset are malformed`() async throws {
        for events: JSONValue in [[["offset": 2], ["offset": 1]], [["id": "x"]], [["offset": 0]]] {
            let script = Script([Self.answer(200, events)])
            guard case .malformed = await refusal({ _ = try await connector(script).events(of: "s", from: 1) }) else {
                Issue.record("read")
                return
            }
        }
    }

    @Test func `a page that is too long is cut, and says where to go on`() async throws {
        let events = (0...ParlantLimits.eventsPerPage).map {
            JSONValue.object(JSONObject([.init(key: "offset", value: .number(JSONNumber($0 * 2)))]))
        }
        let script = Script([Self.answer(200, .array(events))])
        guard case .some(let page) = try await connector(script).events(of: "s", from: 0) else { return }
        #expect(page.isCut && page.events.count == ParlantLimits.eventsPerPage)
        #expect(page.next == 2 * ParlantLimits.eventsPerPage - 1)
    }
}
