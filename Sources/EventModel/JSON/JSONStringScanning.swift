/// Strings: eight bytes at a time while they are plain, one at a time where they are not.
extension JSONScanner {
    /// Scans a string value; the cursor is at its opening quote and ends behind the closing one.
    @inline(__always)
    mutating func scanString() throws(JSONFlaw) {
        at += 1
        while true {
            while at + 8 <= end {
                let special = Self.special(in: Self.word(start, at))
                guard special == 0 else {
                    at += special.trailingZeroBitCount >> 3
                    break
                }
                at += 8
            }
            guard at < end else { throw .unexpectedEnd(wanted: .quote, at: at) }
            let byte = start[at]
            if byte == JSONByte.quote {
                at += 1
                return
            }
            try scanUnusual(byte)
        }
    }

    /// Scans a key and answers the hash of what it spells, escapes resolved.
    @inline(__always)
    mutating func scanKey() throws(JSONFlaw) -> UInt32 {
        var hash = JSONKeyHash()
        var next = at + 1
        while next + 8 <= end {
            let word = Self.word(start, next)
            let special = Self.special(in: word)
            if special == 0 {
                hash.mix(word)
                next += 8
                continue
            }
            let plain = special.trailingZeroBitCount >> 3
            guard start[next + plain] == JSONByte.quote else { break }
            at = next + plain + 1
            return hash.finish(word & ((1 << UInt64(8 * plain)) - 1), count: plain)
        }
        return try scanUnusualKey()
    }

    /// A key with escapes, letters beyond ASCII, or too close to the end of the text to read whole words.
    private mutating func scanUnusualKey() throws(JSONFlaw) -> UInt32 {
        let open = at
        try scanString()
        var content = JSONStringContent(text: start, openingQuote: open)
        var hash = JSONKeyHash()
        var word: UInt64 = 0
        var filled = 0
        while let byte = content.next() {
            word |= UInt64(byte) << UInt64(8 * filled)
            filled += 1
            guard filled == 8 else { continue }
            hash.mix(word)
            (word, filled) = (0, 0)
        }
        return hash.finish(word, count: filled)
    }

    private mutating func scanUnusual(_ byte: UInt8) throws(JSONFlaw) {
        if byte == JSONByte.backslash {
            try scanEscape()
        } else if byte >= 0x80 {
            try scanMultibyte(byte)
        } else if byte < 0x20 {
            throw .controlCharacter(byte, at: at)
        } else {
            at += 1
        }
    }

    private mutating func scanEscape() throws(JSONFlaw) {
        let backslash = at
        guard at + 1 < end else { throw .unexpectedEnd(wanted: .quote, at: end) }
        let kind = start[at + 1]
        switch kind {
        case JSONByte.quote, JSONByte.backslash, UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 2
        case UInt8(ascii: "u"):
            let unit = try scanHexadecimal()
            if unit == 0 { throw .nulEscape(at: backslash) }
            guard unit & 0xF800 == 0xD800 else { return }
            guard unit < 0xDC00, at + 1 < end, start[at] == JSONByte.backslash, start[at + 1] == UInt8(ascii: "u"),
                try scanHexadecimal() & 0xFC00 == 0xDC00
            else { throw .loneSurrogate(at: backslash) }
        default: throw .unknownEscape(kind, at: backslash)
        }
    }

    /// Reads `\uXXXX` at the cursor.
    private mutating func scanHexadecimal() throws(JSONFlaw) -> UInt32 {
        var unit: UInt32 = 0
        for index in at + 2..<at + 6 {
            guard index < end else { throw .unexpectedEnd(wanted: .hexDigit, at: end) }
            guard let digit = start[index].hexadecimalDigit else {
                throw .unexpected(start[index], wanted: .hexDigit, at: index)
            }
            unit = unit << 4 | digit
        }
        at += 6
        return unit
    }

    /// One character beyond ASCII, by table 3-7 of the Unicode standard: the second byte's range depends on the first.
    private mutating func scanMultibyte(_ lead: UInt8) throws(JSONFlaw) {
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw .malformedUTF8(at: at)
        }
        guard at + length <= end, second.contains(start[at + 1]) else { throw .malformedUTF8(at: at) }
        for index in at + 2..<max(at + length, at + 2) where start[index] & 0xC0 != 0x80 {
            throw .malformedUTF8(at: at)
        }
        at += length
    }

    @inline(__always)
    private static func word(_ start: UnsafePointer<UInt8>, _ at: Int) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(start + at).loadUnaligned(as: UInt64.self))
    }

    /// The top bit of every byte that is a quote, a backslash, a control character or beyond ASCII.
    /// Exact up to and including the first such byte (borrows may set bits above it), which is all that is asked.
    @inline(__always)
    private static func special(in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = (word ^ (ones &* 0x22)) &- ones
        let backslashes = (word ^ (ones &* 0x5C)) &- ones
        let controls = word &- (ones &* 0x20)
        return (quotes | backslashes | controls | word) & (ones &* 0x80)
    }
}

extension UInt8 {
    /// The value of a hexadecimal digit in either case.
    var hexadecimalDigit: UInt32? {
        switch self {
        case JSONByte.zero...JSONByte.nine: UInt32(self - JSONByte.zero)
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(self - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(self - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
