import EventModel
import EventSourcing

/// A row of `event_log` as one line of JSON.
enum EventJSON {
    static func line(_ event: RecordedEvent) -> [UInt8] {
        var writer = JSONWriter(capacity: event.byteCount + 640)
        writer.beginObject()
        writer.member("position", event.position.rawValue)
        writer.member("event_id", event.id)
        writer.member("workspace", event.workspace.rawValue)
        writer.member("category", event.category.rawValue)
        writer.member("stream", event.stream.rawValue)
        writer.member("version", event.version.rawValue)
        writer.member("type", event.type.rawValue)
        writer.member("schema_version", event.schemaVersion)
        writer.key("data")
        event.withData { embed($0, in: &writer) }
        writer.key("metadata")
        event.withMetadata { embed($0, in: &writer) }
        writer.member("correlation_id", event.correlationID)
        writer.member("causation_id", event.causationID)
        writer.member("actor", event.actor)
        writer.member("occurred_at", event.occurredAt.description)
        writer.member("recorded_at", event.recordedAt.description)
        writer.endObject()
        return writer.bytes
    }

    /// Stored JSON has been through the door, so a raw line break in it is white space: inside a string it would have been refused. As
    /// blanks, the object stays on one line and means the same.
    private static func embed(_ json: UnsafeRawBufferPointer, in writer: inout JSONWriter) {
        guard json.contains(where: isLineBreak) else { return writer.raw(json) }
        writer.raw(json.map { isLineBreak($0) ? UInt8(ascii: " ") : $0 })
    }

    private static func isLineBreak(_ byte: UInt8) -> Bool { byte == 0x0a || byte == 0x0d }
}

/// An event on one line, for people.
enum EventText {
    static func line(_ event: RecordedEvent, width: Int, style: Style) -> String {
        let place = pad("\(event.position)", 8, right: true)
        let time = String(event.recordedAt.description.prefix(23))
        let head = "\(place)  \(time)  "
        let stream = "\(event.stream)@\(event.version)"
        let type = event.type.rawValue
        let used = head.count + stream.count + type.count + 4
        // More bytes than fit are not decoded.
        let room = max(0, width - used)
        let data = event.withData { String(decoding: $0.prefix(room * 4), as: UTF8.self) }
        let shown = Table.printable(data)
        let cut = shown.count > room ? (room > 1 ? String(shown.prefix(room - 1)) + "…" : "") : shown
        return "\(style.faint(head))\(style.strong(type))  \(stream)  \(style.faint(cut))"
    }

    private static func pad(_ text: String, _ width: Int, right: Bool) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

/// Prints events, for programs unless somebody looks.
struct EventPrinter: Sendable {
    private let isForPeople: Bool
    private let width: Int
    private let style: Style

    init(asJSON: Bool) {
        isForPeople = !asJSON && StandardOutput.shared.isTerminal
        width = StandardOutput.shared.width
        style = .output
    }

    func callAsFunction(_ event: RecordedEvent) throws(BrokenPipe) {
        if isForPeople {
            StandardOutput.shared.write(EventText.line(event, width: width, style: style))
        } else {
            StandardOutput.shared.write(EventJSON.line(event))
        }
        if StandardOutput.shared.isBroken { throw BrokenPipe() }
    }

    func flush() throws(BrokenPipe) { try StandardOutput.shared.flushOrStop() }
}
