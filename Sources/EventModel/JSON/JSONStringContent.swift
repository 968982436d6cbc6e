/// The bytes that a string spells, escapes resolved. For strings that the door has let in.
struct JSONStringContent: IteratorProtocol {
    private let text: UnsafePointer<UInt8>
    /// The next raw byte; behind the closing quote when all is read.
    private(set) var at: Int
    /// The bytes of a resolved escape that are still to be delivered, first in the lowest byte.
    private var pending: UInt32 = 0

    init(text: UnsafePointer<UInt8>, openingQuote: Int) {
        self.text = text
        at = openingQuote + 1
    }

    /// The string whose opening quote is at `openingQuote`.
    static func string(_ text: UnsafePointer<UInt8>, openingQuote: Int) -> String {
        var content = JSONStringContent(text: text, openingQuote: openingQuote)
        return content.remainder()
    }

    /// Everything that is left, as one string; the cursor ends behind the closing quote.
    mutating func remainder() -> String {
        var behind = at
        while text[behind] != JSONByte.quote, text[behind] != JSONByte.backslash { behind += 1 }
        if text[behind] == JSONByte.quote, pending == 0 {
            defer { at = behind + 1 }
            return String(decoding: UnsafeBufferPointer(start: text + at, count: behind - at), as: UTF8.self)
        }
        var bytes: [UInt8] = []
        while let byte = next() { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }

    mutating func next() -> UInt8? {
        if pending != 0 {
            defer { pending >>= 8 }
            return UInt8(truncatingIfNeeded: pending)
        }
        let byte = text[at]
        switch byte {
        case JSONByte.quote:
            at += 1
            return nil
        case JSONByte.backslash: return resolve()
        default:
            at += 1
            return byte
        }
    }

    private mutating func resolve() -> UInt8 {
        let kind = text[at + 1]
        at += 2
        switch kind {
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"): return resolveUnit()
        default: return kind
        }
    }

    /// Resolves the digits behind `\u`, with the second half of a pair if this is a first half.
    private mutating func resolveUnit() -> UInt8 {
        var scalar = unit(at: at)
        at += 4
        if scalar & 0xFC00 == 0xD800 {
            scalar = 0x10000 + ((scalar & 0x3FF) << 10 | unit(at: at + 2) & 0x3FF)
            at += 6
        }
        let (first, rest) = Self.utf8(scalar)
        pending = rest
        return first
    }

    private func unit(at index: Int) -> UInt32 {
        (index..<index + 4).reduce(0) { $0 << 4 | (text[$1].hexadecimalDigit ?? 0) }
    }

    /// The first byte of a scalar in UTF-8, and the others with the next one lowest. The others are never zero.
    private static func utf8(_ scalar: UInt32) -> (UInt8, UInt32) {
        let last = 0x80 | scalar & 0x3F
        let middle = 0x80 | (scalar >> 6) & 0x3F
        let upper = 0x80 | (scalar >> 12) & 0x3F
        switch scalar {
        case ..<0x80: return (UInt8(truncatingIfNeeded: scalar), 0)
        case ..<0x800: return (UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6), last)
        case ..<0x10000: return (UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12), middle | last << 8)
        default: return (UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18), upper | middle << 8 | last << 16)
        }
    }
}
