import EventModel
import FoundationEssentials
import ReadModels

/// A key of a projection that is set aside, and what waits behind it.
public struct ParkedKey: Sendable, Hashable {
    /// The name.
    public var key: ParkingKey
    /// The sync key of the event that it was set aside for.
    public var scope: ParkingKey
    /// The event that failed last, and why.
    public var failure: ParkingFailure
    /// The first position of the queue: where a retry begins. It moves only under the lease, so it is what a retry compares.
    public var first: GlobalPosition
    /// How many events wait in the queue, the failed one among them.
    public var queued: Int64
    /// When it was set aside, by the store's clock.
    public var parkedAt: Timestamp
    /// How often folding was tried, the first time among them.
    public var tries: Int
    /// When it was tried last, by the store's clock.
    public var triedAt: Timestamp
    /// What somebody has asked for, and the owner of the lease has not done yet.
    public var request: RetryRequest?

    /// A parked key by its parts.
    public init(
        key: ParkingKey, scope: ParkingKey, failure: ParkingFailure, first: GlobalPosition, queued: Int64,
        parkedAt: Timestamp, tries: Int, triedAt: Timestamp, request: RetryRequest?
    ) {
        self.key = key
        self.scope = scope
        self.failure = failure
        self.first = first
        self.queued = queued
        self.parkedAt = parkedAt
        self.tries = tries
        self.triedAt = triedAt
        self.request = request
    }
}

/// The event at which folding or writing failed, and why. It names the place and the cause, never the payload's content.
public struct ParkingFailure: Sendable, Hashable {
    /// The longest cause, in bytes; a longer one is cut.
    public static let causeLimit = 2_000

    /// Where the event is.
    public var position: GlobalPosition
    /// Its type.
    public var type: EventType
    /// Its id.
    public var eventID: UUID
    /// Why it failed, in a sentence.
    public var cause: String

    /// The failure of an event.
    public init(of event: RecordedEvent, because cause: String) {
        self.init(position: event.position, type: event.type, eventID: event.id, cause: cause)
    }

    /// A failure by its parts. What no text of a database can hold is replaced in the cause.
    public init(position: GlobalPosition, type: EventType, eventID: UUID, cause: String) {
        self.position = position
        self.type = type
        self.eventID = eventID
        let bytes = cause.utf8.lazy.map { $0 == 0 ? 0x20 : $0 }.prefix(Self.causeLimit)
        self.cause = String(decoding: Array(bytes), as: UTF8.self)
    }
}

/// Somebody asked for a parked key to be tried again. The owner of the lease does it.
public struct RetryRequest: Sendable, Hashable {
    /// The failed event is to be left out, on the record.
    public struct Skip: Sendable, Hashable {
        /// Where the event is: the one that had failed when it was asked for.
        public var position: GlobalPosition
        /// Why.
        public var reason: String

        /// What to leave out, and why.
        public init(_ position: GlobalPosition, because reason: String) {
            self.position = position
            self.reason = reason
        }
    }

    /// Who.
    public var actor: String?
    /// When, by the store's clock.
    public var at: Timestamp
    /// What is left out first; `nil`: nothing is.
    public var skip: Skip?

    /// A request by its parts.
    public init(actor: String?, at: Timestamp, skip: Skip? = nil) {
        self.actor = actor
        self.at = at
        self.skip = skip
    }
}
