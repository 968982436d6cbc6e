import EventModel
import EventSourcing
import FoundationEssentials
import HTTPDriver
import JourneyDomain
import ParlantConnector
import Testing

/// How the real server has loaded our module.
enum ModuleLoading: String {
    /// By a program of the SDK.
    case program = "LOCKSTEP_PARLANT_URL"
    /// By `parlant-server run --module`.
    case commandLine = "LOCKSTEP_PARLANT_CLI_URL"
}

/// Runs `body` against the real server that an environment variable names, or else against what it answered when it was recorded.
///
/// - Parameters:
///   - loading: which of the two servers.
///   - overlaps: whether requests of the scenario overlap, so that their order is not the same in every run.
///   - spoils: whether the scenario leaves the server in a state that no other scenario should find; it is started again then.
func scene(
    _ name: String, on loading: ModuleLoading = .program, overlaps: Bool = false, spoils: Bool = false,
    _ body: (Scene) async throws -> Void
) async throws {
    let environment = ProcessInfo.processInfo.environment
    guard let url = environment[loading.rawValue] else {
        let server = RecordedServer(try Recording(of: name), keepsOrder: !overlaps)
        try await body(Scene(server, token: Recording.token, time: NoTime()))
        #expect(server.unused == 0, "requests of the recording were not made")
        return
    }
    try await ClientExchange.connected(to: url) { exchange in
        let token = String(format: SystemRandomSource().next())
        let server = RecordingServer(exchange)
        try await body(Scene(server, token: token, time: SystemTimekeeper()))
        if let directory = environment["LOCKSTEP_PARLANT_RECORD"] {
            try server.recording.write(name, to: directory, replacing: token)
        }
        if spoils { _ = try await Scene(exchange, token: token, time: SystemTimekeeper()).restart() }
    }
}

extension String {
    /// Eight hexadecimal digits.
    fileprivate init(format number: UInt64) {
        let digits = String(number & 0xFFFF_FFFF, radix: 16)
        self = String(repeating: "0", count: 8 - digits.count) + digits
    }
}

/// One scenario: a server with our module and a scripted model, a connector to it, and names that nobody else uses.
struct Scene: Sendable {
    let exchange: any HTTPExchange
    let connector: ParlantConnector
    let token: String
    let time: any Timekeeper

    init(_ exchange: any HTTPExchange, token: String, time: any Timekeeper) {
        self.exchange = exchange
        self.token = token
        self.time = time
        connector = ParlantConnector(
            exchange: exchange, settings: ParlantSettings(attempts: 1), time: time, random: SystemRandomSource())
    }

    /// A name of this run.
    func name(_ name: String) -> String { "\(name)-\(token)" }

    /// The id of a journey of this run.
    func id(_ name: String) throws -> JourneyID { try #require(JourneyID(self.name(name))) }

    /// Sends a request past the connector: how Parlant itself behaves.
    @discardableResult
    func raw(
        _ method: HTTPRequest.Method, _ path: String, query: [HTTPRequest.QueryItem] = [],
        _ body: JSONValue? = nil,
        within patience: Duration = .seconds(20)
    ) async throws(HTTPFault) -> RawAnswer {
        let path = path.split(separator: "/").map(String.init)
        let answer = try await exchange.send(
            HTTPRequest(method, path, query: query, json: body), within: patience, atMost: 1 << 24)
        return RawAnswer(status: answer.status, body: answer.body)
    }

    /// A new agent.
    func agent() async throws -> String {
        let answer = try await raw(.post, "agents", ["name": .string(name("agent"))])
        return try #require(answer.json?["id"]?.string)
    }

    /// Makes a journey that only this agent walks.
    @discardableResult
    func push(_ definition: JourneyDefinition, _ id: JourneyID) async throws -> StoredJourney {
        try await connector.create(definition, id: id).journey
    }

    /// One turn: the customer says something, the model answers the question which condition applies with `condition`
    /// (`0` stay, `None` leave, `1` and up a follow-up), and the turn ends.
    func turn(_ session: String, says message: String, condition: String) async throws -> ParlantSessionState {
        try await script(condition: condition)
        try await connector.say(message, in: session)
        return try await connector.state(of: session, settling: .seconds(20))
    }

    /// Tells the model what to say.
    func script(condition: String, fails: Bool = false) async throws {
        let answers: JSONValue = ["JourneyNextStepSelectionSchema": ["applied_condition_id": .string(condition)]]
        try await raw(.post, "lockstep-testing/script", ["answers": answers, "fails": .bool(fails)])
    }

    /// Starts the server again and answers what it says of itself then.
    func restart() async throws -> ParlantModule {
        let before = try await connector.module().instance
        try await raw(.post, "lockstep-testing/restart")
        var after = before
        while after == before {
            // A server tells nobody that it is back. The pause leaves the processor to it; a recorded one needs none.
            try await time.sleep(for: .milliseconds(500))
            after = await instance() ?? before
        }
        return try await connector.module()
    }

    /// The server's present life; `nil` while it is not there.
    private func instance() async -> String? {
        do { return try await connector.module().instance } catch { return nil }
    }
}

/// An answer of Parlant itself.
struct RawAnswer: Sendable {
    let status: Int
    let body: [UInt8]
    var json: JSONValue? { try? JSONValue(body, limits: .file) }
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// Time in which nothing takes any.
struct NoTime: Timekeeper {
    func now() -> Timestamp { Timestamp(microseconds: 0) }
    func steady() -> Duration { .zero }
    func sleep(for duration: Duration) async throws(CancellationError) {}
}
