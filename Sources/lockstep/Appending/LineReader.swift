/// Lines of a file or of standard input.
actor LineReader {
    /// Bytes of a line at most: an event at the limit whose every byte is escaped.
    static let lineBytes = 8 << 20

    enum Line: Sendable, Equatable {
        case bytes([UInt8])
        /// Longer than ``LineReader/lineBytes``; its bytes were passed over.
        case tooLong
    }

    private let input: InputBytes
    private var buffer: [UInt8] = []
    private var start = 0
    /// No line ends before this index.
    private var searched = 0
    private var isSkipping = false
    private var isAtEnd = false

    /// Reads from a file; `-` is standard input.
    ///
    /// - Throws: ``Failure`` when the file cannot be opened.
    init(path: String) throws(Failure) { input = try InputBytes(path: path) }

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
        guard let bytes = try await input.next() else {
            // What a cancelled reader has not seen the end of is no line.
            isAtEnd = !Task.isCancelled
            return
        }
        buffer.append(contentsOf: bytes)
    }
}
