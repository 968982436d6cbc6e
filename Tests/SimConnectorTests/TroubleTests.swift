import EventModel
import EventSourcing
import EventSourcingTesting
import HTTPDriver
import NIOPosix
import SimConnector
import StandInDoor
import Testing
import WorkflowDomain

@testable import SimStandIn

@Suite("Sim, with trouble on the way") struct TroubleTests {
    @Test func `a start whose answer is lost leaves one run`() async throws {
        try await StandInServer.running { server in
            for kind in ["drop_after_doing", "half"] {
                try await server.breaks(kind)
                let start = try await server.connector.execute("plain", as: kind)
                #expect(!start.isNew && start.state?.isOver == true)
            }
            #expect(try await server.connector.runs(of: "plain").runs.count == 2)
        }
    }

    @Test func `a resumption whose answer is lost is not made again, and can be looked up`() async throws {
        try await StandInServer.running { server in
            let context = try await server.waiting()
            let lost = try await server.losing(order: context)
            guard case .unknownOutcome = lost else {
                Issue.record("\(String(describing: lost))")
                return
            }
            #expect(try await server.connector.standing(of: context, in: "r", of: "refund") == .closed)
        }
    }

    @Test func `an answer that comes twice is taken once, and the connection is not used again`() async throws {
        try await StandInServer.running { server in
            try await server.breaks("answer_twice", times: 3)
            for number in 1...4 {
                let start = try await server.connector.execute("plain", as: "r\(number)")
                #expect(start.run == "r\(number)")
                #expect(try await server.connector.run("r\(number)", of: "plain").run == "r\(number)")
            }
        }
    }

    @Test func `a server that is silent costs no more than the patience`() async throws {
        try await StandInServer.running(attempts: 1, requestPatience: .milliseconds(200)) { server in
            try await server.breaks("silence")
            let error = await refusal { () async throws(SimError) in
                _ = try await server.connector.run("r", of: "plain")
            }
            #expect(error == .timedOut(after: .milliseconds(200)))
        }
    }

    @Test func `redirections are not followed, so that the key stays here`() async throws {
        try await StandInServer.running { server in
            try await server.breaks("answer", ["status": 302, "location": "/api/v2/logs/r"])
            let error = await refusal { () async throws(SimError) in _ = try await server.connector.log(of: "r") }
            guard case .refused(302, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func `a large answer is not read`() async throws {
        try await StandInServer.running(attempts: 1) { server in
            let page = String(repeating: "x", count: 200_000)
            try await server.breaks("answer", ["status": 200, "body": .string(page), "content_type": "text/html"])
            guard
                case .malformed(let what) = await refusal({ () async throws(SimError) in
                    _ = try await server.connector.run("r", of: "plain")
                })
            else {
                Issue.record("taken")
                return
            }
            #expect(what.count < 200)
        }
    }

    @Test func `a server that goes away and comes back is found again`() async throws {
        try await StandInServer.running(attempts: 1) { server in
            func look() async -> SimError? {
                await refusal { () async throws(SimError) in _ = try await server.connector.runs(of: "plain") }
            }
            _ = try await server.connector.execute("plain", as: "r")
            try await server.breaks("drop_before_doing")
            try await server.door.close()
            for _ in 0..<3 {
                guard case .unavailable = await look() else {
                    Issue.record("somebody answered")
                    return
                }
            }
            let again = try await HTTPDoor.open(
                server.house, host: "127.0.0.1", port: server.port, on: MultiThreadedEventLoopGroup.singleton)
            #expect(await look() == nil)
            try await again.close()
        }
    }

    @Test func `requests that were held are answered when they are let go`() async throws {
        try await StandInServer.running { server in
            try await server.control(.post, "hold")
            let start = Task { try await server.connector.execute("plain", as: "r") }
            while try await server.control(.get, "state")["held"]?.int != 1 { await Task.yield() }
            #expect(try await server.control(.get, "state")["runs"] == 0)
            try await server.control(.post, "release")
            #expect(try await start.value.isNew)
        }
    }

    @Test func `a loss of Sim for a while opens the circuit, is seen, and heals by itself`() async throws {
        try await StandInServer.running(attempts: 1) { server in
            let time = ManualTimekeeper()
            let circuit = Circuit(
                "sim", limits: CircuitLimits(failures: 3, firstPause: .seconds(2), longestPause: .seconds(8)),
                time: time,
                random: SeededRandom(seed: 3))
            func look() async -> CircuitError<SimError>? {
                do throws(CircuitError<SimError>) {
                    _ = try await circuit.run(judging: \.verdict) { () async throws(SimError) in
                        try await server.connector.runs(of: "plain")
                    }
                    return nil
                } catch {
                    return error
                }
            }
            #expect(await look() == nil)
            try await server.breaks("answer", times: 4, ["status": 503])
            for _ in 0..<3 { #expect(await look() != nil) }
            let before = try await server.control(.get, "state")["requests"]
            for _ in 0..<20 {
                guard case .open(let standing, _) = await look() else {
                    Issue.record("it was asked all the same")
                    return
                }
                #expect(standing.state == .open && standing.lastError?.reason.contains("503") == true)
            }
            #expect(try await server.control(.get, "state")["requests"] == before)
            var turns = 0
            while circuit.standing.state != .closed && turns < 50 {
                time.advance(by: .seconds(1))
                _ = await look()
                turns += 1
            }
            #expect(circuit.standing.state == .closed && circuit.standing.failures == 0)
            #expect(await look() == nil)
        }
    }
}

extension StandInServer {
    /// Resumes while the answer, and only the answer, to the order is lost.
    func losing(order context: String) async throws -> SimError? {
        let losing = LosingOrders(exchange)
        let connector = SimConnector(
            exchange: losing, settings: try SimSettings(baseURL: "http://127.0.0.1:\(port)", apiKey: Self.key))
        return await refusal { () async throws(SimError) in
            try await connector.resume("r", of: "refund", at: context)
        }
    }
}

/// Passes everything on and loses the answers to orders.
struct LosingOrders: HTTPExchange {
    private let exchange: any HTTPExchange
    init(_ exchange: any HTTPExchange) { self.exchange = exchange }

    func send(_ request: HTTPRequest, within timeout: Duration, atMost limit: Int) async throws(HTTPFault) -> HTTPAnswer
    {
        let answer = try await exchange.send(request, within: timeout, atMost: limit)
        guard request.method == .get else { throw .brokenOff(reason: "lost") }
        return answer
    }
}
