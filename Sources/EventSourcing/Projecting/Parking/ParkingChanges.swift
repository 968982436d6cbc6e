import EventModel
import ReadModels

/// What a batch does to the parked keys of a projection; stored in the transaction of its rows and its checkpoint, or not at all.
public struct ParkingChanges: Sendable, Hashable {
    /// A key that is set aside.
    public struct Parking: Sendable, Hashable {
        /// The name.
        public var key: ParkingKey
        /// The sync key of the event.
        public var scope: ParkingKey
        /// The event, and why.
        public var failure: ParkingFailure
    }

    /// Events that wait behind a key, oldest first. They are positions, not copies.
    public struct Queue: Sendable, Hashable {
        /// The name.
        public var key: ParkingKey
        /// Where the events are.
        public var positions: [GlobalPosition]
    }

    /// A stored key whose queue another one takes over.
    public struct Absorption: Sendable, Hashable {
        /// The key that is parked no more by itself.
        public var from: ParkingKey
        /// The one that covers its events from now on.
        public var into: ParkingKey
    }

    /// A step of a retry.
    public struct Settlement: Sendable, Hashable {
        /// The name.
        public var key: ParkingKey
        /// Where the queue began when it was read. A key that begins elsewhere now makes the step be refused as moved.
        public var first: GlobalPosition
        /// The events of the queue up to and including this position are in the rows now; `nil` for none.
        public var through: GlobalPosition?
        /// The event that this step leaves out by request, if it does. A step over an event that is to be left out by now, and that does
        /// not leave it out, is refused as moved: otherwise it would be in the rows and, on the record, left out.
        public var skip: GlobalPosition?
        /// Why it went no further, if it failed again; the request is done with then. Without a failure the key is parked no more once
        /// its queue is empty.
        public var failure: ParkingFailure?

        /// A step by its parts.
        public init(
            _ key: ParkingKey, from first: GlobalPosition, through: GlobalPosition?, skip: GlobalPosition? = nil,
            failure: ParkingFailure? = nil
        ) {
            self.key = key
            self.first = first
            self.through = through
            self.skip = skip
            self.failure = failure
        }
    }

    /// No change.
    public static let none = ParkingChanges()

    /// Keys that are set aside now.
    public private(set) var parked: [Parking] = []
    /// Keys that another key takes in.
    public private(set) var absorbed: [Absorption] = []
    /// Events that wait from now on, the failed ones among them: each key once, in the order in which they were concerned.
    public private(set) var queued: [Queue] = []
    /// Where each key is in ``queued``.
    private var places: [ParkingKey: Int] = [:]
    /// A step of a retry, if this is one.
    public private(set) var settlement: Settlement?

    /// No change.
    public init() {}

    /// A step of a retry.
    public init(_ settlement: Settlement) {
        self.settlement = settlement
    }

    /// Whether nothing changes.
    public var isEmpty: Bool { parked.isEmpty && absorbed.isEmpty && queued.isEmpty && settlement == nil }

    /// Sets a key aside for an event, which becomes the first of its queue.
    ///
    /// - Parameter taking: the keys that it takes in; see ``ParkedKeys/insert(_:in:)``.
    public mutating func park(
        _ key: ParkingKey, in scope: ParkingKey, for failure: ParkingFailure, taking keys: [ParkingKey] = []
    ) {
        parked.append(Parking(key: key, scope: scope, failure: failure))
        queue(failure.position, behind: key)
        for other in keys { absorb(other, into: key) }
    }

    /// Lets an event wait.
    public mutating func queue(_ position: GlobalPosition, behind key: ParkingKey) {
        if let index = places[key] {
            queued[index].positions.append(position)
        } else {
            places[key] = queued.count
            queued.append(Queue(key: key, positions: [position]))
        }
    }

    /// Adds what was changed beside, of other keys.
    ///
    /// - Precondition: no key is concerned by both.
    public mutating func formUnion(_ other: ParkingChanges) {
        parked += other.parked
        absorbed += other.absorbed
        for queue in other.queued {
            for position in queue.positions { self.queue(position, behind: queue.key) }
        }
        settlement = settlement ?? other.settlement
    }

    private mutating func absorb(_ from: ParkingKey, into key: ParkingKey) {
        if let pending = parked.firstIndex(where: { $0.key == from }) {
            let failure = parked[pending].failure
            parked.remove(at: pending)
            if let index = parked.firstIndex(where: { $0.key == key }),
                failure.position < parked[index].failure.position
            {
                parked[index].failure = failure
            }
        } else {
            absorbed.append(Absorption(from: from, into: key))
        }
        guard let waiting = places[from], let index = places[key] else { return }
        queued[index].positions = (queued[index].positions + queued[waiting].positions).sorted()
        queued.remove(at: waiting)
        places = Dictionary(uniqueKeysWithValues: queued.enumerated().map { ($1.key, $0) })
    }
}
