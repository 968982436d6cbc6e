import HTTPDriver
import Testing

@Suite("Exchange over the network") struct ClientExchangeTests {
    /// What the server at `path` answers, or why there is no answer.
    func outcome(
        _ path: String, _ method: HTTPRequest.Method = .get, body: String? = nil, limit: Int = 1 << 20,
        patience: Duration = .seconds(20)
    ) async throws -> Result<HTTPAnswer, HTTPFault> {
        var outcome: Result<HTTPAnswer, HTTPFault> = .failure(.cancelled)
        try await LocalServer.running { server in
            try await ClientExchange.connected(to: "http://127.0.0.1:\(server.port)/") { exchange in
                do throws(HTTPFault) {
                    let request = HTTPRequest(method, [path], body: body.map { Array($0.utf8) })
                    outcome = .success(try await exchange.send(request, within: patience, atMost: limit))
                } catch {
                    outcome = .failure(error)
                }
            }
        }
        return outcome
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .patch])
    func `a body arrives as JSON`(_ method: HTTPRequest.Method) async throws {
        let answer = try await outcome("echo", method, body: "{\"a\":[1,\"ü\"]}").get()
        #expect(answer.status == 200)
        #expect(
            String(decoding: answer.body, as: UTF8.self)
                == "\(method.rawValue) /echo application/json {\"a\":[1,\"ü\"]}")
    }

    @Test(arguments: [HTTPRequest.Method.get, .delete])
    func `a request without a body has none`(_ method: HTTPRequest.Method) async throws {
        let answer = try await outcome("echo", method).get()
        #expect(String(decoding: answer.body, as: UTF8.self) == "\(method.rawValue) /echo - ")
    }

    @Test func `an answer beyond the limit is not read`() async throws {
        #expect(try await outcome("large", limit: 99_999) == .failure(.tooLarge(limit: 99_999)))
        #expect(try await outcome("large", limit: 100_000).get().body.count == 100_000)
    }

    @Test func `a server that does not answer costs no more than the patience`() async throws {
        let patience = Duration.milliseconds(300)
        #expect(try await outcome("silent", patience: patience) == .failure(.timedOut(after: patience)))
    }

    @Test func `half an answer is none`() async throws {
        guard case .failure(.brokenOff) = try await outcome("broken") else {
            Issue.record("taken")
            return
        }
    }

    @Test func `a redirection is an answer, not followed`() async throws {
        #expect(try await outcome("redirect").get().status == 302)
    }

    @Test func `when to come back and the type of the body are told, other headers are not`() async throws {
        let answer = try await outcome("later").get()
        #expect(answer.headers == ["retry-after": "7", "content-type": "Text/HTML; charset=utf-8"])
        #expect(answer.retryAfter == .seconds(7) && answer.contentType == "text/html")
    }

    @Test func `every request carries the headers of the exchange and its own`() async throws {
        let (first, second) = (try #require(HTTPField("X-API-Key", "one")), try #require(HTTPField("X-API-Key", "two")))
        try await LocalServer.running { server in
            try await ClientExchange.connected(to: "http://127.0.0.1:\(server.port)", headers: [first]) { exchange in
                let request = HTTPRequest(.get, ["key"], headers: [second])
                let answer = try await exchange.send(request, within: .seconds(20), atMost: 1 << 10)
                #expect(String(decoding: answer.body, as: UTF8.self) == "one|two")
            }
        }
    }

    @Test func `nobody there is said at once`() async throws {
        var port = 0
        try await LocalServer.running { port = $0.port }
        try await ClientExchange.connected(to: "http://127.0.0.1:\(port)") { exchange in
            do throws(HTTPFault) {
                _ = try await exchange.send(HTTPRequest(.get, ["x"]), within: .seconds(20), atMost: 1)
                Issue.record("somebody answered")
            } catch {
                guard case .unreachable = error else {
                    Issue.record(error)
                    return
                }
            }
        }
    }

    @Test func `a cancelled caller does not wait`() async throws {
        try await LocalServer.running { server in
            try await ClientExchange.connected(to: "http://127.0.0.1:\(server.port)") { exchange in
                let fault = await withTaskGroup(of: HTTPFault?.self) { group in
                    group.addTask {
                        do throws(HTTPFault) {
                            _ = try await exchange.send(
                                HTTPRequest(.get, ["silent"]), within: .seconds(60), atMost: 1)
                            return nil
                        } catch {
                            return error
                        }
                    }
                    group.cancelAll()
                    return await group.next() ?? nil
                }
                #expect(fault == .cancelled)
            }
        }
    }
}
