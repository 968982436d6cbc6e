import EventModel

/// A request as it came.
struct Request: Sendable {
    let method: String
    /// The segments of the path, decoded.
    let path: [String]
    let query: [String: String]
    let key: String?
    let runID: String?
    let host: String
    let body: [UInt8]

    init(
        method: String, target: String, key: String? = nil, runID: String? = nil, host: String = "localhost",
        body: [UInt8] = []
    ) {
        let parts = target.split(separator: "?", maxSplits: 1)
        self.method = method
        path = (parts.first ?? "").split(separator: "/").map(Self.decoded)
        var query: [String: String] = [:]
        for pair in parts.dropFirst().first?.split(separator: "&") ?? [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[Self.decoded(sides[0])] = sides.count > 1 ? Self.decoded(sides[1]) : ""
        }
        self.query = query
        self.key = key
        self.runID = runID
        self.host = host
        self.body = body
    }

    /// The body as an object; empty where there is none.
    var object: JSONObject? {
        guard !body.isEmpty else { return JSONObject() }
        return (try? JSONValue(body, limits: .payload))?.object
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
