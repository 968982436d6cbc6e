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

/// A stand-in behind a socket, and a connector to it.
struct StandInServer {
    let port: Int
    let house: House
    let door: HTTPDoor
    let exchange: ClientExchange
    let connector: SimConnector

    static let key = "key-of-the-tests"
    static let workflow = WorkflowDefinition(
        blocks: [
            Block(id: "start", type: "start_trigger", name: "Start"),
            Block(id: "ask", type: "human_in_the_loop", name: "Ask"), Block(id: "pay", type: "api", name: "Pay"),
        ],
        edges: [
            Edge(id: "e1", source: "start", target: "ask"), Edge(id: "e2", source: "ask", target: "pay"),
        ])
    static let twice = WorkflowDefinition(
        blocks: [
            Block(id: "start", type: "start_trigger", name: "Start"),
            Block(id: "ask", type: "human_in_the_loop", name: "Ask"),
            Block(id: "again", type: "human_in_the_loop", name: "Ask again"),
        ],
        edges: [
            Edge(id: "e1", source: "start", target: "ask"), Edge(id: "e2", source: "ask", target: "again"),
        ])
    static let plain = WorkflowDefinition(
        blocks: [Block(id: "a", type: "api", name: "A"), Block(id: "b", type: "api", name: "B")],
        edges: [Edge(id: "e", source: "a", target: "b")])

    /// Runs `body` with a stand-in that has the workflows `refund`, which asks a person, `twice`, which does so twice, and `plain`, which does not.
    static func running(
        _ settings: StandIn.Settings = StandIn.Settings(), patience: Duration = .seconds(20), attempts: Int = 3,
        key: String = key, requestPatience: Duration = .seconds(20), _ body: (StandInServer) async throws -> Void
    ) async throws {
        let core = StandIn(
            [
                WorkflowGraph(id: "refund", workflow), WorkflowGraph(id: "twice", twice),
                WorkflowGraph(id: "plain", plain),
            ], settings)
        let group = MultiThreadedEventLoopGroup.singleton
        let house = try House(core, House.Settings(key: Self.key, patience: patience), on: group.next())
        let door = try await HTTPDoor.open(house, host: "127.0.0.1", port: 0, on: group)
        do {
            var settings = try SimSettings(
                baseURL: "http://127.0.0.1:\(door.port)", apiKey: key, attempts: attempts,
                backoff: Backoff(base: .milliseconds(1), cap: .milliseconds(10)))
            settings.requestPatience = requestPatience
            settings.orderPatience = requestPatience
            try await ClientExchange.connected(to: settings.baseURL, headers: settings.headers) { exchange in
                try await body(
                    StandInServer(
                        port: door.port, house: house, door: door, exchange: exchange,
                        connector: SimConnector(exchange: exchange, settings: settings)))
            }
            // A test may have closed it.
            try? await door.close()
        } catch {
            try? await door.close()
            throw error
        }
    }

    /// Does something that only a stand-in can do.
    @discardableResult
    func control(_ method: HTTPRequest.Method, _ what: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        let request = HTTPRequest(method, ["_stand_in", what], body: body?.compactBytes())
        let answer = try await exchange.send(request, within: .seconds(20), atMost: 1 << 20)
        #expect(answer.status == 200)
        return try JSONValue(answer.body)
    }

    /// The next requests fail so.
    func breaks(_ kind: String, times: Int = 1, _ more: JSONObject = JSONObject()) async throws {
        try await control(
            .post, "faults",
            .object(
                JSONObject(
                    [.init(key: "kind", value: .string(kind)), .init(key: "times", value: .number(JSONNumber(times)))]
                        + more.members)))
    }

    /// A run that waits for a person; its pause.
    func waiting(_ run: String = "r", workflow: String = "refund") async throws -> String {
        let start = try await connector.execute(workflow, input: ["amount": 3], as: run, waiting: true)
        return try #require(start.state?.pause?.context)
    }
}
