/// A JSON number as it was spelled, of any precision.
///
/// Equality is of spelling: `1` and `1.0` differ. ``canonical`` has one spelling per value.
public struct JSONNumber: Sendable, Hashable {
    /// The number in JSON's grammar.
    public let lexeme: String

    /// A whole number.
    public init(_ value: some BinaryInteger) { lexeme = String(value) }

    /// The number spelled `lexeme`.
    /// - Returns: `nil` unless the door would accept it (grammar and range).
    public init?(_ lexeme: String) {
        let bytes = Array(lexeme.utf8)
        guard let first = bytes.first, first == JSONByte.minus || first &- JSONByte.zero <= 9 else { return nil }
        guard bytes.last.map({ $0 &- JSONByte.zero <= 9 }) == true else { return nil }
        guard (try? JSONDoor.validate(bytes)) != nil else { return nil }
        self.lexeme = lexeme
    }

    /// The shortest spelling of `value` that reads back as the same double.
    /// - Returns: `nil` for infinities and NaN, which JSON cannot say.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        self.init("\(value)")
    }

    /// For readers that have been through the door.
    init(trusted lexeme: String) { self.lexeme = lexeme }

    /// The value, if it is whole (`1.0` and `1e2` are) and fits.
    public var int: Int? { Int(lexeme) ?? Int(canonical) }

    /// The nearest double; infinite beyond its range.
    public var double: Double { Double(lexeme) ?? .nan }

    /// The one spelling of this value: equal numbers, and only they, have the same. Nothing is rounded.
    ///
    /// The layout is ECMAScript's, so a number that a double can hold in its shortest form comes out as RFC 8785 wants:
    /// plain digits from 1e-6 up to 21 digits, beyond that `1.5e+21`; no trailing zeros, no `-0`. Digits
    /// that a double could not hold are all kept, where RFC 8785 would round them.
    public var canonical: String {
        guard Self.isPlainInteger(lexeme) else { return DecimalParts(lexeme).ecmaScript }
        return lexeme
    }

    /// The same value in its canonical spelling.
    public var canonicalized: JSONNumber {
        Self.isPlainInteger(lexeme) ? self : JSONNumber(trusted: DecimalParts(lexeme).ecmaScript)
    }

    /// Whether the spelling is the canonical one.
    var isCanonical: Bool { Self.isPlainInteger(lexeme) || lexeme == canonical }

    /// Whether the spelling is that of a whole number which is canonical already, to spare the work.
    private static func isPlainInteger(_ lexeme: String) -> Bool {
        let text = lexeme.utf8
        let isNegative = text.first == JSONByte.minus
        guard text.count <= (isNegative ? 16 : 15) else { return false }
        for byte in text.dropFirst(isNegative ? 1 : 0) where byte &- JSONByte.zero > 9 { return false }
        return !isNegative || lexeme != "-0"
    }
}

extension JSONNumber: CustomStringConvertible {
    /// The number as it was spelled.
    public var description: String { lexeme }
}

/// A decimal number taken apart: `0.digits × 10^point`, without leading or trailing zeros.
private struct DecimalParts {
    private var negative = false
    private var digits: [UInt8] = []
    private var point = 0

    init(_ lexeme: String) {
        var exponent = 0
        var fraction = 0
        var inFraction = false
        scan: for (index, byte) in lexeme.utf8.enumerated() {
            switch byte {
            case JSONByte.minus: negative = true
            case JSONByte.dot: inFraction = true
            case JSONByte.zero...JSONByte.nine:
                digits.append(byte)
                if inFraction { fraction += 1 }
            default:
                exponent = Int(lexeme.dropFirst(index + 1)) ?? 0
                break scan
            }
        }
        point = digits.count - fraction + exponent
        let leading = digits.prefix { $0 == JSONByte.zero }.count
        digits.removeFirst(leading)
        point -= leading
        while digits.last == JSONByte.zero { digits.removeLast() }
    }

    /// ECMAScript's Number::toString, over any number of digits.
    var ecmaScript: String {
        guard !digits.isEmpty else { return "0" }
        return String(decoding: (negative ? [JSONByte.minus] : []) + layout, as: UTF8.self)
    }

    private var layout: [UInt8] {
        switch point {
        case 1...21 where point >= digits.count: digits + Array(repeating: JSONByte.zero, count: point - digits.count)
        case 1...21: digits[..<point] + [JSONByte.dot] + digits[point...]
        case -5...0: [JSONByte.zero, JSONByte.dot] + Array(repeating: JSONByte.zero, count: -point) + digits
        default: scientific
        }
    }

    private var scientific: [UInt8] {
        let exponent = point - 1
        let mantissa = digits.count == 1 ? digits : digits[..<1] + [JSONByte.dot] + digits[1...]
        return mantissa + [UInt8(ascii: "e"), exponent < 0 ? JSONByte.minus : JSONByte.plus]
            + Array(String(abs(exponent)).utf8)
    }
}
