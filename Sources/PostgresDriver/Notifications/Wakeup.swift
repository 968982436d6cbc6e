#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A pipe that ends a wait for a socket from another thread.
final class Wakeup: Sendable {
    /// Becomes readable with the first ``wake()``, for good.
    let readable: Int32
    private let writable: Int32

    /// Throws when the process has no descriptor left.
    init() throws(PostgresError) {
        var ends: (Int32, Int32) = (-1, -1)
        let status = withUnsafeMutableBytes(of: &ends) { pipe($0.bindMemory(to: Int32.self).baseAddress) }
        guard status == 0 else { throw PostgresError(.connectionFailed, "no file descriptor left") }
        (readable, writable) = ends
        for end in [readable, writable] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }

    deinit {
        close(readable)
        close(writable)
    }

    func wake() {
        var byte: UInt8 = 1
        _ = write(writable, &byte, 1)
    }
}
