/// Finds the W3C trace context in an event's metadata without decoding it.
enum TraceContext {
    private static let name = StaticString("\"traceparent\"")
    /// `00-<32 hex>-<16 hex>-<2 hex>`.
    private static let length = 55

    /// Where the value of the top-level member `traceparent` is, if it is a valid `traceparent`.
    static func range(in json: UnsafeRawBufferPointer) -> Range<Int>? {
        // Shorter than {"traceparent":"…"}: the usual `{}` costs one comparison.
        guard json.count >= name.utf8CodeUnitCount + length + 5 else { return nil }
        var depth = 0
        var index = 0
        while index < json.count {
            switch json[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                if depth == 1, let value = value(after: index, in: json) { return value }
                index = endOfString(from: index, in: json)
            default: break
            }
            index += 1
        }
        return nil
    }

    private static func value(after start: Int, in json: UnsafeRawBufferPointer) -> Range<Int>? {
        let nameEnd = start + name.utf8CodeUnitCount
        guard nameEnd < json.count else { return nil }
        for offset in 0..<name.utf8CodeUnitCount where json[start + offset] != name.utf8Start[offset] { return nil }
        var index = skipWhitespace(from: nameEnd, in: json)
        guard index < json.count, json[index] == UInt8(ascii: ":") else { return nil }
        index = skipWhitespace(from: index + 1, in: json)
        guard index + length + 1 < json.count, json[index] == UInt8(ascii: "\""),
            json[index + length + 1] == UInt8(ascii: "\"")
        else { return nil }
        let range = index + 1..<index + 1 + length
        return isValid(UnsafeRawBufferPointer(rebasing: json[range])) ? range : nil
    }

    private static func isValid(_ text: UnsafeRawBufferPointer) -> Bool {
        for (index, byte) in text.enumerated() {
            let isDash = index == 2 || index == 35 || index == 52
            guard isDash ? byte == UInt8(ascii: "-") : isHex(byte) else { return false }
        }
        let isForbiddenVersion = text[0] == UInt8(ascii: "f") && text[1] == UInt8(ascii: "f")
        return !isForbiddenVersion && text[3..<35].contains { $0 != UInt8(ascii: "0") }
            && text[36..<52].contains { $0 != UInt8(ascii: "0") }
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
            || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "f"))
    }

    /// Index of the closing quote.
    private static func endOfString(from start: Int, in json: UnsafeRawBufferPointer) -> Int {
        var index = start + 1
        while index < json.count, json[index] != UInt8(ascii: "\"") {
            index += json[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return index
    }

    private static func skipWhitespace(from start: Int, in json: UnsafeRawBufferPointer) -> Int {
        var index = start
        while index < json.count, [0x20, 0x09, 0x0a, 0x0d].contains(json[index]) { index += 1 }
        return index
    }
}
