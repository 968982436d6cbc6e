import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The bytes of a file or of standard input as they come, read on a thread of its own so that waiting for input blocks nobody.
actor InputBytes {
    private static let chunkBytes = 1 << 18
    /// Milliseconds after which a wait for input looks whether it is still wanted.
    private static let patience: Int32 = 200

    private let name: String
    private let descriptor: Int32
    private let ownsDescriptor: Bool
    private let queue = DispatchQueue(label: "lockstep.input")
    /// Bytes that the file has; `nil` where nobody knows beforehand.
    nonisolated let total: Int64?

    /// Reads from a file; `-` is standard input.
    ///
    /// - Throws: ``Failure`` when the file cannot be opened.
    init(path: String) throws(Failure) {
        name = path == "-" ? "standard input" : path
        guard path != "-" else {
            (descriptor, ownsDescriptor, total) = (STDIN_FILENO, false, nil)
            return
        }
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        ownsDescriptor = true
        var status = stat()
        let isFile = descriptor >= 0 && fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        total = isFile ? Int64(status.st_size) : nil
        guard descriptor >= 0 else {
            throw Failure(
                .usage, "\(path) cannot be opened: \(String(cString: strerror(errno)))",
                hint: "give a file of JSON, or - for standard input")
        }
    }

    deinit {
        if ownsDescriptor, descriptor >= 0 { close(descriptor) }
    }

    /// The next bytes; `nil` at the end, or when the task is cancelled.
    func next() async throws(Failure) -> [UInt8]? {
        while !Task.isCancelled {
            switch await read() {
            case .idle: continue
            case .end: return nil
            case .chunk(let bytes): return bytes
            case .failed(let code):
                throw Failure(
                    .usage, "\(name) cannot be read: \(String(cString: strerror(code)))",
                    hint: "give a file of JSON, or - for standard input")
            }
        }
        return nil
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
