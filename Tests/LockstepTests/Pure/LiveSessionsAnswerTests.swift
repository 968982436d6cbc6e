import Conversion
import EventModel
import Testing

@testable import lockstep

@Suite("What is said of live sessions") struct LiveSessionsAnswerTests {
    private func migration(_ outcome: SessionMigration.Outcome) -> SessionMigration {
        SessionMigration(stream: "parlant_session-s1", version: 3, session: "s1", execution: nil, outcome: outcome)
    }

    @Test func `who is concerned is told what to do next`() throws {
        let rewritten = migration(.carried(states: ["refund.a"], indexes: ["2"], isChanged: true))
        let next = try #require(LiveSessionsAnswer([rewritten], in: "refund").next)
        #expect(next.hasPrefix("lockstep parlant push refund"))
        #expect(next.hasSuffix("lockstep parlant state s1 --set refund.a --journey refund"))
        let stranded = LiveSessionsAnswer([migration(.stranded(.emptyPath))], in: "refund")
        #expect(stranded.next?.hasSuffix("lockstep parlant state s1 --set STATE --journey refund") == true)
        #expect(stranded.value["next"]?.string == stranded.next)
    }

    @Test func `nothing is to be done for sessions that go on as they are`() {
        let carried = migration(.carried(states: ["refund.a"], indexes: ["2"], isChanged: false))
        #expect(LiveSessionsAnswer([carried], in: "refund").next == nil)
        #expect(LiveSessionsAnswer([], in: "refund").value["next"] == .null)
    }
}
