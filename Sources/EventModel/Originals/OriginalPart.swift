import FoundationEssentials

/// A part of an imported file, as large as one event takes.
public struct OriginalPart: Equatable, Sendable {
    /// Which part this is, from 1.
    public let number: Int
    /// How many there are.
    public let count: Int
    /// The part's bytes as base64, or the hidden form of it.
    public let data: JSONValue

    /// A part.
    public init(number: Int, count: Int, data: JSONValue) {
        self.number = number
        self.count = count
        self.data = data
    }

    /// A file in parts of at most ``OriginalLimits/partBytes``; `nil` for one that is larger than ``OriginalLimits/fileBytes``.
    public static func cutting(_ bytes: [UInt8]) -> [OriginalPart]? {
        guard bytes.count <= OriginalLimits.fileBytes else { return nil }
        let size = OriginalLimits.partBytes
        let count = (bytes.count + size - 1) / size
        return (0..<count).map { index in
            let slice = bytes[index * size..<min((index + 1) * size, bytes.count)]
            return OriginalPart(number: index + 1, count: count, data: base64(slice))
        }
    }

    /// Bytes as events hold them.
    public static func base64(_ bytes: some Sequence<UInt8>) -> JSONValue {
        .string(Data(bytes).base64EncodedString())
    }

    /// The bytes that ``base64(_:)`` made a value of.
    static func bytes(_ data: JSONValue) throws(OriginalFlaw) -> [UInt8] {
        if let subject = data.erasedSubject { throw .erased(subject: subject) }
        guard !data.isHidden else { throw .sealed }
        guard let text = data.string, let decoded = Data(base64Encoded: text) else { throw .damaged }
        return [UInt8](decoded)
    }
}
