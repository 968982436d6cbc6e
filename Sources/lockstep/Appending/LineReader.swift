import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Lines of a file or of standard input, read on a thread of its own so that waiting for input blocks nobody.
actor LineReader {
    /// Bytes of a line at most: an event at the limit whose every byte is escaped.
    static let lineBytes = 8 << 20
    private static let chunkBytes = 1 << 18
    /// Milliseconds after which a wait for input looks whether it is still wanted.
    private static let patience: Int32 = 200

    enum Line: Sendable, Equatable {
        case bytes([UInt8])
        /// Longer than ``LineReader/lineBytes``; its bytes were passed over.
        case tooLong
    }

    private let name: String
    private let descriptor: Int32
    private let ownsDescriptor: Bool
    private let queue = DispatchQueue(label: "lockstep.lines")
    private var buffer: [UInt8] = []
    private var start = 0
    /// No line ends before this index.
    private var searched = 0
    private var isSkipping = false
    private var isAtEnd = false

    /// Reads from a file; `-` is standard input.
    ///
    /// - Throws: ``Failure`` when the file cannot be opened.
    init(path: String) throws(Failure) {
        name = path == "-" ? "standard input" : path
        guard path != "-" else {
            descriptor = STDIN_FILENO
            ownsDescriptor = false
            return
        }
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        ownsDescriptor = true
        guard descriptor >= 0 else {
            throw Failure(
                .usage, "\(path) cannot be opened: \(String(cString: strerror(errno)))",
                hint: "give a file of JSON lines, or - for standard input")
        }
    }

    deinit {
        if ownsDescriptor, descriptor >= 0 { close(descriptor) }
    }

    /// At least one line and at most `limit`; empty at the end, or when the task is cancelled. Blank lines count: numbers must agree with
    /// those of an editor.
    func next(_ limit: Int) async throws(Failure) -> [Line] {
        var lines: [Line] = []
        while lines.count < limit {
            if let line = takeLine() {
                lines.append(line)
                continue
            }
            guard lines.isEmpty, !isAtEnd, !Task.isCancelled else { break }
            try await fill()
        }
        return lines
    }

    private func takeLine() -> Line? {
        if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
            defer {
                start = end + 1
                searched = start
            }
            return finish(buffer[start..<end])
        }
        searched = buffer.count
        if isSkipping || buffer.count - start > Self.lineBytes {
            isSkipping = true
            start = buffer.count
        }
        guard isAtEnd, start < buffer.count || isSkipping else { return nil }
        defer { start = buffer.count }
        return finish(buffer[start...])
    }

    private func finish(_ bytes: ArraySlice<UInt8>) -> Line {
        let isTooLong = isSkipping || bytes.count > Self.lineBytes
        isSkipping = false
        return isTooLong ? .tooLong : .bytes(Array(bytes))
    }

    private func fill() async throws(Failure) {
        if start > 0 {
            buffer.removeFirst(start)
            searched -= start
            start = 0
        }
        switch await read() {
        case .idle: break
        case .end: isAtEnd = true
        case .chunk(let bytes): buffer.append(contentsOf: bytes)
        case .failed(let code):
            throw Failure(
                .usage, "\(name) cannot be read: \(String(cString: strerror(code)))",
                hint: "give a file of JSON lines, or - for standard input")
        }
    }

    private enum Reading: Sendable {
        case idle, end
        case chunk([UInt8])
        case failed(Int32)
    }

    private func read() async -> Reading {
        let descriptor = descriptor
        return await withCheckedContinuation { waiting in
            queue.async { waiting.resume(returning: Self.read(descriptor)) }
        }
    }

    private static func read(_ descriptor: Int32) -> Reading {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, patience) != 0 else { return .idle }
        var code: Int32 = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: chunkBytes) { bytes, count in
            let got = systemRead(descriptor, bytes.baseAddress, chunkBytes)
            count = max(0, got)
            code = got < 0 ? errno : 0
        }
        guard code == 0 else { return code == EINTR || code == EAGAIN ? .idle : .failed(code) }
        return chunk.isEmpty ? .end : .chunk(chunk)
    }
}

private func systemRead(_ descriptor: Int32, _ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int) -> Int {
    read(descriptor, bytes, count)
}
