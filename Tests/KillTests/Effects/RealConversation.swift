import EventModel
import Foundation
import HTTPDriver
import Testing

/// A conversation at the real Parlant server, whose model says what it is told to.
struct RealConversation: Sendable {
    /// The server for tests that need both engines: nobody else tells its model what to say.
    static let server = ProcessInfo.processInfo.environment["LOCKSTEP_PARLANT_BOTH_URL"]

    let session: String

    /// The customer of a run comes.
    init(about run: String) async throws {
        let agent = try await Self.ask(.post, ["agents"], ["name": .string("agent-of-\(run)")])["id"] ?? .null
        let opened = try await Self.ask(
            .post, ["sessions"], ["agent_id": agent, "metadata": ["lockstep_execution_id": .string(run)]])
        session = try #require(opened["id"]?.string)
    }

    /// The customer says something.
    ///
    /// - Parameter condition: what the model answers to the question which condition applies: `0` to stay, `1` and up for a follow-up.
    func say(_ message: String, condition: String) async throws {
        try await Self.ask(
            .post, ["lockstep-testing", "script"],
            [
                "answers": ["JourneyNextStepSelectionSchema": ["applied_condition_id": .string(condition)]],
                "fails": false,
            ])
        try await Self.ask(
            .post, ["sessions", session, "events"],
            ["kind": "message", "source": "customer", "message": .string(message)])
    }

    /// The states that it has come through, that in which it stands last; `nil` for having left the journey.
    func way() async throws -> [String?] {
        let state = try await Self.ask(.get, ["lockstep", "sessions", session, "state"])
        let paths = state["agent_states"]?.array?.last?["journey_paths"]?[StandInProcess.workflow]
        return paths?["node_ids"]?.array?.map(\.string) ?? []
    }

    @discardableResult
    private static func ask(
        _ method: HTTPRequest.Method, _ path: [String], _ body: JSONValue? = nil
    ) async throws -> JSONValue {
        try await ClientExchange.connected(to: try #require(server)) { exchange in
            let answer = try await exchange.send(
                HTTPRequest(method, path, body: body?.compactBytes()), within: .seconds(60), atMost: 1 << 22)
            guard answer.isSuccess else {
                throw Flawed(flaws: ["\(path): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))"])
            }
            return try JSONValue(answer.body)
        }
    }
}
