import JourneyDomain
import ParlantConnector
import Testing

extension ParlantTests {
    @Suite("Parlant's command line") struct CommandLineTests {
        @Test func `journeys and their versions outlive a restart`() async throws {
            try await scene("cli-restart", on: .commandLine) { scene in
                #expect(try await scene.connector.module().keepsJourneys)
                let id = try scene.id("kept")
                let first = try await scene.push(scene.line("kept", through: ["a"]), id)
                let longer = scene.line("kept", through: ["a", "b"])
                let second = try await scene.connector.update(id, to: longer, expecting: .exactly(first.version))
                #expect(second.changed)
                let module = try await scene.restart()
                #expect(module.keepsJourneys)
                let kept = try await scene.connector.read(id)
                #expect(kept == second.journey, "the same, at the same version")
                let late = await refusal {
                    _ = try await scene.connector.update(
                        id, to: scene.line("kept", through: ["c"]), expecting: .exactly(first.version))
                }
                #expect(late == .conflict(version: kept.version))
                #expect(try await scene.connector.delete(id))
            }
        }

        @Test func `a session is surveyed, bound and followed there as well`() async throws {
            try await scene("cli-session", on: .commandLine) { scene in
                let session = try await scene.connector.openSession(agent: try await scene.agent())
                try await scene.connector.bind(session, to: "run-1")
                #expect(try await scene.connector.survey().marks[session] != nil)
                let look = try #require(try await ParlantConversations(scene.connector).look(at: session, from: 0))
                #expect(look.isQuiet && look.description["metadata"]?["lockstep_execution_id"] == "run-1")
                try await scene.connector.closeSession(session)
            }
        }
    }
}
