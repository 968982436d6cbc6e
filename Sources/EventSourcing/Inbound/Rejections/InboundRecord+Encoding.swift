import EventModel
import FoundationEssentials

extension InboundRecord {
    /// The bytes of the value stand as they are behind everything else: 4 bytes of length, big-endian, and so many of JSON.
    var encoded: [UInt8] {
        let about: JSONValue = [
            "headers": .array(headers.map { .array([.string($0.name), Self.base64($0.value)]) }),
            "key": Self.base64(key), "time": timeMilliseconds.map { .string("\($0)") } ?? .null,
            "value": .bool(value != nil),
        ]
        let text = about.canonicalBytes()
        return withUnsafeBytes(of: UInt32(text.count).bigEndian) { Array($0) } + text + (value ?? [])
    }

    /// What ``encoded`` was made of; `nil` for anything else.
    init?(encoded bytes: [UInt8]) {
        guard bytes.count >= 4 else { return nil }
        let count = bytes[..<4].reduce(0) { $0 << 8 | Int($1) }
        let limits = JSONLimits(bytes: JSONLimits.largest, depth: 8)
        guard bytes.count >= 4 + count, let about = try? JSONValue(Array(bytes[4..<4 + count]), limits: limits),
            let headers = about["headers"]?.array, let hasValue = about["value"]?.bool
        else { return nil }
        self.init(
            key: Self.bytes(about["key"]), value: hasValue ? Array(bytes[(4 + count)...]) : nil,
            headers: headers.map { Header(name: $0[0]?.string ?? "", value: Self.bytes($0[1])) },
            timeMilliseconds: about["time"]?.string.flatMap { Int64($0) })
    }

    private static func base64(_ bytes: [UInt8]?) -> JSONValue {
        bytes.map { .string(Data($0).base64EncodedString()) } ?? .null
    }

    private static func bytes(_ value: JSONValue?) -> [UInt8]? {
        value?.string.flatMap { Data(base64Encoded: $0) }.map { [UInt8]($0) }
    }
}
