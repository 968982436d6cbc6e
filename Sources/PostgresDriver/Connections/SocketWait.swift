#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Waiting for sockets without touching libpq.
enum SocketWait {
    /// Whether a read would not block: data, the end of the stream or an error. One system call.
    static func isReadable(_ socket: Int32) -> Bool {
        var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) > 0
    }

    /// Waits until `socket` can be read or written.
    ///
    /// - Returns: false after `milliseconds`, or when a signal came first.
    static func wait(_ socket: Int32, forWriting: Bool, milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: socket, events: Int16(forWriting ? POLLOUT : POLLIN), revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }

    /// Waits, without limit, until either can be read or a signal comes.
    static func waitForEither(_ one: Int32, _ other: Int32) {
        var entries = (
            pollfd(fd: one, events: Int16(POLLIN), revents: 0), pollfd(fd: other, events: Int16(POLLIN), revents: 0)
        )
        withUnsafeMutableBytes(of: &entries) { bytes in
            _ = poll(bytes.bindMemory(to: pollfd.self).baseAddress, 2, -1)
        }
    }
}
