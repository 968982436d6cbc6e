import EventModel

/// What happens to the mappings of one workflow; stream `mapping-<workflowId>`.
public enum MappingEvent: Equatable, Sendable {
    /// A new version was made.
    case proposed(version: Int, mapping: Mapping)
    /// A version was checked: it is valid when no problem was found.
    case validated(version: Int, digest: ContentDigest, problems: Int)
    /// A version is what executions and sessions go by from now on.
    case activated(version: Int, digest: ContentDigest)
    /// A version is not to be used any more; `successor` is the version that took its place, if one did.
    case retired(version: Int, successor: Int?)
}

extension MappingEvent: DomainEvent {
    /// `mapping`
    public static let category = "mapping"

    /// Mappings speak of ids and digests only.
    public static let personalMarks: [PersonalMark] = []

    /// The stored names.
    public enum Kind: String, Sendable, CaseIterable {
        /// ``MappingEvent/proposed(version:mapping:)``
        case proposed = "mapping.proposed"
        /// ``MappingEvent/validated(version:digest:problems:)``
        case validated = "mapping.validated"
        /// ``MappingEvent/activated(version:digest:)``
        case activated = "mapping.activated"
        /// ``MappingEvent/retired(version:successor:)``
        case retired = "mapping.retired"
    }

    /// The stored name of this event.
    public var kind: Kind {
        switch self {
        case .proposed: .proposed
        case .validated: .validated
        case .activated: .activated
        case .retired: .retired
        }
    }

    /// The stable name under which the event is stored.
    public var type: EventType { EventType(trusting: kind.rawValue) }

    /// 1 for every event.
    public var schemaVersion: Int32 { 1 }

    /// The event's data by its schema.
    public var payload: JSONValue {
        func number(_ number: Int) -> JSONValue { .number(JSONNumber(number)) }
        switch self {
        case .proposed(let version, let mapping):
            return [
                "version": number(version), "digest": .string(mapping.digest.hexadecimal),
                "mapping": mapping.canonicalValue,
            ]
        case .validated(let version, let digest, let problems):
            return [
                "version": number(version), "digest": .string(digest.hexadecimal), "problems": number(problems),
            ]
        case .activated(let version, let digest):
            return ["version": number(version), "digest": .string(digest.hexadecimal)]
        case .retired(let version, let successor):
            return ["version": number(version), "successor": successor.map(number) ?? .null]
        }
    }

    /// Reads back what ``payload`` answered.
    public init(payload: PayloadReader, type: EventType, schemaVersion: Int32) throws(EventFlaw) {
        guard let kind = Kind(rawValue: type.rawValue), schemaVersion == 1 else {
            throw .unknown(type: type, schemaVersion: schemaVersion)
        }
        let version = try payload.int("version")
        switch kind {
        case .proposed:
            let mapping = try Mapping(try payload.nested("mapping"))
            let digest = try payload.digest("digest")
            guard digest == mapping.digest else {
                throw .unexpected(payload.path["digest"], value: digest.hexadecimal)
            }
            self = .proposed(version: version, mapping: mapping)
        case .validated:
            self = .validated(
                version: version, digest: try payload.digest("digest"),
                problems: try payload.int("problems"))
        case .activated:
            self = .activated(
                version: version, digest: try payload.digest("digest"))
        case .retired: self = .retired(version: version, successor: try payload.optionalInt("successor"))
        }
    }
}
