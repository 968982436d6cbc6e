import FoundationEssentials

/// A moment of the wall clock in whole microseconds since 1970-01-01T00:00:00Z: the precision of PostgreSQL's `timestamptz`,
/// so that a time read back equals the time written.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 0001-01-01T00:00:00Z, the earliest time the log takes.
    public static let earliest = Timestamp(microseconds: -62_135_596_800_000_000)
    /// 9999-12-31T23:59:59.999999Z, the latest time the log takes.
    public static let latest = Timestamp(microseconds: 253_402_300_799_999_999)

    /// Microseconds since 1970, negative before.
    public let microseconds: Int64

    /// A moment by its microseconds since 1970.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Milliseconds since 1970, rounded down.
    public var milliseconds: Int64 {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The moment `duration` later, in whole microseconds.
    public func advanced(by duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        return Timestamp(microseconds: microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }

    /// The time from `self` to `other`.
    public func duration(to other: Timestamp) -> Duration { .microseconds(other.microseconds - microseconds) }

    /// Log order of time.
    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool { lhs.microseconds < rhs.microseconds }

    /// RFC 3339 in UTC with six decimals: `2026-02-03T04:05:06.000007Z`.
    public var description: String { String(decoding: rfc3339, as: UTF8.self) }
}

extension Timestamp {
    /// The 27 ASCII bytes of ``description``.
    public var rfc3339: [UInt8] {
        let (days, microsecondOfDay) = Self.floorDivide(microseconds, 86_400_000_000)
        let (year, month, day) = Self.civil(fromDays: days)
        let second = microsecondOfDay / 1_000_000
        var text = [UInt8]()
        text.reserveCapacity(27)
        func put(_ value: Int64, digits: Int) {
            var divisor: Int64 = 1
            for _ in 1..<digits { divisor *= 10 }
            while divisor > 0 {
                text.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
                divisor /= 10
            }
        }
        put(year, digits: 4)
        text.append(UInt8(ascii: "-"))
        put(month, digits: 2)
        text.append(UInt8(ascii: "-"))
        put(day, digits: 2)
        text.append(UInt8(ascii: "T"))
        put(second / 3_600, digits: 2)
        text.append(UInt8(ascii: ":"))
        put(second / 60 % 60, digits: 2)
        text.append(UInt8(ascii: ":"))
        put(second % 60, digits: 2)
        text.append(UInt8(ascii: "."))
        put(microsecondOfDay % 1_000_000, digits: 6)
        text.append(UInt8(ascii: "Z"))
        return text
    }

    /// Reads RFC 3339 (`2026-02-03T04:05:06Z`, up to six decimals, any offset); `nil` for anything else, more decimals, or a time
    /// outside ``earliest`` … ``latest``.
    public init?(rfc3339 text: String) {
        var text = text
        guard let microseconds = text.withUTF8({ Self.microseconds(rfc3339: $0) }) else { return nil }
        self.init(microseconds: microseconds)
        guard self >= .earliest, self <= .latest else { return nil }
    }

    private static func microseconds(rfc3339 text: UnsafeBufferPointer<UInt8>) -> Int64? {
        var at = 0
        func number(_ digits: Int) -> Int64? {
            guard text.count - at >= digits else { return nil }
            var value: Int64 = 0
            for _ in 0..<digits {
                guard text[at] >= 0x30, text[at] <= 0x39 else { return nil }
                value = value * 10 + Int64(text[at] - 0x30)
                at += 1
            }
            return value
        }
        func take(_ accepted: Unicode.Scalar...) -> Bool {
            guard at < text.count, accepted.contains(Unicode.Scalar(text[at])) else { return false }
            at += 1
            return true
        }
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
            take("T", "t", " "), let hour = number(2), take(":"), let minute = number(2), take(":"),
            let second = number(2), (1...12).contains(month), day >= 1, day <= daysInMonth(month, year: year),
            hour < 24, minute < 60, second < 60
        else { return nil }
        var fraction: Int64 = 0
        if take(".") {
            var digits = 0
            while digits < 6, let digit = number(1) {
                fraction = fraction * 10 + digit
                digits += 1
            }
            guard digits > 0 else { return nil }
            for _ in digits..<6 { fraction *= 10 }
        }
        var offsetMinutes: Int64 = 0
        if !take("Z", "z") {
            let sign: Int64 = take("-") ? -1 : 1
            guard sign < 0 || take("+"), let hours = number(2), take(":"), let minutes = number(2), hours < 24,
                minutes < 60
            else { return nil }
            offsetMinutes = sign * (hours * 60 + minutes)
        }
        guard at == text.count else { return nil }
        let days = days(fromCivil: (year, month, day))
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offsetMinutes * 60
        return seconds * 1_000_000 + fraction
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func daysInMonth(_ month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Proleptic Gregorian date of a day number (0 = 1970-01-01), counting years from March so that the leap day is last.
    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func days(fromCivil date: (year: Int64, month: Int64, day: Int64)) -> Int64 {
        let year = date.month <= 2 ? date.year - 1 : date.year
        let (era, yearOfEra) = floorDivide(year, 400)
        let dayOfYear = (153 * (date.month > 2 ? date.month - 3 : date.month + 9) + 2) / 5 + date.day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
