import EventSourcing
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Listens at an address and answers what is asked of this process, one request for each connection, within the limits of ``OperationsLimits``.
public struct OperationsServer: Service {
    private let desk: OperationsDesk
    private let address: ListenAddress
    private let limits: OperationsLimits
    private let logger: Logger
    private let isListening: @Sendable (ListenAddress) async -> Void

    /// A server that does not listen yet.
    ///
    /// - Parameter isListening: is told where, once it listens: with the port that was free where any would do.
    public init(
        _ desk: OperationsDesk, at address: ListenAddress, limits: OperationsLimits = OperationsLimits(),
        logger: Logger, isListening: @escaping @Sendable (ListenAddress) async -> Void = { _ in }
    ) {
        self.desk = desk
        self.address = address
        self.limits = limits
        self.isListening = isListening
        // What it says about each connection is nobody's concern.
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        self.logger = logger
    }

    /// Answers until it is shut down.
    ///
    /// - Throws: ``ListenFault`` when the address cannot be listened at.
    public func run() async throws {
        let server = channel.server(
            configuration: ServerConfiguration(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: .maximum(limits.connections, logger: logger)),
            onServerRunning: { [address, isListening] channel in
                let port = channel.localAddress?.port ?? address.port
                await isListening(ListenAddress(host: address.host, port: port))
            }, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        do {
            try await server.run()
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // Nothing else fails: what goes wrong with a connection ends that one.
            let isTaken = (error as? IOError)?.errnoCode == EADDRINUSE
            throw ListenFault(address, reason: isTaken ? .taken : .other("\(error)"))
        }
    }

    private var channel: HTTP1Channel {
        HTTP1Channel(
            responder: { [desk] request, writer, channel in
                let answer = await desk.answer(request.method.rawValue, request.uri.path)
                var response = Response(
                    status: .init(code: answer.status),
                    headers: [
                        .contentType: answer.contentType, .connection: "close", .cacheControl: "no-store",
                    ], body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
                if let allowed = answer.allowed { response.headers[.allow] = allowed }
                if request.method == .head { response = response.createHeadResponse() }
                try await writer.write(response: response.head, body: response.body)
                // Behind what was written; then nobody has to remember who is still there.
                channel.close(mode: .output, promise: nil)
            },
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [ConnectionDeadline(limits.connectionPatience)],
                httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                    maxHeaderFieldSize: limits.fieldBytes, maxHeaderListSize: limits.headerBytes,
                    maxHeaderFieldCount: limits.fields)))
    }
}

/// An address cannot be listened at.
public struct ListenFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// Why.
    public enum Reason: Sendable, Hashable {
        /// Somebody else listens there.
        case taken
        /// As the system says.
        case other(String)
    }

    /// Where.
    public let address: ListenAddress
    /// Why.
    public let reason: Reason

    init(_ address: ListenAddress, reason: Reason) {
        self.address = address
        self.reason = reason
    }

    /// What is wrong, and what to do.
    public var description: String {
        switch reason {
        case .taken:
            "somebody else listens at \(address); end it, choose another address with LOCKSTEP_OPERATIONS_LISTEN, or switch it off with LOCKSTEP_OPERATIONS_LISTEN=off"
        case .other(let said):
            "\(address) cannot be listened at: \(said); choose another address with LOCKSTEP_OPERATIONS_LISTEN, or switch it off with LOCKSTEP_OPERATIONS_LISTEN=off"
        }
    }
}
