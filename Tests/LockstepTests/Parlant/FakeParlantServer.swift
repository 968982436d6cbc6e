import EventModel
import NIOCore
import NIOHTTP1
import NIOPosix

/// A ``FakeParlant`` on a port of this machine.
struct FakeParlantServer: Sendable {
    let world: FakeParlant
    let port: Int
    var url: String { "http://127.0.0.1:\(port)" }

    /// Runs `body` with a server that lives as long.
    static func running(
        _ world: FakeParlant = FakeParlant(), _ body: (FakeParlantServer) async throws -> Void
    ) async throws {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Answering(world))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(FakeParlantServer(world: world, port: channel.localAddress?.port ?? 0))
            try await channel.close()
        } catch {
            try? await channel.close()
            throw error
        }
    }

    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let world: FakeParlant
        private var head: HTTPRequestHead?
        private var body = ByteBuffer()

        init(_ world: FakeParlant) { self.world = world }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): (self.head, body) = (head, ByteBuffer())
            case .body(var part): body.writeBuffer(&part)
            case .end: if let head { answer(head, context) }
            }
        }

        private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
            let parts = head.uri.split(separator: "?", maxSplits: 1).map(String.init)
            let query = parts.count > 1 ? parts[1] : ""
            let path = parts[0].split(separator: "/").map(String.init)
            let value = try? JSONValue(Array(body.readableBytesView), limits: .file)
            guard let (status, answer) = world.answer(head.method.rawValue, path, query, value) else {
                return context.close(promise: nil)
            }
            let bytes = ByteBuffer(bytes: answer.compactBytes())
            let fields: HTTPHeaders = ["Content-Length": "\(bytes.readableBytes)", "Content-Type": "application/json"]
            let head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: fields)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
