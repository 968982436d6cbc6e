import EventModel

/// The way from Sim to the inbound topic, as bad as ways are: everything arrives, late, some of it twice, and in another order.
struct DemoWire: Sendable {
    /// One message on its way.
    private struct Parcel {
        let due: Duration
        let place: UInt64
        let event: JSONValue
    }

    /// How many messages were sent, how many of them a second time, and how many behind one that Sim had told later.
    private(set) var sent = 0
    private(set) var repeated = 0
    private(set) var overtaken = 0
    private let delay: Duration
    private var dice: DemoDice
    private var parcels: [Parcel] = []
    private var latest: [String: Int] = [:]

    /// - Parameter delay: the longest a message takes.
    init(seed: UInt64, delay: Duration = .milliseconds(900)) {
        dice = DemoDice(seed: seed)
        self.delay = delay
    }

    /// Whether nothing is on its way.
    var isEmpty: Bool { parcels.isEmpty }

    /// Sim tells something.
    mutating func take(_ events: [JSONValue], at now: Duration) {
        for event in events {
            add(event, at: now)
            guard dice.part() < 0.2 else { continue }
            repeated += 1
            add(event, at: now)
        }
    }

    private mutating func add(_ event: JSONValue, at now: Duration) {
        parcels.append(Parcel(due: now + delay * dice.part(), place: dice.next(), event: event))
    }

    /// What arrives now.
    mutating func arriving(at now: Duration) -> [JSONValue] {
        let due = parcels.filter { $0.due <= now }.sorted { ($0.due, $0.place) < ($1.due, $1.place) }
        parcels.removeAll { $0.due <= now }
        sent += due.count
        for parcel in due {
            guard let run = parcel.event["executionId"]?.string, let number = parcel.event["eventId"]?.int else {
                continue
            }
            if let last = latest[run], number < last { overtaken += 1 }
            latest[run] = max(latest[run] ?? 0, number)
        }
        return due.map(\.event)
    }
}
