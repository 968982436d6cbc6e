import AsyncHTTPClient
import NIOCore
import NIOPosix

/// The exchange over the network: keeps connections open and uses them again.
public struct ClientExchange: HTTPExchange {
    private let client: HTTPClient
    private let base: String
    private let authorization: String?

    /// Runs `body` with an exchange with the server at `base` (`http://host:port`, an optional path, no slash at the end), and closes
    /// its connections afterwards.
    public static func connected<Result>(
        to base: String, authorization: String? = nil, _ body: (ClientExchange) async throws -> Result
    ) async throws -> Result {
        let exchange = ClientExchange(to: base, authorization: authorization)
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
    /// - Parameter authorization: the value of the header `Authorization` (`Bearer …`), where the server's policy asks for one.
    public init(to base: String, authorization: String? = nil) {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .nanoseconds(ParlantLimits.connectPatience.nanoseconds)))
        // A refused connection is an answer here; whether to try again is decided above.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        client = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
        self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
        self.authorization = authorization
    }

    /// Closes all connections. Every exchange must be closed once, after its last request.
    public func close() async throws { try await client.shutdown() }

    /// Sends `request` and waits for the whole answer.
    public func send(
        _ request: ParlantRequest, within timeout: Duration, atMost limit: Int
    ) async throws(ExchangeFault) -> ParlantAnswer {
        do {
            let response = try await client.execute(wire(request), timeout: .nanoseconds(timeout.nanoseconds))
            let body = try await response.body.collect(upTo: limit)
            return ParlantAnswer(status: Int(response.status.code), body: Array(body.readableBytesView))
        } catch {
            throw Self.fault(error, timeout: timeout, limit: limit)
        }
    }

    private func wire(_ request: ParlantRequest) -> HTTPClientRequest {
        var wire = HTTPClientRequest(url: base + request.target)
        wire.method = .RAW(value: request.method.rawValue)
        wire.headers.add(name: "Accept", value: "application/json, text/plain, text/event-stream")
        if let authorization { wire.headers.add(name: "Authorization", value: authorization) }
        if let body = request.body {
            wire.headers.add(name: "Content-Type", value: "application/json")
            wire.body = .bytes(ByteBuffer(bytes: body.compactBytes()))
        }
        return wire
    }

    private static func fault(_ error: any Error, timeout: Duration, limit: Int) -> ExchangeFault {
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

    private static func fault(_ error: HTTPClientError, timeout: Duration) -> ExchangeFault {
        switch error {
        case .cancelled: .cancelled
        case .connectTimeout, .getConnectionFromPoolTimeout: .unreachable(reason: "no connection in time")
        case .deadlineExceeded, .readTimeout: .timedOut(after: timeout)
        case .alreadyShutdown, .invalidURL, .emptyHost, .emptyScheme: .unreachable(reason: error.shortDescription)
        default: .brokenOff(reason: error.shortDescription)
        }
    }

    private static func fault(_ error: ChannelError) -> ExchangeFault {
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
