import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix

/// The exchange over the network: keeps connections open and uses them again.
public struct ClientExchange: HTTPExchange {
    private let client: HTTPClient
    private let base: String
    private let headers: [HTTPField]

    /// How long a connection may take to come up when nobody says.
    public static let connectPatience: Duration = .seconds(3)

    /// Runs `body` with an exchange with the server at `base` (`http://host:port`, an optional path, no slash at the end), and closes
    /// its connections afterwards.
    public static func connected<Result>(
        to base: String, headers: [HTTPField] = [], _ body: (ClientExchange) async throws -> Result
    ) async throws -> Result {
        let exchange = ClientExchange(to: base, headers: headers)
        do {
            let result = try await body(exchange)
            try await exchange.close()
            return result
        } catch {
            try? await exchange.close()
            throw error
        }
    }

    /// An exchange that its owner closes.
    ///
    /// - Parameters:
    ///   - headers: what every request carries, credentials for instance.
    ///   - connectPatience: how long a connection may take to come up.
    public init(
        to base: String, headers: [HTTPField] = [], connectPatience: Duration = ClientExchange.connectPatience
    ) {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .nanoseconds(connectPatience.nanoseconds)))
        // A refused connection is an answer here; whether to try again is decided above.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        client = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
        self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
        self.headers = headers
    }

    /// Closes all connections. Every exchange must be closed once, after its last request.
    public func close() async throws { try await client.shutdown() }

    /// Sends `request` and waits for the whole answer.
    public func send(
        _ request: HTTPRequest, within timeout: Duration, atMost limit: Int
    ) async throws(HTTPFault) -> HTTPAnswer {
        do {
            let response = try await client.execute(wire(request), timeout: .nanoseconds(timeout.nanoseconds))
            let body = try await response.body.collect(upTo: limit)
            return HTTPAnswer(
                status: Int(response.status.code), headers: Self.kept(response.headers),
                body: Array(body.readableBytesView))
        } catch {
            throw Self.fault(error, timeout: timeout, limit: limit)
        }
    }

    private func wire(_ request: HTTPRequest) -> HTTPClientRequest {
        var wire = HTTPClientRequest(url: base + request.target)
        wire.method = .RAW(value: request.method.rawValue)
        wire.headers.add(name: "Accept", value: "application/json, text/plain, text/event-stream")
        for field in headers + request.headers { wire.headers.add(name: field.name, value: field.value) }
        if let body = request.body {
            wire.headers.add(name: "Content-Type", value: "application/json")
            wire.body = .bytes(ByteBuffer(bytes: body))
        }
        return wire
    }

    private static func kept(_ headers: HTTPHeaders) -> [String: String] {
        var kept: [String: String] = [:]
        for name in HTTPAnswer.headersKept {
            kept[name] = headers.first(name: name).map { String($0.prefix(HTTPAnswer.headerCharacters)) }
        }
        return kept
    }

    private static func fault(_ error: any Error, timeout: Duration, limit: Int) -> HTTPFault {
        switch error {
        case is CancellationError: .cancelled
        case is NIOTooManyBytesError: .tooLarge(limit: limit)
        case let error as HTTPClientError: fault(error, timeout: timeout)
        case let error as ChannelError: fault(error)
        case let error as NIOConnectionError: .unreachable(reason: "no connection to port \(error.port)")
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            .unreachable(reason: "the connection was refused")
        default: .brokenOff(reason: "\(type(of: error))")
        }
    }

    private static func fault(_ error: HTTPClientError, timeout: Duration) -> HTTPFault {
        switch error {
        case .cancelled: .cancelled
        case .connectTimeout, .getConnectionFromPoolTimeout: .unreachable(reason: "no connection in time")
        case .deadlineExceeded, .readTimeout: .timedOut(after: timeout)
        case .alreadyShutdown, .invalidURL, .emptyHost, .emptyScheme: .unreachable(reason: error.shortDescription)
        default: .brokenOff(reason: error.shortDescription)
        }
    }

    private static func fault(_ error: ChannelError) -> HTTPFault {
        if case .connectTimeout = error { return .unreachable(reason: "no connection in time") }
        return .brokenOff(reason: "the connection was closed")
    }
}

extension Duration {
    /// Whole nanoseconds, as far as 64 bits go.
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : product &+ attoseconds / 1_000_000_000
    }
}
