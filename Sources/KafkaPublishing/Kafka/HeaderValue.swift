import FoundationEssentials
import KafkaDriver

/// Reads header values without making strings of them.
enum HeaderValue {
    /// A non-negative number in decimal ASCII; `nil` for anything else.
    static func decimal(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        guard !bytes.isEmpty, bytes.count <= 19 else { return nil }
        var value: Int64 = 0
        for byte in bytes {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }

    /// A UUID as 36 characters; `nil` for anything else.
    static func uuid(_ bytes: UnsafeRawBufferPointer) -> UUID? {
        guard bytes.count == 36 else { return nil }
        var uuid: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        let isComplete = withUnsafeMutableBytes(of: &uuid) { target in
            var source = 0
            for index in 0..<16 {
                if source == 8 || source == 13 || source == 18 || source == 23 {
                    guard bytes[source] == UInt8(ascii: "-") else { return false }
                    source += 1
                }
                guard let high = nibble(bytes[source]), let low = nibble(bytes[source + 1]) else { return false }
                target[index] = high << 4 | low
                source += 2
            }
            return true
        }
        return isComplete ? UUID(uuid: uuid) : nil
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension KafkaHeaders {
    func decimal(_ name: HeaderName) -> Int64? { decimal(name.name) }

    func uuid(_ name: HeaderName) -> UUID? { uuid(name.name) }

    func decimal(_ name: StaticString) -> Int64? {
        withValue(of: name) { if case .value(let bytes) = $0 { HeaderValue.decimal(bytes) } else { nil } }
    }

    func uuid(_ name: StaticString) -> UUID? {
        withValue(of: name) { if case .value(let bytes) = $0 { HeaderValue.uuid(bytes) } else { nil } }
    }

    func text(_ name: HeaderName) -> String? { text(name.name) }

    func bytes(_ name: HeaderName) -> [UInt8]? {
        withValue(of: name.name) { if case .value(let bytes) = $0 { Array(bytes) } else { nil } }
    }
}
