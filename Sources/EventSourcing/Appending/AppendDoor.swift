import EventModel
import FoundationEssentials

/// A request that has passed the door: within the limits, with payloads that every reader and every SQL view can take.
public struct CheckedAppend: Sendable {
    /// What was asked.
    public let request: AppendRequest
    /// Events of all streams.
    public let eventCount: Int
    /// Bytes of all events, as the limits count them.
    public let byteCount: Int

    /// Checks everything that can be checked without the log. Payloads are validated here, once.
    ///
    /// - Throws: the first ``AppendFlaw`` in request order.
    public init(_ request: AppendRequest) throws(AppendFlaw) {
        guard !request.streams.isEmpty else { throw .nothingToAppend(stream: nil) }
        let count = request.eventCount
        let work = count + request.checks.count
        guard work <= AppendLimits.events else { throw .tooManyEvents(count: work, limit: AppendLimits.events) }
        try Self.checkUniqueness(request, eventCount: count)
        var bytes = 0
        for part in request.streams {
            guard !part.events.isEmpty else { throw .nothingToAppend(stream: part.stream) }
            for event in part.events {
                bytes += try Self.check(event, in: part.stream)
            }
        }
        guard bytes <= AppendLimits.appendBytes else {
            throw .appendTooLarge(bytes: bytes, limit: AppendLimits.appendBytes)
        }
        self.request = request
        eventCount = count
        byteCount = bytes
    }

    private static func checkUniqueness(_ request: AppendRequest, eventCount: Int) throws(AppendFlaw) {
        if request.streams.count + request.checks.count > 1 {
            var streams = Set<StreamName>(minimumCapacity: request.streams.count + request.checks.count)
            for part in request.streams where !streams.insert(part.stream).inserted {
                throw .duplicateStream(part.stream)
            }
            for check in request.checks where !streams.insert(check.stream).inserted {
                throw .duplicateStream(check.stream)
            }
        }
        guard eventCount > 1 else { return }
        var ids = Set<UUID>(minimumCapacity: eventCount)
        for part in request.streams {
            for event in part.events where !ids.insert(event.id).inserted { throw .duplicateID(event.id) }
        }
    }

    /// - Returns: the bytes of the event.
    private static func check(_ event: EventDraft, in stream: StreamName) throws(AppendFlaw) -> Int {
        let bytes =
            event.data.count + event.metadata.count + stream.rawValue.utf8.count + event.type.rawValue.utf8.count
            + (event.actor?.utf8.count ?? 0)
        guard bytes <= AppendLimits.eventBytes else {
            throw .eventTooLarge(id: event.id, bytes: bytes, limit: AppendLimits.eventBytes)
        }
        guard (1...AppendLimits.schemaVersion).contains(event.schemaVersion) else {
            throw .schemaVersionOutOfRange(
                id: event.id, version: event.schemaVersion, limit: AppendLimits.schemaVersion)
        }
        guard event.occurredAt >= .earliest, event.occurredAt <= .latest else {
            throw .timeOutOfRange(id: event.id, microseconds: event.occurredAt.microseconds)
        }
        if let actor = event.actor { try check(actor: actor, of: event.id) }
        do throws(JSONFlaw) { try JSONDoor.validate(event.data) } catch { throw .invalidData(id: event.id, error) }
        do throws(JSONFlaw) { try JSONDoor.validate(event.metadata) } catch {
            throw .invalidMetadata(id: event.id, error)
        }
        guard event.metadata.first(where: { !isWhitespace($0) }) == UInt8(ascii: "{") else {
            throw .metadataNotObject(id: event.id)
        }
        return bytes
    }

    private static func check(actor: String, of id: UUID) throws(AppendFlaw) {
        let count = actor.utf8.count
        guard count > 0, count <= AppendLimits.actorBytes, !actor.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f })
        else {
            throw .invalidActor(id: id, bytes: count, limit: AppendLimits.actorBytes)
        }
    }

    private static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
    }
}
