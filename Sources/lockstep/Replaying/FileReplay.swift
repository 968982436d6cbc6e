import EventModel
import EventSourcing
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Replays to a file: one line of JSON for each event, as `lockstep read --json` prints it.
///
/// Whoever is killed leaves whole lines and at most a torn one at the end. Resuming cuts that off and goes on behind the last whole line,
/// so the file is the same as if nobody had been killed.
actor FileReplay: ReplayTarget {
    /// Bytes that are gathered before they are written.
    private static let chunkBytes = 1 << 18
    /// Bytes that may be in the hands of the system alone; what a power cut can cost.
    private static let syncBytes = 64 << 20

    private let path: String
    private var descriptor: Int32 = -1
    private var buffer: [UInt8] = []
    private var unsynced = 0
    /// Where the whole lines of an earlier run end, until what stands behind them is cut off.
    private var wholeBytes: off_t?

    init(_ path: String) {
        self.path = path
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func open(resuming isResuming: Bool) async throws(ReplayFault) -> ReplayResumption {
        let mode = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (isResuming ? 0 : O_EXCL)
        descriptor = openFile(path, mode, 0o644)
        guard descriptor >= 0 else {
            guard errno == EEXIST else { throw broken() }
            throw .refused(
                reason: "\(path) exists already",
                cure: "name another file, or give --resume when an earlier run of this replay has written it")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw .refused(reason: "another replay writes to \(path)", cure: "wait for it, or name another file")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw broken() }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .refused(reason: "\(path) is no ordinary file", cure: "use --to stdout for pipes and devices")
        }
        guard isResuming else { return .nothing }
        return try resumption(size: status.st_size)
    }

    func write(_ batch: ReplayBatch) async throws(ReplayFault) {
        try cutTornLine()
        for event in batch.replayed {
            buffer += EventJSON.line(event)
            buffer.append(UInt8(ascii: "\n"))
            if buffer.count >= Self.chunkBytes { try drain() }
        }
        try drain()
    }

    func finish() async throws(ReplayFault) {
        guard descriptor >= 0 else { return }
        try cutTornLine()
        try drain()
        try sync()
        close(descriptor)
        descriptor = -1
    }

    /// What stands in the file. Nothing is cut off before the last whole line is known to be the log's.
    private func resumption(size: off_t) throws(ReplayFault) -> ReplayResumption {
        let ending = try FileEnding.read(descriptor, size: size, path: path)
        wholeBytes = ending.wholeBytes
        guard let mark = ending.mark else { return .nothing }
        return ReplayResumption(after: mark.position, marks: [mark])
    }

    private func cutTornLine() throws(ReplayFault) {
        guard let end = wholeBytes.take() else { return }
        guard ftruncate(descriptor, end) == 0, lseek(descriptor, 0, SEEK_END) == end else { throw broken() }
    }

    private func drain() throws(ReplayFault) {
        defer { buffer.removeAll(keepingCapacity: true) }
        let failure: Int32 = buffer.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = writeFile(descriptor, UnsafeRawBufferPointer(rebasing: rest))
                if written >= 0 {
                    rest = rest.dropFirst(written)
                } else if errno != EINTR {
                    return errno
                }
            }
            return 0
        }
        guard failure == 0 else { throw broken(failure) }
        unsynced += buffer.count
        if unsynced >= Self.syncBytes { try sync() }
    }

    private func sync() throws(ReplayFault) {
        guard fsync(descriptor) == 0 else { throw broken() }
        unsynced = 0
    }

    private func broken(_ code: Int32 = errno) -> ReplayFault {
        .unavailable(target: path, reason: String(cString: strerror(code)))
    }
}

private func openFile(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 { open(path, flags, mode) }

private func writeFile(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
