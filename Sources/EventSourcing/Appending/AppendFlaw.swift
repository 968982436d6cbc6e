import EventModel
import FoundationEssentials

/// A rule of the log that a request breaks. Each names the offending value and the limit.
public enum AppendFlaw: Error, Sendable, Equatable {
    /// The request has no stream, or a stream has no event.
    case nothingToAppend(stream: StreamName?)
    /// The request names a stream twice.
    case duplicateStream(StreamName)
    /// The request uses an event id twice.
    case duplicateID(UUID)
    /// More events, and streams that are only checked, than one append may have.
    case tooManyEvents(count: Int, limit: Int)
    /// More bytes than one append may have.
    case appendTooLarge(bytes: Int, limit: Int)
    /// More bytes than one event may have, data, metadata and names together.
    case eventTooLarge(id: UUID, bytes: Int, limit: Int)
    /// The payload is not JSON that the log takes.
    case invalidData(id: UUID, JSONFlaw)
    /// The metadata is not JSON that the log takes.
    case invalidMetadata(id: UUID, JSONFlaw)
    /// The metadata is JSON but not an object.
    case metadataNotObject(id: UUID)
    /// The version of the payload's schema is not in its range.
    case schemaVersionOutOfRange(id: UUID, version: Int32, limit: Int32)
    /// The actor is empty, too long, or has control characters.
    case invalidActor(id: UUID, bytes: Int, limit: Int)
    /// The time is before the year 1 or after the year 9999.
    case timeOutOfRange(id: UUID, microseconds: Int64)
    /// The id is in the log with another stream, type, schema version or payload.
    case idReused(id: UUID, at: GlobalPosition)
    /// Some of the events are in the log and some are not, or not together: this is not a retry of any append.
    case partlyRepeated(known: Int, of: Int, firstKnown: UUID)
    /// The log would hold more kinds of events than it may.
    case tooManyKinds(limit: Int)
    /// The event's personal data cannot be sealed.
    case unsealable(id: UUID, SealingFlaw)
}

extension AppendFlaw: CustomStringConvertible {
    /// One sentence for people.
    public var description: String {
        switch self {
        case .nothingToAppend(nil): "the append names no stream; give at least one stream with one event"
        case .nothingToAppend(let stream?): "the append has no event for stream \(stream); give at least one"
        case .duplicateStream(let stream): "the append names stream \(stream) twice; put its events in one list"
        case .duplicateID(let id): "the append uses event id \(id.text) twice; every event needs an id of its own"
        case .tooManyEvents(let count, let limit): "the append has \(count) events, the limit is \(limit); split it"
        case .appendTooLarge(let bytes, let limit): "the append has \(bytes) bytes, the limit is \(limit); split it"
        case .eventTooLarge(let id, let bytes, let limit):
            "event \(id.text) has \(bytes) bytes with metadata and names, the limit is \(limit); store large content elsewhere and refer to it"
        case .invalidData(let id, let flaw): "the data of event \(id.text) is not acceptable JSON: \(flaw)"
        case .invalidMetadata(let id, let flaw): "the metadata of event \(id.text) is not acceptable JSON: \(flaw)"
        case .metadataNotObject(let id): "the metadata of event \(id.text) is not a JSON object; wrap it in { }"
        case .schemaVersionOutOfRange(let id, let version, let limit):
            "event \(id.text) has schema version \(version), it must be 1 to \(limit)"
        case .invalidActor(let id, let bytes, let limit):
            "the actor of event \(id.text) has \(bytes) bytes; it must have 1 to \(limit) and no control characters"
        case .timeOutOfRange(let id, let microseconds):
            "event \(id.text) occurred \(microseconds) µs from 1970, which is outside the years 1 to 9999"
        case .idReused(let id, let position):
            "event id \(id.text) is in the log at position \(position) with other content; a new event needs a new id"
        case .partlyRepeated(let known, let count, let first):
            "\(known) of the \(count) events are in the log already (\(first.text) is one), so this is no retry; append only what is new"
        case .tooManyKinds(let limit):
            "the log holds \(limit) kinds of events, which is the limit; event types must not be made from data"
        case .unsealable(let id, let flaw): "event \(id.text) holds personal data that cannot be sealed: \(flaw)"
        }
    }
}

extension UUID {
    /// The lower-case spelling of RFC 9562.
    public var text: String { uuidString.lowercased() }
}
