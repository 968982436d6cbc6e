import EventModel
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Whoever read our output has gone away: `lockstep read | head`. Not a failure.
struct BrokenPipe: Error {}

/// Standard output behind a buffer. Each line is written whole; a terminal and a live reader get it at once by ``flush()``.
final class StandardOutput: Sendable {
    /// The process has one.
    static let shared = StandardOutput(descriptor: STDOUT_FILENO)
    /// Bytes that are gathered before they are written.
    private static let capacity = 65_536

    private struct State {
        var buffer: [UInt8] = []
        var isBroken = false
    }

    private let descriptor: Int32
    private let state = Mutex(State())

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Whether people read it.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Columns of the terminal; 100 where there is none.
    var width: Int { terminalWidth(descriptor) }

    /// Writes a line.
    func write(_ line: String) { write(line.utf8) }

    /// Writes bytes and a line break.
    func write(_ line: some Sequence<UInt8>) { gather(line, thenBreak: true) }

    /// Writes bytes and nothing else.
    func write(exactly bytes: some Sequence<UInt8>) { gather(bytes, thenBreak: false) }

    private func gather(_ bytes: some Sequence<UInt8>, thenBreak: Bool) {
        state.withLock { state in
            state.buffer.append(contentsOf: bytes)
            if thenBreak { state.buffer.append(UInt8(ascii: "\n")) }
            if state.buffer.count >= Self.capacity { drain(&state) }
        }
    }

    /// Writes what has been gathered.
    ///
    /// - Returns: `false` when nobody reads any more.
    func flush() -> Bool {
        state.withLock { state in
            drain(&state)
            return !state.isBroken
        }
    }

    /// Writes what has been gathered.
    ///
    /// - Throws: ``BrokenPipe`` when nobody reads any more: stop working.
    func flushOrStop() throws(BrokenPipe) {
        guard flush() else { throw BrokenPipe() }
    }

    /// Whether the reader is known to have gone away.
    var isBroken: Bool { state.withLock { $0.isBroken } }

    private func drain(_ state: inout State) {
        defer { state.buffer.removeAll(keepingCapacity: true) }
        guard !state.isBroken else { return }
        state.buffer.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: rest))
                if written >= 0 {
                    rest = rest.dropFirst(written)
                } else if errno != EINTR {
                    state.isBroken = true
                    return
                }
            }
        }
    }
}

private func terminalWidth(_ descriptor: Int32) -> Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 100 }
    return Int(size.ws_col)
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}

/// Standard error: one message at a time, unbuffered.
enum StandardError {
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Columns of the terminal; 100 where there is none.
    static var width: Int { terminalWidth(STDERR_FILENO) }

    static func write(_ line: String) { writePart(line + "\n") }

    /// Writes text without a line break, for progress on a terminal.
    static func writePart(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { systemWrite(STDERR_FILENO, $0) }
    }

    /// What went wrong and what to do, or both as one JSON object.
    static func report(_ failure: Failure, asJSON: Bool) {
        guard asJSON else {
            let style = Style(isColoured: isTerminal)
            write("\(style.bad("error:")) \(printable(failure.error))")
            write("\(style.faint("next: ")) \(printable(failure.hint))")
            return
        }
        var writer = JSONWriter()
        writer.object { object in
            object.key("error")
            object.string(failure.error)
            object.key("hint")
            object.string(failure.hint)
        }
        write(String(decoding: writer.bytes, as: UTF8.self))
    }

    /// An error names what it was given, and that must not move the cursor; its own lines stay.
    private static func printable(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { Table.printable(String($0)) }
            .joined(separator: "\n")
    }
}
