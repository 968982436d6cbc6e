import FoundationEssentials

/// What happens to a subject of personal data.
public enum SubjectEvent: DomainEvent {
    /// The subject's keys were destroyed: nobody can read the data any more. It stands in every stream that holds such data, so that each
    /// fold meets it in order, and, with the receipt, in the subject's own stream.
    case erased(SubjectErased)

    /// The category of the streams of receipts.
    public static let category = "subject"
    /// ``erased(_:)``
    public static let erasedType = EventType(trusting: "subject.erased")

    /// None: an identifier, counts and a reason, which must not describe a person.
    public static let personalMarks: [PersonalMark] = []

    /// The stable name.
    public var type: EventType {
        switch self {
        case .erased: Self.erasedType
        }
    }

    /// 1.
    public var schemaVersion: Int32 { 1 }

    /// By `Schemas/events/subject/erased.v1.json`.
    public var payload: JSONValue {
        switch self {
        case .erased(let event): event.payload
        }
    }

    /// Reads back what ``payload`` answered.
    public init(payload: PayloadReader, type: EventType, schemaVersion: Int32) throws(EventFlaw) {
        guard type == Self.erasedType, schemaVersion == 1 else {
            throw .unknown(type: type, schemaVersion: schemaVersion)
        }
        self = .erased(try SubjectErased(payload))
    }
}

/// An erasure, as one stream knows it.
public struct SubjectErased: Equatable, Sendable {
    /// The same for every event of one erasure; also their correlation.
    public var erasure: UUID
    /// Whose keys were destroyed.
    public var subject: DataSubject
    /// Which of the subject's keys: the `key` of the sealed values that nobody can open any more.
    public var keys: [Int32]
    /// The position up to which the log was looked through.
    public var through: GlobalPosition
    /// What was erased: in this stream, and in a receipt altogether.
    public var extent: Extent
    /// Only in the subject's own stream.
    public var receipt: Receipt?

    /// How much was erased.
    public struct Extent: Equatable, Sendable {
        /// Events with at least one value that is gone.
        public var events: Int
        /// Values that are gone.
        public var values: Int
        /// Bytes of the values as they are stored.
        public var bytes: Int

        /// An extent by its parts.
        public init(events: Int = 0, values: Int = 0, bytes: Int = 0) {
            self.events = events
            self.values = values
            self.bytes = bytes
        }
    }

    /// What proves an erasure later.
    public struct Receipt: Equatable, Sendable {
        /// The longest reason, in bytes.
        public static let reasonLimit = 1_000

        /// Streams that hold data which are gone.
        public var streams: Int
        /// SHA-256 over the names of the streams in byte order, each followed by a line feed.
        public var streamsDigest: ContentDigest
        /// Position of the first event with a value that is gone; `nil` when there was none.
        public var first: GlobalPosition?
        /// Position of the last one.
        public var last: GlobalPosition?
        /// Why, as whoever erased said.
        public var reason: String?

        /// A receipt by its parts.
        public init(
            streams: Int, streamsDigest: ContentDigest, first: GlobalPosition?, last: GlobalPosition?, reason: String?
        ) {
            self.streams = streams
            self.streamsDigest = streamsDigest
            self.first = first
            self.last = last
            self.reason = reason
        }
    }

    /// An erasure by its parts.
    public init(
        erasure: UUID, subject: DataSubject, keys: [Int32], through: GlobalPosition, extent: Extent, receipt: Receipt?
    ) {
        self.erasure = erasure
        self.subject = subject
        self.keys = keys
        self.through = through
        self.extent = extent
        self.receipt = receipt
    }
}
