/// An event of a domain that knows how it is stored.
///
/// A domain lists its events as an `enum`; each case has a stable type, a version of the JSON Schema that it writes, and a payload. What
/// is read back may come from an older version: ``upcasters`` lift every version that was ever written to the newest, before it is decoded.
public protocol DomainEvent: Equatable, Sendable {
    /// The category of the streams that these events are in, `workflow` for example.
    static var category: String { get }

    /// The payload's places that hold personal data, for every type and version ever written; as the `x-personal` marks of the schemas say.
    static var personalMarks: [PersonalMark] { get }

    /// One for each type and each older version of it.
    static var upcasters: Upcasters { get }

    /// The stable name under which the event is stored, `<category>.<past_tense>`.
    var type: EventType { get }

    /// The version of the schema that ``payload`` follows.
    var schemaVersion: Int32 { get }

    /// The event's data by its schema.
    var payload: JSONValue { get }

    /// Reads back what ``payload`` answered, in the newest version; older ones were lifted to it. Members that are not known are ignored.
    ///
    /// - Throws: ``EventFlaw/unknown(type:schemaVersion:)`` for any other version: it is that of a later program.
    init(payload: PayloadReader, type: EventType, schemaVersion: Int32) throws(EventFlaw)

    /// Reads a recorded event. By default it is its data in the newest version; an event that also keeps where it stands in the log reads that here.
    init(_ event: RecordedEvent) throws(EventFlaw)
}

extension DomainEvent {
    /// None.
    public static var upcasters: Upcasters { .none }

    /// ``payload`` as canonical JSON: the bytes that are stored.
    public func encoded() -> [UInt8] { payload.canonicalBytes() }

    /// Reads back what ``encoded()`` wrote.
    public init(decoding data: [UInt8], type: EventType, schemaVersion: Int32) throws(EventFlaw) {
        let value: JSONValue
        do throws(JSONFlaw) { value = try JSONValue(data) } catch { throw .json(error) }
        try self.init(lifting: value, type: type, schemaVersion: schemaVersion)
    }

    /// Reads data of any version.
    public init(lifting data: JSONValue, type: EventType, schemaVersion: Int32) throws(EventFlaw) {
        let newest = Self.upcasters(data, type: type, version: schemaVersion)
        try self.init(payload: PayloadReader(newest.data), type: type, schemaVersion: newest.version)
    }

    /// By ``init(lifting:type:schemaVersion:)``.
    public init(_ event: RecordedEvent) throws(EventFlaw) {
        let outcome: Result<JSONValue, JSONFlaw> = event.withData { bytes in
            Result { () throws(JSONFlaw) in try JSONValue(bytes) }
        }
        let value: JSONValue
        do throws(JSONFlaw) { value = try outcome.get() } catch { throw .json(error) }
        try self.init(lifting: value, type: event.type, schemaVersion: event.schemaVersion)
    }
}

/// Why a stored event cannot be read: it was not written by us, or by a later version.
public enum EventFlaw: Error, Equatable, Sendable {
    /// A type or version that this version does not know.
    case unknown(type: EventType, schemaVersion: Int32)
    /// The bytes are not JSON.
    case json(JSONFlaw)
    /// A member is missing.
    case missing(JSONPath)
    /// A member has the wrong JSON type.
    case wrongType(JSONPath, wanted: String, found: String)
    /// A member's value is none of those that the schema allows.
    case unexpected(JSONPath, value: String)
}

extension EventFlaw: CustomStringConvertible {
    /// What is wrong, and where.
    public var description: String {
        switch self {
        case .unknown(let type, let version): "\(type) version \(version) is not known to this version of Lockstep"
        case .json(let flaw): "the data is not JSON: \(flaw)"
        case .missing(let path): "\(path) is missing"
        case .wrongType(let path, let wanted, let found): "\(path) must be \(wanted), not \(found)"
        case .unexpected(let path, let value): "\(path) is \"\(value.prefix(80))\", which the schema does not know"
        }
    }
}
