import EventModel
import EventSourcing

/// A digest as it is printed and given back: `12:2a7d…`.
enum KeptDigest {
    static func text(_ position: GlobalPosition, _ digest: [UInt8]) -> String { "\(position):\(hexadecimal(digest))" }

    static func hexadecimal(_ digest: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// - Throws: ``Failure`` when the text is no such digest.
    static func parse(_ text: String) throws(Failure) -> LogDigest {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let position = Int64(parts[0]), position >= 1,
            let digest = bytes(parts[1]), digest.count == EventDigest.byteCount
        else {
            throw Failure(
                .usage,
                "--against is \"\(Table.printable(text, cutAt: 80))\" and must be a position, a colon and "
                    + "\(EventDigest.byteCount * 2) hexadecimal digits",
                hint: "give what `lockstep audit verify` printed behind \"keep\"")
        }
        return LogDigest(position: GlobalPosition(position), digest: digest)
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
