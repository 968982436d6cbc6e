import Connecting
import EventModel
import Foundation
import HTTPDriver
import JourneyDomain
import ParlantConnector
import Reconciliation
import Testing

/// Effects at the real server alone: a recording would hold what we send, and the ids of effects are new in every run.
private let hasServer = ProcessInfo.processInfo.environment[ModuleLoading.program.rawValue] != nil

extension ParlantTests {
    @Suite("Effects", .serialized, .enabled(if: hasServer, "needs the real Parlant server: tools/test --parlant"))
    struct Effects {
        private func errand(_ action: Effect.Action, in session: String) -> Errand {
            Errand(
                effect: Effect(
                    id: UUID(), action: action, fields: [], resolutions: [], attempt: 1,
                    deadline: Timestamp(microseconds: 0)),
                workspace: .default, execution: "ex", workflow: nil, session: session)
        }

        /// A session that stands in the first of three states.
        private func standing(in scene: Scene) async throws -> (session: String, journey: JourneyID) {
            let agent = try await scene.agent()
            let id = try scene.id("effects")
            try await scene.push(scene.line("effects", through: ["a", "b", "c"], agent: agent), id)
            let session = try await scene.connector.openSession(agent: agent)
            let here = try await scene.turn(session, says: "hello", condition: "0")
            #expect(here.paths[id.text]?.current == ElementID("\(id).a"))
            return (session, id)
        }

        private func told(_ errand: Errand, in session: String, _ scene: Scene) async throws -> Int {
            guard case .some(let page) = try await scene.connector.events(of: session, from: 0) else { return 0 }
            let id = errand.effect.id.uuidString.lowercased()
            return page.events.count { $0["data"]?["lockstep"]?["effect"]?.string == id }
        }

        @Test func `a conversation is moved once, and not when it stands elsewhere`() async throws {
            try await scene("effects-enter") { scene in
                let (session, journey) = try await standing(in: scene)
                let (a, b, c) = (ElementID("\(journey).a"), ElementID("\(journey).b"), ElementID("\(journey).c"))
                let side = ParlantSide(scene.connector)
                let entering = errand(.enter(journey: journey.text, state: b, from: a), in: session)
                #expect(await side.probe(entering) == .absent)
                #expect(await side.carryOut(entering) == .done)
                let there = try await scene.connector.state(of: session)
                #expect(there.paths[journey.text]?.current == b)
                #expect(await side.probe(entering) == .found)
                #expect(await side.carryOut(entering) == .done)
                #expect(try await scene.connector.state(of: session).place == there.place)
                let late = await side.carryOut(
                    errand(.enter(journey: journey.text, state: c, from: a), in: session))
                #expect(late == .movedOn(because: "the conversation stands elsewhere by now"))
                let next = try await scene.turn(session, says: "go on", condition: "1")
                #expect(next.paths[journey.text]?.current == c)
            }
        }

        @Test func `a conversation leaves the journey, and another one is not taken for it`() async throws {
            try await scene("effects-leave") { scene in
                let (session, journey) = try await standing(in: scene)
                let side = ParlantSide(scene.connector)
                let leaving = errand(.leave(journey: journey.text, from: ElementID("\(journey).a")), in: session)
                #expect(await side.probe(leaving) == .absent)
                #expect(await side.carryOut(leaving) == .done)
                #expect(try await scene.connector.state(of: session).paths[journey.text]?.hasLeft ?? false)
                #expect(await side.probe(leaving) == .found)
                #expect(await side.carryOut(leaving) == .done)
            }
        }

        @Test func `a conversation is told once, also by one who asks again`() async throws {
            try await scene("effects-tell") { scene in
                let (session, _) = try await standing(in: scene)
                let side = ParlantSide(scene.connector)
                let telling = errand(.tell(Effect.Told(values: ["amount": 3])), in: session)
                #expect(await side.probe(telling) == .absent)
                #expect(await side.carryOut(telling) == .done)
                #expect(await side.probe(telling) == .found)
                #expect(await side.carryOut(telling) == .done)
                #expect(try await told(telling, in: session, scene) == 1)
            }
        }

        @Test func `an order whose answer was lost is found, and not given twice`() async throws {
            try await scene("effects-lost") { scene in
                let (session, journey) = try await standing(in: scene)
                let losing = ParlantSide(
                    ParlantConnector(
                        exchange: LosingAnswers(server: scene.exchange), settings: ParlantSettings(attempts: 1),
                        time: scene.time))
                let telling = errand(.tell(Effect.Told(values: ["amount": 3])), in: session)
                let entering = errand(
                    .enter(
                        journey: journey.text, state: ElementID("\(journey).b"), from: ElementID("\(journey).a")),
                    in: session)
                let side = ParlantSide(scene.connector)
                for errand in [telling, entering] {
                    guard case .unknown = await losing.carryOut(errand) else {
                        Issue.record("\(errand.effect.action.name): a lost answer is no answer")
                        continue
                    }
                    #expect(await side.probe(errand) == .found)
                    #expect(await side.carryOut(errand) == .done)
                }
                #expect(try await told(telling, in: session, scene) == 1)
            }
        }
    }
}

/// Passes everything on; the answers to what changes something are lost.
private struct LosingAnswers: HTTPExchange {
    let server: any HTTPExchange

    func send(
        _ request: HTTPRequest, within timeout: Duration, atMost limit: Int
    ) async throws(HTTPFault) -> HTTPAnswer {
        let answer = try await server.send(request, within: timeout, atMost: limit)
        guard request.method == .get else { throw .brokenOff(reason: "the answer was lost") }
        return answer
    }
}
