import EventModel
import EventSourcing
import ParlantConnector
import Testing

extension ParlantTests {
    @Suite("Conversations for followers") struct ConversationTests {
        @Test func `a mark is another one whenever the session is`() async throws {
            try await scene("conversation-marks") { scene in
                let agent = try await scene.agent()
                let session = try await scene.connector.openSession(agent: agent)
                try await scene.connector.setMode(of: session, to: .manual)
                var marks: [String?] = []
                func look() async throws {
                    let survey = try await scene.connector.survey()
                    #expect(survey.life == (try await scene.connector.module().instance))
                    marks.append(survey.marks[session])
                }
                try await look()
                try await look()
                #expect(marks[0] != nil && marks[0] == marks[1], "nothing happened")
                let event = try await scene.connector.postCustomEvent(["a": 1], to: session)
                try await look()
                try await scene.connector.bind(session, to: "run-1")
                try await look()
                try await scene.connector.rewind(session, to: event["offset"]?.int ?? 0)
                try await look()
                #expect(Set(marks.dropFirst()).count == 4)
                try await scene.connector.closeSession(session)
                try await look()
                #expect(marks.last == .some(nil))
            }
        }

        @Test func `a look tells what a report needs, and what was deleted up to where`() async throws {
            try await scene("conversation-look") { scene in
                let conversations = ParlantConversations(scene.connector)
                let session = try await scene.connector.openSession(agent: try await scene.agent())
                try await scene.connector.setMode(of: session, to: .manual)
                for number in 1...3 {
                    try await scene.connector.postCustomEvent(["n": .number(JSONNumber(number))], to: session)
                }
                let whole = try #require(try await conversations.look(at: session, from: 0))
                #expect(whole.events.map(\.offset) == [0, 1, 2] && whole.through == 2 && whole.isQuiet)
                #expect(whole.description["id"]?.string == session && whole.description["consumption_offsets"] == nil)
                #expect(whole.standing["agent_states"]?.array?.isEmpty == true)
                try await scene.connector.rewind(session, to: 1)
                let rest = try #require(try await conversations.look(at: session, from: 1))
                #expect(rest.events.isEmpty && rest.through == 2)
                try await scene.connector.closeSession(session)
                #expect(try await conversations.look(at: session, from: 0) == nil)
            }
        }
    }
}
