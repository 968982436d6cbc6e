import Glibc
import Synchronization

@testable import PostgresDriver

/// A relay in front of PostgreSQL that cuts the line when the client says a certain word: either after the server has
/// answered it, so that the answer is lost, or before the server hears it.
final class CuttingProxy: Sendable {
    enum Cut: Sendable, CaseIterable { case answer, request }

    let port: UInt16
    private let listening: Int32
    private let upstreamPort: UInt16
    private let word: [UInt8]
    private let cut: Cut

    /// Listens on a free port of the loopback interface.
    init(upstreamPort: UInt16, cutting cut: Cut, at word: String) throws {
        self.upstreamPort = upstreamPort
        self.cut = cut
        self.word = Array(word.utf8)
        let door = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(door, address, length) == 0 && listen(door, 16) == 0
                    && getsockname(door, address, &length) == 0
            }
        }
        listening = door
        port = UInt16(bigEndian: address.sin_port)
        guard bound else { throw PostgresError(.connectionFailed, "the relay cannot listen") }
    }

    deinit {
        close(listening)
    }

    /// Accepts connections until ``stop()``.
    func start() {
        _ = DetachedThread.start(stackBytes: 1 << 18) { [self] in
            while true {
                let client = accept(listening, nil, nil)
                guard client >= 0 else { return }
                relay(client)
            }
        }
    }

    func stop() {
        shutdown(listening, Int32(SHUT_RDWR))
    }

    private func relay(_ client: Int32) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(port: upstreamPort)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            close(client)
            close(server)
            return
        }
        let line = Line(client: client, server: server)
        _ = DetachedThread.start(stackBytes: 1 << 18) { [self] in relayRequests(line) }
        _ = DetachedThread.start(stackBytes: 1 << 18) { [self] in relayAnswers(line) }
    }

    private func relayRequests(_ line: Line) {
        while let bytes = Self.read(line.client) {
            if bytes.firstRange(of: word) != nil {
                if cut == .request { break }
                line.isDoomed.store(true, ordering: .releasing)
            }
            Self.write(bytes, to: line.server)
        }
        line.hangUp()
    }

    private func relayAnswers(_ line: Line) {
        while let bytes = Self.read(line.server), !line.isDoomed.load(ordering: .acquiring) {
            Self.write(bytes, to: line.client)
        }
        line.hangUp()
    }

    /// Both ends of one relayed connection, closed when both threads have let go.
    private final class Line: Sendable {
        let client: Int32
        let server: Int32
        let isDoomed = Atomic(false)

        init(client: Int32, server: Int32) {
            self.client = client
            self.server = server
        }

        func hangUp() {
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }

        deinit {
            close(client)
            close(server)
        }
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        return address
    }

    private static func read(_ socket: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = recv(socket, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : nil
    }

    private static func write(_ bytes: [UInt8], to socket: Int32) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            sent += count
        }
    }
}
