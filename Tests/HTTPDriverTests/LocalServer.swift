import NIOCore
import NIOHTTP1
import NIOPosix

/// A server on this machine that answers by path: `/echo` tells what it was asked, `/large` 100 000 bytes, `/broken` half an answer,
/// `/redirect` sends elsewhere, `/later` asks to come back,
/// `/silent` nothing at all.
struct LocalServer: Sendable {
    let port: Int

    /// Runs `body` with a server that lives as long.
    static func running(_ body: (LocalServer) async throws -> Void) async throws {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Answering())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(LocalServer(port: channel.localAddress?.port ?? 0))
            try await channel.close()
        } catch {
            try? await channel.close()
            throw error
        }
    }

    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private var head: HTTPRequestHead?
        private var body = ByteBuffer()

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): (self.head, body) = (head, ByteBuffer())
            case .body(var part): body.writeBuffer(&part)
            case .end: if let head { answer(head, context) }
            }
        }

        private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
            switch head.uri {
            case "/silent": return
            case "/large": send(ByteBuffer(repeating: 0x20, count: 100_000), context)
            case "/redirect": send(ByteBuffer(), context, status: .found, headers: ["Location": "/echo"])
            case "/later":
                send(
                    ByteBuffer(string: "later"), context, status: .tooManyRequests,
                    headers: ["Retry-After": "7", "Content-Type": "Text/HTML; charset=utf-8", "Set-Cookie": "a=b"])
            case "/key": send(ByteBuffer(string: head.headers["X-API-Key"].joined(separator: "|")), context)
            case "/broken":
                send(ByteBuffer(string: "half"), context, headers: ["Content-Length": "8"], isWhole: false)
            default:
                var text = ByteBuffer(
                    string: "\(head.method) \(head.uri) \(head.headers["Content-Type"].first ?? "-") ")
                text.writeBuffer(&body)
                send(text, context)
            }
        }

        private func send(
            _ body: ByteBuffer, _ context: ChannelHandlerContext, status: HTTPResponseStatus = .ok,
            headers: [String: String] = [:], isWhole: Bool = true
        ) {
            var fields = HTTPHeaders(headers.map { ($0.key, $0.value) })
            if headers["Content-Length"] == nil { fields.add(name: "Content-Length", value: "\(body.readableBytes)") }
            let head = HTTPResponseHead(version: .http1_1, status: status, headers: fields)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            if isWhole {
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            } else {
                context.flush()
                context.close(promise: nil)
            }
        }
    }
}
