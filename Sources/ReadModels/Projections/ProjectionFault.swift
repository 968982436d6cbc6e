import EventModel
import FoundationEssentials

/// An event that a projection cannot fold. It names the place and the cause, never the payload's content.
public struct ProjectionFault: Error, Sendable, Equatable {
    /// Why an event cannot be folded.
    public enum Reason: Error, Sendable, Equatable {
        /// The payload is not JSON.
        case payload(JSONFlaw)
        /// The payload is JSON but not an object.
        case notAnObject(found: String)
        /// A field is missing.
        case missingField(String)
        /// A field holds something else than the schema says.
        case wrongType(field: String, expected: String, found: String)
        /// The payload's schema is newer than this program knows.
        case unknownSchema(version: Int32, newest: Int32)
        /// The fold answered with a row that does not fit its table or has another key: a mistake in the program.
        case misfitRow
    }

    /// The projection, by name and version.
    public var projection: String
    /// The event's place in the log.
    public var position: GlobalPosition
    /// The event's type.
    public var type: EventType
    /// The event's id.
    public var eventID: UUID
    /// What is wrong.
    public var reason: Reason

    /// The fault of a projection with an event.
    public init(_ reason: Reason, in projection: some Projection, at event: RecordedEvent) {
        self.projection = projection.table.generationName
        self.position = event.position
        self.type = event.type
        self.eventID = event.id
        self.reason = reason
    }
}

extension ProjectionFault: CustomStringConvertible {
    /// One sentence: which event, what is wrong, and what cures it.
    public var description: String {
        "\(projection) cannot fold the event at position \(position) (\(type), id \(eventID.uuidString.lowercased())): "
            + "\(reason); \(reason.cure)"
    }
}

extension ProjectionFault.Reason: CustomStringConvertible {
    /// What is wrong, as a part of a sentence.
    public var description: String {
        switch self {
        case .payload(let flaw): "its data is not acceptable JSON, \(flaw)"
        case .notAnObject(let found): "its data is \(found) where an object is expected"
        case .missingField(let field): "its data has no field \(field)"
        case .wrongType(let field, let expected, let found):
            "its field \(field) is \(found) where \(expected) is expected"
        case .unknownSchema(let version, let newest):
            "its schema version \(version) is newer than \(newest), the newest known here"
        case .misfitRow: "the row folded from it does not fit the table"
        }
    }

    /// What to do about it.
    var cure: String {
        switch self {
        case .payload, .notAnObject, .missingField, .wrongType:
            "install a version that understands it; the event itself stays as it is, and nothing behind it is lost"
        case .unknownSchema: "install the newer version of this program"
        case .misfitRow: "report it as a mistake in this program"
        }
    }
}
