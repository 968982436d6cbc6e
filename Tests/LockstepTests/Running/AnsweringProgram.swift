import EventModel
import EventSourcing
import EventSourcingTesting
import Foundation
import HTTPDriver
import Testing

/// A serving process that answers how it does, and what it answers.
struct AnsweringProgram {
    let program: LiveProgram
    let url: String

    /// Starts it on a free port and waits until it listens.
    init(_ roles: String, _ environment: [String: String]) async throws {
        var environment = environment
        environment["LOCKSTEP_OPERATIONS_LISTEN"] = "127.0.0.1:0"
        program = try LiveProgram(["serve", "--roles", roles], environment: environment, log: true)
        var said: [String] = []
        while let line = await program.line() {
            said.append(line)
            guard let url = line.firstMatch(of: /http:\/\/127\.0\.0\.1:[0-9]+/) else { continue }
            self.url = String(url.output)
            return
        }
        throw Silent(description: said.joined(separator: "\n"))
    }

    /// It ended without listening.
    struct Silent: Error, CustomStringConvertible {
        let description: String
    }

    /// Asks until it answers: on a busy machine a connection may be given up, by either side.
    func get(_ path: String) async throws -> HTTPAnswer {
        try await ClientExchange.connected(to: url) { exchange in
            while true {
                do throws(HTTPFault) {
                    return try await exchange.send(HTTPRequest(.get, [path]), within: .seconds(20), atMost: 4 << 20)
                } catch { try Task.checkCancellation() }
            }
        }
    }

    /// The answer of `/ready`, and its status; held to the contract.
    func ready() async throws -> (status: Int, answer: JSONValue) {
        let answer = try await get("ready")
        let value = try JSONValue(answer.body, limits: .file)
        #expect(try OperationsContract.flaws(in: value, "/ready", answer.status) == [], "\(value)")
        return (answer.status, value)
    }

    func metrics() async throws -> MetricsPage {
        let answer = try await get("metrics")
        #expect(answer.status == 200)
        return try MetricsPage(String(decoding: answer.body, as: UTF8.self))
    }

    /// What it measures, of a moment in which it has seen the database: on a busy machine a look may take too long.
    func sighted() async throws -> MetricsPage {
        try await until {
            try await metrics()
        } _: {
            $0.value("lockstep_up") == 1
        }
    }

    /// Asks again and again until the answer is as wanted; the test's time limit ends it otherwise.
    func until<Answer>(
        _ ask: () async throws -> Answer, _ isWanted: (Answer) throws -> Bool
    ) async throws -> Answer {
        while true {
            let answer = try await ask()
            if try isWanted(answer) { return answer }
            // A program tells nobody that its answer is another one now. The pause leaves the processor to those who are waited for.
            try await SystemTimekeeper().sleep(for: .milliseconds(50))
        }
    }
}

/// What `Schemas/operations` promises.
enum OperationsContract {
    static let file = ProjectFiles.path("Schemas/operations/openapi.json")

    /// What an answer in JSON may be, and the example that is given of it.
    static func content(_ path: String, _ status: Int) throws -> JSONValue {
        let contract = try JSONValue(try ProjectFiles.bytes(file), limits: .file)
        return try #require(
            contract["paths"]?[path]?["get"]?["responses"]?["\(status)"]?["content"]?["application/json"])
    }

    static func flaws(in value: JSONValue, _ path: String, _ status: Int) throws -> [String] {
        AnswerSchema(try #require(try content(path, status)["schema"])).flaws(in: value)
    }
}
