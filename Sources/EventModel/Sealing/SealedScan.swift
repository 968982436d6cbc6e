/// Finds sealed values in stored bytes without decoding JSON.
///
/// A sealed payload is canonical, so each sealed value begins with the same bytes and has its members in one order. Inside a JSON string the
/// quotes would be escaped: what is found is structure, never text that looks like it.
public enum SealedScan {
    /// One sealed value that was found. The buffer is valid inside the call only.
    public struct Mention {
        /// The subject as canonical JSON, quotes included.
        public let subject: UnsafeRawBufferPointer
        /// Which key of the subject.
        public let generation: Int32
        /// Bytes of the whole value as it is stored.
        public let byteCount: Int
    }

    private static let opening = Array(#"{"$sealed":{"ct":""#.utf8)
    private static let key = Array(#"","key":""#.utf8)
    private static let subject = Array(#"","subject":"#.utf8)
    private static let closing = Array("}}".utf8)

    /// A subject as it stands in a mention.
    public static func bytes(of subject: DataSubject) -> [UInt8] { JSONValue.string(subject.text).compactBytes() }

    /// Calls `body` with each sealed value in `bytes`, in order.
    public static func forEach(in bytes: UnsafeRawBufferPointer, _ body: (Mention) -> Void) {
        var place = 0
        while let start = next(in: bytes, from: place) {
            guard let (mention, end) = mention(in: bytes, from: start) else {
                place = start + opening.count
                continue
            }
            body(mention)
            place = end
        }
    }

    /// Whether there is any sealed value.
    public static func hasAny(in bytes: UnsafeRawBufferPointer) -> Bool { next(in: bytes, from: 0) != nil }

    /// Where the next sealed value begins. The `$` is rare in payloads, so it is what is looked for.
    private static func next(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        let sign = 2
        var place = start + sign
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "$"), holds(bytes, opening, at: place - sign) { return place - sign }
            place += 1
        }
        return nil
    }

    private static func mention(in bytes: UnsafeRawBufferPointer, from start: Int) -> (Mention, end: Int)? {
        var place = start + opening.count
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") { place += 1 }
        guard holds(bytes, key, at: place) else { return nil }
        place += key.count
        var generation: Int32 = 0
        while place < bytes.count, case let digit = bytes[place] &- UInt8(ascii: "0"), digit < 10 {
            let (shifted, overflows) = generation.multipliedReportingOverflow(by: 10)
            let (sum, exceeds) = shifted.addingReportingOverflow(Int32(digit))
            guard !overflows, !exceeds else { return nil }
            generation = sum
            place += 1
        }
        guard holds(bytes, subject, at: place) else { return nil }
        place += subject.count
        guard let end = endOfString(in: bytes, from: place), holds(bytes, closing, at: end) else { return nil }
        let name = UnsafeRawBufferPointer(rebasing: bytes[place..<end])
        let stop = end + closing.count
        return (Mention(subject: name, generation: generation, byteCount: stop - start), stop)
    }

    /// Behind the closing quote of the string that begins at `start`.
    private static func endOfString(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < bytes.count, bytes[start] == UInt8(ascii: "\"") else { return nil }
        var place = start + 1
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\\"): place += 2
            case UInt8(ascii: "\""): return place + 1
            default: place += 1
            }
        }
        return nil
    }

    private static func holds(_ bytes: UnsafeRawBufferPointer, _ part: [UInt8], at place: Int) -> Bool {
        guard place >= 0, bytes.count - place >= part.count else { return false }
        return part.indices.allSatisfy { bytes[place + $0] == part[$0] }
    }
}
