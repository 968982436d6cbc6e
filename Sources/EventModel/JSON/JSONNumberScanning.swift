/// Numbers: JSON's grammar, then the range of PostgreSQL's `numeric`.
extension JSONScanner {
    /// Scans a number at the cursor.
    mutating func scanNumber() throws(JSONFlaw) {
        let first = at
        if start[at] == JSONByte.minus { at += 1 }
        let whole = try scanWhole()
        var fraction = 0
        if at < end, start[at] == JSONByte.dot {
            at += 1
            fraction = try scanDigits()
        }
        var exponent = 0
        if at < end, start[at] | 0x20 == UInt8(ascii: "e") { exponent = try scanExponent() }
        guard at == end || !start[at].continuesWord else {
            throw .unexpected(start[at], wanted: .endOfNumber, at: at)
        }
        if whole <= 1024, fraction <= 1024, exponent == 0 { return }
        guard NumericRange.holds(start, first, at, whole: whole, fraction: fraction, exponent: exponent) else {
            throw .numberOutOfRange(at: first)
        }
    }

    private mutating func scanWhole() throws(JSONFlaw) -> Int {
        if at < end, start[at] == JSONByte.zero {
            at += 1
            return 1
        }
        return try scanDigits()
    }

    /// Scans at least one digit and answers how many there were.
    @inline(__always)
    private mutating func scanDigits() throws(JSONFlaw) -> Int {
        let first = at
        while at < end, start[at] &- JSONByte.zero <= 9 { at += 1 }
        guard at > first else {
            throw at < end ? .unexpected(start[at], wanted: .digit, at: at) : .unexpectedEnd(wanted: .digit, at: at)
        }
        return at - first
    }

    /// Scans `e`, a sign and digits. Stops counting far beyond every limit.
    private mutating func scanExponent() throws(JSONFlaw) -> Int {
        at += 1
        var negative = false
        if at < end, start[at] == JSONByte.minus || start[at] == JSONByte.plus {
            negative = start[at] == JSONByte.minus
            at += 1
        }
        let first = at
        _ = try scanDigits()
        var exponent = 0
        for index in first..<at where exponent <= NumericRange.exponentLimit {
            exponent = exponent * 10 + Int(start[index] - JSONByte.zero)
        }
        return negative ? -exponent : exponent
    }
}

/// What PostgreSQL's `numeric` can hold, as its input function counts.
enum NumericRange {
    /// Digits that may stand before the decimal point.
    static let wholeDigits = 131_072
    /// Digits that may stand behind the decimal point, trailing zeros included.
    static let fractionDigits = 16_383
    /// The first exponent that is refused whatever it is applied to (half of the largest 32-bit integer).
    static let exponentLimit = 1_073_741_823

    /// Whether the number written at `first..<behind` fits.
    static func holds(
        _ text: UnsafePointer<UInt8>, _ first: Int, _ behind: Int, whole: Int, fraction: Int, exponent: Int
    ) -> Bool {
        guard abs(exponent) < exponentLimit, fraction - exponent <= fractionDigits else { return false }
        let digits = text[first] == JSONByte.minus ? first + 1 : first
        var passed = 0
        for index in digits..<behind {
            let byte = text[index]
            if byte == JSONByte.dot { continue }
            guard byte &- JSONByte.zero <= 9 else { break }
            // The power of ten of the first digit that counts decides; zero fits always.
            if byte != JSONByte.zero { return whole - passed + exponent <= wholeDigits }
            passed += 1
        }
        return true
    }
}

extension UInt8 {
    /// Whether this byte, right behind a number, would make PostgreSQL take both for one malformed word.
    fileprivate var continuesWord: Bool {
        switch self {
        case JSONByte.zero...JSONByte.nine, UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }
}
