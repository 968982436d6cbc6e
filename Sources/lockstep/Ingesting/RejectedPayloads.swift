import EventModel
import EventSourcing
import Foundation
import Ingest
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where refused payloads go: a file, each as a line with its reason; or standard error, where the reasons are told.
final class RejectedPayloads: Sendable {
    private let descriptor: Int32?
    private let path: String
    private let asJSON: Bool
    private let buffer = Mutex<[UInt8]>([])

    /// - Parameter path: the file, which is written anew; `nil` is standard error.
    init(path: String?, asJSON: Bool) throws(Failure) {
        self.path = path ?? "standard error"
        self.asJSON = asJSON
        guard let path else {
            descriptor = nil
            return
        }
        let opened = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            throw Failure(
                .usage, "\(path) cannot be written: \(String(cString: strerror(errno)))", hint: "name another file")
        }
        descriptor = opened
    }

    deinit {
        if let descriptor { close(descriptor) }
    }

    /// Keeps a payload with the reason why it is refused.
    func keep(_ piece: DocumentSplitter.Piece, of file: String, _ rejection: InboundRejection) throws(Failure) {
        guard descriptor != nil || asJSON else {
            let place = Table.printable("\(file):\(piece.line)")
            return StandardError.write(
                "\(place): refused (\(rejection.code.rawValue)): \(Table.printable(rejection.reason))")
        }
        let line = Self.line(piece, of: file, rejection, withContent: descriptor != nil)
        guard descriptor != nil else { return StandardError.write(String(decoding: line, as: UTF8.self)) }
        buffer.withLock { $0 += line + [UInt8(ascii: "\n")] }
    }

    /// Writes what has been gathered.
    ///
    /// - Throws: ``Failure`` when it cannot be written: the payloads must not be lost.
    func flush() throws(Failure) {
        guard let descriptor else { return }
        let bytes = buffer.withLock { buffer in
            defer { buffer = [] }
            return buffer
        }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else {
                throw Failure(
                    .environment, "\(path) cannot be written: \(String(cString: strerror(errno)))",
                    hint: "make room and ingest the file again; what is in the log is recognised")
            }
            written += max(0, count)
        }
    }

    /// One object; the payload as text, or in Base64 where it is none.
    private static func line(
        _ piece: DocumentSplitter.Piece, of file: String, _ rejection: InboundRejection, withContent: Bool
    ) -> [UInt8] {
        let text = String(validating: piece.bytes, as: UTF8.self)
        return Answers.line { object in
            object.member("file", file)
            object.member("line", piece.line)
            object.member("code", rejection.code.rawValue)
            object.member("reason", rejection.reason)
            object.member("kind", rejection.kind)
            object.member("bytes", piece.count)
            guard withContent else { return }
            object.member("payload", text)
            object.member("payload_base64", text == nil ? Data(piece.bytes).base64EncodedString() : nil)
        }
    }
}
