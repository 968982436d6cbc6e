import EventModel
import EventSourcing

/// CloudEvents 1.0 in structured form: a JSON object that names itself and carries the payload as `data`.
struct CloudEnvelope: Sendable, Equatable {
    let source: String
    let id: String
    let time: Timestamp?
    let data: JSONValue

    /// Whether a value claims to be an envelope. The payloads of both sides have none of these members together.
    static func isOne(_ value: JSONValue) -> Bool {
        value["specversion"] != nil && (value["data"] != nil || value["data_base64"] != nil)
    }

    init(_ value: JSONValue) throws(InboundRejection) {
        guard value["specversion"]?.string == "1.0" else {
            throw InboundRejection(.malformed, "specversion must be \"1.0\"")
        }
        source = try Self.name("source", of: value)
        id = try Self.name("id", of: value)
        guard source.utf8.count + id.utf8.count <= InboundLimits.nameBytes else {
            throw InboundRejection(
                .malformed,
                "source and id have \(source.utf8.count + id.utf8.count) bytes, the limit is \(InboundLimits.nameBytes)"
            )
        }
        guard let data = value["data"] else {
            throw InboundRejection(.malformed, "data_base64 is not taken; give the payload as JSON in data")
        }
        self.data = data
        time = try Self.time(of: value)
    }

    private static func name(_ member: String, of value: JSONValue) throws(InboundRejection) -> String {
        guard let text = value[member]?.string, !text.isEmpty else {
            throw InboundRejection(.malformed, "\(member) must be a text of at least one character")
        }
        return text
    }

    private static func time(of value: JSONValue) throws(InboundRejection) -> Timestamp? {
        guard let member = value["time"], !member.isNull else { return nil }
        guard let time = member.string.flatMap(Timestamp.init(rfc3339:)) else {
            throw InboundRejection(.malformed, "time must be a time like 2026-02-03T04:05:06.789Z")
        }
        return time
    }
}
