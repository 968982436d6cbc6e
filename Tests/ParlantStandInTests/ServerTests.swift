import Connecting
import EventModel
import EventSourcing
import FoundationEssentials
import HTTPDriver
import JourneyDomain
import NIOPosix
import ParlantConnector
import Reconciliation
import StandInDoor
import Testing

@testable import ParlantStandIn

@Suite("The stand-in for Parlant as a server") struct ServerTests {
    struct Server {
        let house: House
        let port: Int
        let exchange: ClientExchange
        let connector: ParlantConnector

        /// Does something that only a stand-in can do.
        @discardableResult
        func control(_ method: HTTPRequest.Method, _ what: String, _ body: JSONValue = [:]) async throws -> JSONValue {
            let request = HTTPRequest(method, ["_stand_in", what], body: body.compactBytes())
            let answer = try await exchange.send(request, within: .seconds(20), atMost: 1 << 20)
            #expect(answer.status == 200)
            return try JSONValue(answer.body)
        }
    }

    static let journey = JourneyID("j")

    static func definition() throws -> JourneyDefinition {
        var canonical = try #require(Scene.journey("j")["journey"]?.object).removing(["condition_texts"])
        canonical["conditions"] = ["wants it"]
        canonical["nodes"] = .object(
            JSONObject(
                (Scene.journey("j")["nodes"]?.array ?? []).map { .init(key: $0["id"]?.string ?? "", value: $0) }))
        canonical["edges"] = Scene.journey("j")["edges"]
        return try JourneyDefinition(canonical: .object(canonical))
    }

    static func running(
        delay: Duration = .zero, state: String? = nil, attempts: Int = 1, _ body: (Server) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let house = try House(
            StandIn(StandIn.Settings(turnDelay: delay)), statePath: state, on: group.next())
        let door = try await HTTPDoor.open(house, host: "127.0.0.1", port: 0, on: group)
        do {
            try await ClientExchange.connected(to: "http://127.0.0.1:\(door.port)") { exchange in
                let settings = ParlantSettings(
                    requestPatience: .seconds(60), attempts: attempts,
                    backoff: Backoff(base: .milliseconds(1), cap: .milliseconds(5)))
                try await body(
                    Server(
                        house: house, port: door.port, exchange: exchange,
                        connector: ParlantConnector(exchange: exchange, settings: settings)))
            }
            try await door.close()
        } catch {
            try? await door.close()
            throw error
        }
    }

    func opened(_ server: Server, for execution: String = "run") async throws -> String {
        _ = try await server.connector.create(try Self.definition(), id: try #require(Self.journey))
        return try await server.connector.openSession(agent: "agent", execution: execution)
    }

    @Test func `the connector finds the module and keeps a journey in it whole`() async throws {
        try await Self.running { server in
            let definition = try Self.definition()
            let id = try #require(Self.journey)
            let module = try await server.connector.module()
            #expect(module.keepsJourneys)
            let made = try await server.connector.create(definition, id: id)
            #expect(made.isNew && made.journey.holds(definition))
            let again = try await server.connector.create(definition, id: id)
            let read = try await server.connector.read(id)
            #expect(!again.isNew && read.states["2"] == "j.a")
            let isDeleted = try await server.connector.delete(id)
            #expect(isDeleted)
        }
    }

    @Test func `who waits for events is woken by them, or told that there are none`() async throws {
        try await Self.running { server in
            let session = try await opened(server)
            async let waited = server.connector.events(of: session, from: 0, waiting: .seconds(30))
            try await server.connector.postCustomEvent(["n": 1], to: session)
            guard case .some(let page) = try await waited else {
                Issue.record("nothing came")
                return
            }
            #expect(page.next == 1)
            async let ended = server.connector.events(of: session, from: 1, waiting: .seconds(30))
            try await server.connector.closeSession(session)
            let end = try await ended
            #expect(end == .sessionGone)
        }
    }

    @Test func `who looks at a place waits for the turn that is under way`() async throws {
        try await Self.running(delay: .milliseconds(30)) { server in
            let session = try await opened(server)
            try await server.control(
                .post, "turns", ["session": .string(session), "journey": "j", "state": "j.a"])
            let state = try await server.connector.state(of: session, settling: .seconds(20))
            #expect(!state.isBusy && state.paths["j"]?.current == "j.a")
        }
    }

    static func errand(_ action: Effect.Action, _ session: String) -> Errand {
        Errand(
            effect: Effect(
                id: UUID(), action: action, fields: [], resolutions: [], attempt: 1,
                deadline: Timestamp(microseconds: 0)),
            workspace: .default, execution: "run", workflow: nil, session: session)
    }

    @Test func `effects are carried out, and found when their answer was lost`() async throws {
        try await Self.running { server in
            let session = try await opened(server)
            let side = ParlantSide(server.connector)
            let entering = Self.errand(.enter(journey: "j", state: "j.a", from: nil), session)
            #expect(await side.carryOut(entering) == .done)
            let telling = Self.errand(.tell(Effect.Told(values: ["amount": 3], inputs: [:])), session)
            try await server.control(.post, "faults", ["kind": "drop_after_doing"])
            // The look before the order meets the fault, so nothing was ordered.
            #expect(await side.carryOut(telling) == .unavailable(because: "Parlant is not available"))
            #expect(await side.probe(telling) == .absent)
            #expect(await side.carryOut(telling) == .done)
            #expect(await side.probe(telling) == .found)
            let leaving = Self.errand(.leave(journey: "j", from: "j.a"), session)
            #expect(await side.carryOut(leaving) == .done)
            #expect(await side.probe(leaving) == .found)
            #expect(
                await side.carryOut(Self.errand(.enter(journey: "j", state: "j.b", from: "j.a"), session))
                    == .movedOn(because: "the conversation stands elsewhere by now"))
        }
    }

    @Test func `away it is not reached, and customers act all the same`() async throws {
        try await Self.running { server in
            let session = try await opened(server)
            try await server.control(.post, "away", ["milliseconds": 60_000])
            await #expect(throws: ParlantError.self) { _ = try await server.connector.survey() }
            try await server.control(
                .post, "turns", ["session": .string(session), "journey": "j", "state": "j.b"])
            try await server.control(.post, "away", ["milliseconds": 0])
            let state = try await server.connector.state(of: session)
            #expect(state.paths["j"]?.current == "j.b")
            let refused = HTTPRequest(.post, ["_stand_in", "away"], body: Array("{\"milliseconds\":-1}".utf8))
            let answer = try await server.exchange.send(refused, within: .seconds(60), atMost: 1_000)
            #expect(answer.status == 400)
        }
    }

    @Test(arguments: ["[]", "{", "\"x\"", "{\"a\":"]) func `what is no object changes nothing`(_ body: String)
        async throws
    {
        try await Self.running { server in
            let request = HTTPRequest(.post, ["sessions"], body: Array(body.utf8))
            let answer = try await server.exchange.send(request, within: .seconds(60), atMost: 1_000)
            let survey = try await server.connector.survey()
            #expect(answer.status == 422 && survey.marks.isEmpty)
        }
    }
}
