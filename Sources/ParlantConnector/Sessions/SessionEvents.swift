import EventModel

/// What a look at a session's events answered.
public enum SessionEvents: Sendable, Equatable {
    /// Events, oldest first, from one offset on. Offsets that are missing were deleted by a rewind.
    case some(EventPage)
    /// Nothing new within the time waited.
    case none
    /// The session does not exist, or was deleted while we waited.
    case sessionGone
}

/// Some events of a session.
public struct EventPage: Sendable, Equatable {
    /// The session.
    public let session: String
    /// The offset from which on the events were asked for.
    public let from: Int
    /// The events as Parlant tells them; failed turns without the traceback that Parlant adds.
    public let events: [JSONValue]
    /// The offset to ask for next.
    public let next: Int
    /// Where the session's events go on beyond this page.
    public let isCut: Bool

    /// The page as a report of what was listed, in the form of `POST /v1/ingest/…`: what lies between and is not here was deleted.
    public var report: JSONValue {
        [
            "session_id": .string(session), "events": .array(events),
            "listing": ["from": .number(JSONNumber(from)), "through": .number(JSONNumber(next - 1))],
        ]
    }

    init(session: String, from: Int, listed: [JSONValue]) throws(ParlantError) {
        var last = from - 1
        for event in listed {
            guard let offset = event["offset"]?.int, offset > last else {
                throw .malformed(what: "an event without an offset, or out of order")
            }
            last = offset
        }
        let kept = listed.prefix(ParlantLimits.eventsPerPage)
        self.session = session
        self.from = from
        events = kept.map(Self.withoutTraceback)
        next = (kept.last?["offset"]?.int ?? from - 1) + 1
        isCut = kept.count < listed.count
    }

    /// An event that says that a turn failed carries the server's traceback in `data.data.exception`, with the paths of its files.
    static func withoutTraceback(_ event: JSONValue) -> JSONValue {
        guard event["kind"]?.string == "status", var object = event.object, var data = object["data"]?.object,
            var inner = data["data"]?.object, inner["exception"] != nil
        else { return event }
        inner["exception"] = nil
        data["data"] = .object(inner)
        object["data"] = .object(data)
        return .object(object)
    }
}
