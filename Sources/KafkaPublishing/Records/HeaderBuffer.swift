import EventModel
import FoundationEssentials

/// The header values of one record, one after the other in memory that the next record uses again.
struct HeaderBuffer {
    /// One header.
    struct Field {
        var name: HeaderName
        var range: Range<Int>
    }

    private(set) var bytes: [UInt8] = []
    private(set) var fields: [Field] = []
    private var days = DayText()

    init() {
        bytes.reserveCapacity(4_096)
        fields.reserveCapacity(HeaderName.allCases.count)
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
    }

    mutating func put(_ name: HeaderName, _ value: UnsafeRawBufferPointer) {
        let start = bytes.count
        bytes.append(contentsOf: value)
        fields.append(Field(name: name, range: start..<bytes.count))
    }

    mutating func put(_ name: HeaderName, _ value: [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: value)
        fields.append(Field(name: name, range: start..<bytes.count))
    }

    mutating func put(_ name: HeaderName, _ number: Int64) {
        let start = bytes.count
        appendDecimal(number)
        fields.append(Field(name: name, range: start..<bytes.count))
    }

    mutating func put(_ name: HeaderName, _ id: UUID) {
        let start = bytes.count
        UUIDText.append(id, to: &bytes)
        fields.append(Field(name: name, range: start..<bytes.count))
    }

    mutating func put(_ name: HeaderName, _ time: Timestamp) {
        let start = bytes.count
        days.append(time, to: &bytes)
        fields.append(Field(name: name, range: start..<bytes.count))
    }

    /// `<prefix><number>.json`.
    mutating func put(_ name: HeaderName, prefix: [UInt8], number: Int64) {
        let start = bytes.count
        bytes.append(contentsOf: prefix)
        appendDecimal(number)
        bytes.append(contentsOf: [0x2e, 0x6a, 0x73, 0x6f, 0x6e])
        fields.append(Field(name: name, range: start..<bytes.count))
    }

    /// Positions, versions and schema numbers are never negative.
    private mutating func appendDecimal(_ number: Int64) {
        let start = bytes.count
        var rest = number
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }
}

/// UUIDs as lower-case text, without an allocation.
enum UUIDText {
    static func append(_ id: UUID, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: id.uuid) { raw in
            for index in 0..<16 {
                if index == 4 || index == 6 || index == 8 || index == 10 { bytes.append(UInt8(ascii: "-")) }
                bytes.append(digit(raw[index] >> 4))
                bytes.append(digit(raw[index] & 0x0f))
            }
        }
    }

    static func bytes(of id: UUID) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(36)
        append(id, to: &bytes)
        return bytes
    }

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}

/// Writes times as RFC 3339; the calendar is asked once per day of the log, not once per event.
struct DayText {
    private static let microsecondsPerDay: Int64 = 86_400_000_000
    private var day = Int64.min
    /// `2026-02-03T`.
    private var text: [UInt8] = []

    mutating func append(_ time: Timestamp, to bytes: inout [UInt8]) {
        var (day, rest) = time.microseconds.quotientAndRemainder(dividingBy: Self.microsecondsPerDay)
        if rest < 0 {
            day -= 1
            rest += Self.microsecondsPerDay
        }
        if day != self.day {
            text = Array(Timestamp(microseconds: day * Self.microsecondsPerDay).rfc3339.prefix(11))
            self.day = day
        }
        bytes.append(contentsOf: text)
        let seconds = rest / 1_000_000
        Self.append(seconds / 3_600, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(seconds / 60 % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(seconds % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        Self.append(rest % 1_000_000, digits: 6, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    private static func append(_ number: Int64, digits: Int, to bytes: inout [UInt8]) {
        var divisor: Int64 = digits == 6 ? 100_000 : 10
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }
}
