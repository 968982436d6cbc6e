import EventModel
import HTTPDriver

/// The other door of a stand-in for an engine: what customers and people at the engine do, and what is to go wrong.
struct StandInControl: Sendable {
    /// Which engine it stands in for, for people.
    let engine: String
    let exchange: any HTTPExchange

    private static let patience = Duration.seconds(10)
    private static let answerBytes = 16 << 20

    /// Whether a stand-in answers there: a real engine has no such door.
    func isStandIn() async throws -> Bool {
        try await send(HTTPRequest(.get, ["_stand_in", "state"])).status == 200
    }

    /// Orders something.
    ///
    /// - Throws: ``Failure`` when the stand-in refuses it, or is not there.
    @discardableResult
    func order(_ what: String, _ body: JSONValue) async throws -> JSONValue {
        try await ask(HTTPRequest(.post, ["_stand_in", what], body: body.compactBytes()))
    }

    /// What the stand-in has told from one event on.
    func events(from number: Int) async throws -> [JSONValue] {
        try await ask(
            HTTPRequest(.get, ["_stand_in", "events"], query: [.init("from", "\(number)")]))["events"]?.array ?? []
    }

    /// How many events the stand-in has told.
    func eventCount() async throws -> Int {
        try await ask(HTTPRequest(.get, ["_stand_in", "state"]))["events"]?.int ?? 0
    }

    private func send(_ request: HTTPRequest) async throws(Failure) -> HTTPAnswer {
        do throws(HTTPFault) {
            return try await exchange.send(request, within: Self.patience, atMost: Self.answerBytes)
        } catch {
            throw Failure(
                .environment, "what stands in for \(engine) does not answer: \(error)",
                hint: "start it again, or run tools/demo, which starts both")
        }
    }

    private func ask(_ request: HTTPRequest) async throws -> JSONValue {
        let answer = try await send(request)
        let value = try JSONValue(answer.body.isEmpty ? Array("{}".utf8) : answer.body, limits: .file)
        guard answer.status == 200 else {
            let word = value["error"]?.string ?? value["error"]?["message"]?.string ?? value["detail"]?.string ?? ""
            throw Failure(
                .no, "the stand-in for \(engine) refuses with \(answer.status): \(Table.printable(word, cutAt: 200))",
                hint: "stop it and run tools/demo again")
        }
        return value
    }
}
