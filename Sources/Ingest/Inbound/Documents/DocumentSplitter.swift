import EventSourcing

/// Finds the payloads of a file as its bytes come, without reading it whole.
///
/// A file is one of three things, told by its beginning: an array, whose elements are the payloads; lines, when its first line is a complete
/// value; else one value after the other, however they are laid out. In lines a broken one harms no other.
public struct DocumentSplitter: Sendable {
    /// A payload, or what stands where one should be.
    public struct Piece: Sendable, Equatable {
        /// The line that it begins in, counted from 1.
        public let line: Int
        /// Its bytes, as far as they are kept: none when there are more than the limit.
        public let bytes: [UInt8]
        /// How many bytes it has.
        public let count: Int
    }

    private enum Shape: Sendable {
        case unknown, lines, array, values
    }

    private let limit: Int
    private var shape = Shape.unknown
    private var piece: [UInt8] = []
    private var count = 0
    private var line = 1
    private var beginning = 1
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var found: [Piece] = []

    /// A splitter.
    ///
    /// - Parameter limit: bytes of a payload that are kept.
    public init(limit: Int = InboundLimits.payloadBytes) {
        self.limit = limit
    }

    /// Takes the next bytes of the file.
    ///
    /// - Returns: the payloads that end in them.
    public mutating func take(_ bytes: some Sequence<UInt8>) -> [Piece] {
        for byte in bytes {
            switch shape {
            case .unknown: takeFirst(byte)
            case .lines: takeOfLine(byte)
            case .array: takeOfArray(byte)
            case .values: takeOfValue(byte)
            }
            if byte == UInt8(ascii: "\n") { line += 1 }
        }
        defer { found = [] }
        return found
    }

    /// The file ends.
    ///
    /// - Returns: what is left, whole or cut off.
    public mutating func finish() -> [Piece] {
        emit()
        defer { found = [] }
        return found
    }

    /// Until the first line ends, everything is possible but an array, which shows at once.
    private mutating func takeFirst(_ byte: UInt8) {
        if count == 0 {
            if Self.isBlank(byte) || isByteOrderMark(byte) { return }
            if byte == UInt8(ascii: "[") {
                shape = .array
                return
            }
        }
        add(byte)
        scan(byte)
        guard byte == UInt8(ascii: "\n") else { return }
        if depth <= 0, !isInString {
            shape = .lines
            emit()
        } else {
            shape = .values
        }
    }

    private func isByteOrderMark(_ byte: UInt8) -> Bool { line == 1 && [0xEF, 0xBB, 0xBF].contains(byte) }

    private mutating func takeOfLine(_ byte: UInt8) {
        guard byte == UInt8(ascii: "\n") else {
            if count > 0 || !Self.isBlank(byte) { add(byte) }
            return
        }
        emit()
    }

    private mutating func takeOfArray(_ byte: UInt8) {
        if depth == 0, !isInString {
            if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") { return emit() }
            if count == 0, Self.isBlank(byte) { return }
        }
        add(byte)
        scan(byte)
    }

    private mutating func takeOfValue(_ byte: UInt8) {
        if count == 0, Self.isBlank(byte) { return }
        add(byte)
        scan(byte)
        if depth <= 0, !isInString, byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") { emit() }
    }

    private mutating func scan(_ byte: UInt8) {
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            return
        }
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        default: break
        }
    }

    private mutating func add(_ byte: UInt8) {
        if count == 0 { beginning = line }
        count += 1
        if count <= limit { piece.append(byte) } else { piece = [] }
    }

    private mutating func emit() {
        defer {
            (piece, count, depth) = ([], 0, 0)
            (isInString, isEscaped) = (false, false)
        }
        while let last = piece.last, Self.isBlank(last) {
            piece.removeLast()
            count -= 1
        }
        guard count > 0 else { return }
        found.append(Piece(line: beginning, bytes: piece, count: count))
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
    }
}
