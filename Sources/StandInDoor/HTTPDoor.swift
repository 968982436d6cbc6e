import EventModel
import NIOCore
import NIOHTTP1
import NIOPosix

/// Listens, and passes whole requests to whoever lives behind it.
package struct HTTPDoor: Sendable {
    /// The largest body, in bytes.
    package static let bodyLimit = 8 << 20

    /// What listens.
    package let channel: any Channel

    /// The port that is listened on.
    package var port: Int { channel.localAddress?.port ?? 0 }

    /// Listens on `host`; a port of 0 is one that is free.
    package static func open(
        _ house: any Household, host: String, port: Int, on group: any EventLoopGroup
    ) async throws -> HTTPDoor {
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // No pipelining assistance: it would not let an answer be sent twice.
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try channel.pipeline.syncOperations.addHandler(Gathering(house))
                }
            }
            .bind(host: host, port: port).get()
        return HTTPDoor(channel: channel)
    }

    /// Listens no more.
    package func close() async throws { try await channel.close() }
}

/// Who answers requests.
package protocol Household: AnyObject, Sendable {
    /// Takes a request; `complete` is called once, maybe later, maybe at once.
    func take(_ request: Request, _ complete: @escaping Completion)
}

/// What becomes of a request.
package enum Reaction: Sendable, Equatable {
    /// It is answered.
    case reply(Reply)
    /// It is answered twice.
    case twice(Reply)
    /// Half of the answer is sent, and the connection closed.
    case half(Reply)
    /// The connection is closed.
    case hangUp
    /// Nothing, until the caller gives up.
    case silence
}

/// Who is told what becomes of a request.
package typealias Completion = @Sendable (Reaction) -> Void

/// Gathers a request and writes what becomes of it.
private final class Gathering: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart
    private let house: any Household
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isTooLarge = false

    init(_ house: any Household) { self.house = house }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): (self.head, body, isTooLarge) = (head, [], false)
        case .body(let part):
            isTooLarge = isTooLarge || body.count + part.readableBytes > HTTPDoor.bodyLimit
            if !isTooLarge { body += part.readableBytesView }
        case .end: if let head { pass(head, context) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func pass(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        let complete: Completion = { reaction in
            loop.execute { Self.react(reaction, bound.value, keepAlive: head.isKeepAlive) }
        }
        guard !isTooLarge else {
            return complete(.reply(.refusal(413, "PAYLOAD_TOO_LARGE", "more than \(HTTPDoor.bodyLimit) bytes")))
        }
        house.take(
            Request(
                method: head.method.rawValue, target: head.uri,
                fields: Dictionary(
                    head.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first }),
                body: body), complete)
    }

    private static func react(_ reaction: Reaction, _ context: ChannelHandlerContext, keepAlive: Bool) {
        switch reaction {
        case .silence: return
        case .hangUp: context.close(promise: nil)
        case .reply(let reply): write(reply, context, isWhole: true, keepAlive: keepAlive)
        case .twice(let reply):
            write(reply, context, isWhole: true, keepAlive: true)
            write(reply, context, isWhole: true, keepAlive: keepAlive)
        case .half(let reply): write(reply, context, isWhole: false, keepAlive: false)
        }
    }

    private static func write(_ reply: Reply, _ context: ChannelHandlerContext, isWhole: Bool, keepAlive: Bool) {
        var headers = HTTPHeaders(reply.headers.map { ($0.key, $0.value) })
        headers.add(name: "Content-Type", value: reply.contentType)
        headers.add(name: "Content-Length", value: "\(reply.body.count)")
        if !keepAlive { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status), headers: headers)
        let sent = isWhole ? reply.body[...] : reply.body.prefix(reply.body.count / 2)
        context.write(NIOAny(HTTPServerResponsePart.head(head)), promise: nil)
        context.write(NIOAny(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: sent)))), promise: nil)
        guard isWhole else {
            context.flush()
            context.close(promise: nil)
            return
        }
        context.writeAndFlush(NIOAny(HTTPServerResponsePart.end(nil)), promise: nil)
        if !keepAlive { context.close(promise: nil) }
    }
}
