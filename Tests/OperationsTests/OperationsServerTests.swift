import EventSourcing
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import Testing

@testable import Operations

@Suite("Listening", .timeLimit(.minutes(15))) struct OperationsServerTests {
    /// Runs `body` beside a server on a free port.
    private func serving(
        _ limits: OperationsLimits = OperationsLimits(), _ body: @Sendable (ListenAddress) async throws -> Void
    ) async throws {
        let desk = OperationsDesk(
            Lookout(ScriptedSource(.success(Looks.quiet)), limits: limits), counting: MeterRegistry())
        let (addresses, told) = AsyncStream<ListenAddress>.makeStream()
        let server = OperationsServer(
            desk, at: ListenAddress(host: "127.0.0.1", port: 0), limits: limits, logger: Logger(label: "test")
        ) { told.yield($0) }
        let group = ServiceGroup(services: [server], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = addresses.makeAsyncIterator()
            let address = try #require(await iterator.next())
            let result: Result<Void, any Error>
            do { result = .success(try await body(address)) } catch { result = .failure(error) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try result.get()
        }
    }

    /// What comes back for some bytes until the server closes.
    private func exchange(
        _ bytes: String, _ address: ListenAddress,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> String {
        let channel = try await ClientBootstrap(group: group)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            // A server that has refused already may have closed: what it said can be read all the same.
            try? await outbound.write(ByteBuffer(string: bytes))
            var text = ""
            do { for try await part in inbound { text += String(buffer: part) } } catch is IOError {}
            return text
        }
    }

    /// A good request was not answered: on a busy machine a short patience may end before it is read.
    private struct Impatient: Error {}

    private func answered(
        _ bytes: String, _ address: ListenAddress,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> String {
        let answer = try await exchange(bytes, address, on: group)
        guard !answer.isEmpty else { throw Impatient() }
        return answer
    }

    /// Runs `body` beside a server with a short patience, and again with a longer one where that was too short.
    private func serving(
        _ patience: Duration, connections: Int = OperationsLimits().connections,
        _ body: @Sendable (ListenAddress) async throws -> Void
    ) async throws {
        var limits = OperationsLimits()
        (limits.connectionPatience, limits.connections) = (patience, connections)
        while true {
            do { return try await serving(limits, body) } catch is Impatient { limits.connectionPatience *= 2 }
        }
    }

    @Test func `a request is answered and the connection ended`() async throws {
        try await serving(.seconds(600)) { address in
            let answer = try await exchange("GET /ready?verbose=1 HTTP/1.1\r\nHost: x\r\n\r\n", address)
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.contains("Connection: close\r\n") && answer.contains("\"ready\":true"))
            let head = try await exchange("HEAD /ready HTTP/1.1\r\nHost: x\r\n\r\n", address)
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n") && !head.contains("ready\":"))
            let post = try await exchange("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", address)
            #expect(post.hasPrefix("HTTP/1.1 405") && post.contains("Allow: GET, HEAD\r\n"))
            #expect(try await exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n", address).hasPrefix("HTTP/1.1 404"))
        }
    }

    @Test(arguments: [
        "GET /ready HTTP/1.1\r\nHost: x\r\nX: " + String(repeating: "a", count: 100_000) + "\r\n\r\n",
        "GET /ready HTTP/1.1\r\nHost: x\r\n" + String(repeating: "A: b\r\n", count: 1_000) + "\r\n",
        "GET /ready HTTP/1.1\r\n" + String(repeating: "A: \(String(repeating: "b", count: 1_000))\r\n", count: 30)
            + "\r\n",
        "GET /" + String(repeating: "a", count: 100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
        "\u{0}\u{1}\u{2}\r\n\r\n", "GET /ready\r\n\r\n", "GET /ready HTTP/9.9\r\n\r\n", "\r\n\r\n\r\n" + "x",
    ])
    func `what is no request, or too large for one, is refused, and others are answered`(_ bytes: String) async throws {
        try await serving(.milliseconds(300)) { address in
            let answer = try await exchange(bytes, address)
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400"), "\(answer.prefix(200))")
            #expect(try await answered("GET /health HTTP/1.1\r\nHost: x\r\n\r\n", address).contains("alive"))
        }
    }

    @Test func `who sends slowly, or nothing, or a body without end, loses his connection, and keeps nobody out`()
        async throws
    {
        try await serving(.milliseconds(300), connections: 4) { address in
            try await withThrowingTaskGroup(of: String.self) { group in
                for bytes in ["", "GET /re", "GET /ready HTTP/1.1\r\nHost: x\r\nA: "] {
                    for _ in 0..<4 { group.addTask { try await exchange(bytes, address) } }
                }
                for try await answer in group { #expect(answer.isEmpty) }
            }
            let endless = "POST /ready HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\nabc"
            #expect(try await answered(endless, address).hasPrefix("HTTP/1.1 405"))
            let two = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
            #expect(try await answered(two + two, address).ranges(of: "HTTP/1.1 200").count == 1)
        }
    }

    @Test func `so many connections are served at once, and the next one waits for its turn`() async throws {
        try await serving(.milliseconds(500), connections: 1) { address in
            // Both on one loop, which hears in order what has happened.
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            // Two that come at the same moment may be let in together.
            for _ in 0..<100 {
                let first = try await ClientBootstrap(group: loop).connect(host: address.host, port: address.port).get()
                let isOver = Mutex(false)
                first.closeFuture.whenComplete { _ in isOver.withLock { $0 = true } }
                let answer = try await answered("GET /health HTTP/1.1\r\nHost: x\r\n\r\n", address, on: loop)
                #expect(answer.contains("alive"))
                if isOver.withLock({ $0 }) { return }
                try await first.close()
            }
            Issue.record("nobody has waited for his turn")
        }
    }

    @Test func `an address that is taken is named, with what to do`() async throws {
        try await serving { address in
            let second = OperationsServer(
                OperationsDesk(Lookout(FrozenSource()), counting: MeterRegistry()), at: address,
                logger: Logger(label: "test"))
            let fault = await #expect(throws: ListenFault.self) { try await second.run() }
            #expect(fault?.reason == .taken && fault?.address == address)
            #expect(fault?.description.contains("LOCKSTEP_OPERATIONS_LISTEN=off") == true)
        }
    }

    @Test func `an address that is not of this machine is refused with the system's words`() async {
        let host = "203.0.113.1"
        let server = OperationsServer(
            OperationsDesk(Lookout(FrozenSource()), counting: MeterRegistry()), at: ListenAddress(host: host, port: 0),
            logger: Logger(label: "test"))
        let fault = await #expect(throws: ListenFault.self) { try await server.run() }
        #expect(fault?.description.contains(host) == true)
    }

    @Test(arguments: [
        ("127.0.0.1:9464", "127.0.0.1", 9464), ("localhost:0", "localhost", 0), ("[::1]:65535", "::1", 65_535),
        ("0.0.0.0:80", "0.0.0.0", 80),
    ])
    func `an address is a host and a port`(_ text: String, _ host: String, _ port: Int) {
        #expect(ListenAddress(text) == ListenAddress(host: host, port: port))
        #expect(ListenAddress(text)?.description == text)
    }

    @Test(arguments: [
        "", ":", "9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "h:-1", "h:+1", "h: 1", "::1:80",
        "h:1x",
        "http://h:80", "h/x:1", "a b:1", "h:00000001", "h\n:1", "[]:1", String(repeating: "h", count: 300) + ":1",
    ])
    func `what is none is refused`(_ text: String) { #expect(ListenAddress(text) == nil) }
}
