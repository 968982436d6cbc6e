import EventModel
import EventSourcing
import EventSourcingTesting
import HTTPDriver
import Ingest
import NIOPosix
import ParlantConnector
import Reconciliation
import StandInDoor
import Testing

@testable import ParlantStandIn
@testable import Reconciler

/// The whole way of an answer: said in a conversation of a Parlant server, read by the connector, taken in, compared, and given to the run that waits for it.
@Suite struct `An answer given in a conversation` {
    private let engines = TwoEngines()

    private struct Server {
        let exchange: ClientExchange
        let connector: ParlantConnector

        @discardableResult
        func order(_ method: HTTPRequest.Method, _ path: [String], _ body: JSONValue) async throws -> JSONValue {
            let request = HTTPRequest(method, path, body: body.compactBytes())
            let answer = try await exchange.send(request, within: .seconds(60), atMost: 1 << 20)
            #expect(200..<300 ~= answer.status)
            return try JSONValue(answer.body)
        }

        func turn(_ session: String, to state: String) async throws {
            try await order(
                .post, ["_stand_in", "turns"],
                ["session": .string(session), "journey": .string(TwoEngines.journey), "state": .string(state)])
            _ = try await connector.state(of: session, settling: .seconds(20))
        }
    }

    private static let journey: JSONValue = [
        "journey": ["title": "Refund", "condition_texts": ["wants it"], "root_id": "s-root"],
        "nodes": .array(
            [["id": "s-root"]]
                + TwoEngines.blocks.map { ["id": .string("s-\($0)"), "kind": "chat", "action": .string("Do \($0)")] }),
        "edges": .array(
            zip(["root"] + TwoEngines.blocks, TwoEngines.blocks).map { source, target in
                ["id": .string("e-\(target)"), "source": .string("s-\(source)"), "target": .string("s-\(target)")]
            } + [["id": "e-end", "source": "s-done", "target": "end"]]),
    ]

    private func running(_ body: (Server, _ session: String) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let house = try House(StandIn(StandIn.Settings()), on: group.next())
        let door = try await HTTPDoor.open(house, host: "127.0.0.1", port: 0, on: group)
        let result: Result<Void, any Error>
        do {
            try await ClientExchange.connected(to: "http://127.0.0.1:\(door.port)") { exchange in
                let server = Server(exchange: exchange, connector: ParlantConnector(exchange: exchange))
                try await server.order(.put, ["lockstep", "journeys", TwoEngines.journey], Self.journey)
                try await body(
                    server, try await server.connector.openSession(agent: "agent", execution: engines.key.execution))
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try await door.close()
        try result.get()
    }

    /// Takes in what the session is, and all that was said in it.
    private func takeIn(_ session: String, of server: Server) async throws {
        let look = try #require(
            try await ParlantConversations(server.connector).look(at: session, from: 0))
        let head: JSONObject = ["session_id": .string(session), "observed_at": "2026-03-02T09:00:00Z"]
        var (described, said) = (head, head)
        described["session"] = look.description
        said["events"] = .array(look.events.map(\.content))
        said["listing"] = ["from": 0, "through": .number(JSONNumber(look.through))]
        let desk = InboundDesk(into: engines.store, remembering: NoLedger())
        try await desk.prepare()
        let messages = [described, said].enumerated().map { place, payload in
            InboundMessage(
                key: InboundKey(source: "test", id: "\(session)-\(look.through)-\(place)"),
                payload: JSONValue.object(payload).compactBytes(),
                receivedAt: Timestamp(microseconds: 1_800_000_000_000_000), keepsTime: true, origin: "test")
        }
        _ = try await desk.settle(desk.read(messages))
    }

    @Test func `it reaches the run that waits as what it is resumed with, value by value`() async throws {
        try await running { server, session in
            try await engines.prepare()
            try await engines.comeToAsk()
            try await server.turn(session, to: "s-ask")
            try await takeIn(session, of: server)
            let desk = try engines.desk()
            let courier = engines.courier(desk)
            _ = try await courier.attend(to: try await desk.examine(engines.key))
            #expect(engines.sim.asked.isEmpty)

            let answers: [(String, JSONValue)] = [
                ("email", "a@example.org"), ("address", ["city": "Ulm", "floor": 3]), ("agreed", false),
            ]
            for (name, value) in answers {
                try await server.connector.postCustomEvent(
                    [
                        "type": "lockstep.input_collected", "name": .string(name), "value": value,
                        "journey": .string(TwoEngines.journey), "state": "s-ask",
                    ], to: session)
            }
            try await server.turn(session, to: "s-check")
            try await takeIn(session, of: server)
            _ = try await courier.attend(to: try await desk.examine(engines.key))
            guard case .resume("ask", "ctx-1", let input)? = engines.sim.asked.first?.action else {
                Issue.record("\(engines.sim.asked)")
                return
            }
            #expect(
                input.canonicalBytes()
                    == JSONValue.object(JSONObject(answers.map { .init(key: $0.0, value: $0.1) })).canonicalBytes())
            #expect(engines.sim.asked.count == 1)
            let report = try await desk.examine(engines.key)
            #expect(report.examined.isConverged, "\(report.examined.findings) \(report.examined.holds)")
        }
    }
}

/// Remembers nothing: what comes again is recognised by what is known.
private struct NoLedger: InboundLedger {
    func fingerprints(
        of keys: [InboundKey], in workspace: Workspace
    ) async throws(StoreError) -> [InboundKey: InboundFingerprint] { [:] }

    func remember(_ entries: [InboundEntry], in workspace: Workspace) async throws(StoreError) {}
}
