import EventModel

/// A request as it came.
package struct Request: Sendable {
    /// Its method, in capitals.
    package let method: String
    /// What it is about, as it came: the path and the query.
    package let target: String
    /// The segments of the path, decoded.
    package let path: [String]
    /// The members of the query, decoded; of one name the last counts.
    package let query: [String: String]
    /// Its header, by names in lower case.
    package let fields: [String: String]
    /// What was sent.
    package let body: [UInt8]

    /// A request by its parts.
    package init(method: String, target: String, fields: [String: String] = [:], body: [UInt8] = []) {
        let parts = target.split(separator: "?", maxSplits: 1)
        self.method = method
        self.target = target
        path = (parts.first ?? "").split(separator: "/").map(Self.decoded)
        var query: [String: String] = [:]
        for pair in parts.dropFirst().first?.split(separator: "&") ?? [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[Self.decoded(sides[0])] = sides.count > 1 ? Self.decoded(sides[1]) : ""
        }
        self.query = query
        self.fields = fields
        self.body = body
    }

    /// The body as an object; empty where there is none, `nil` where it is something else.
    package var object: JSONObject? {
        guard !body.isEmpty else { return JSONObject() }
        return (try? JSONValue(body, limits: .file))?.object
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
