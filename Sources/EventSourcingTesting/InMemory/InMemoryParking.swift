import EventModel
import EventSourcing
import ReadModels

/// The parked keys of projections as a value: what two tables and a function of PostgreSQL amount to.
public struct InMemoryParking: Sendable {
    fileprivate struct Entry {
        var key: ParkedKey
        var queue: [GlobalPosition]
    }

    private var entries: [ConsumerProgress.Key: [ParkingKey: Entry]] = [:]

    /// Nothing is parked.
    public init() {}

    /// Nothing is parked any more in what is given up.
    public mutating func forget(_ consumer: ConsumerProgress.Key) { entries[consumer] = nil }

    /// What is parked of one consumer is parked of another as well.
    public mutating func copy(from consumer: ConsumerProgress.Key, to other: ConsumerProgress.Key) {
        entries[other] = entries[consumer]
    }

    /// Makes changes, all or nothing.
    ///
    /// - Returns: `nil` when they are made; where the key's queue begins, 0 for a key that is not parked, when they expected it elsewhere.
    public mutating func apply(
        _ changes: ParkingChanges, of consumer: ConsumerProgress.Key, at now: Timestamp
    ) -> GlobalPosition? {
        var next = entries[consumer] ?? [:]
        for parking in changes.parked {
            guard next[parking.key] == nil else { return next[parking.key]?.key.first }
            next[parking.key] = Entry(parking, at: now)
        }
        for absorption in changes.absorbed {
            guard let from = next.removeValue(forKey: absorption.from) else { return .start }
            next[absorption.into]?.absorb(from)
        }
        for queue in changes.queued {
            guard next[queue.key] != nil else { return .start }
            next[queue.key]?.wait(queue.positions)
        }
        if let settlement = changes.settlement {
            guard var entry = next[settlement.key], entry.key.first == settlement.first else {
                return next[settlement.key]?.key.first ?? .start
            }
            guard entry.permits(settlement) else { return entry.key.first }
            next[settlement.key] = entry.settle(settlement, at: now) ? entry : nil
        }
        entries[consumer] = next
        return nil
    }

    /// See ``ParkingStore/parkedKeys(of:after:limit:)``.
    public func parkedKeys(of consumer: ConsumerProgress.Key, after key: ParkingKey?, limit: Int) -> [ParkedKey] {
        let all = (entries[consumer] ?? [:]).values.map(\.key).sorted { $0.key < $1.key }
        return Array(all.filter { parked in key.map { $0 < parked.key } ?? true }.prefix(limit))
    }

    /// See ``ParkingStore/parkedKey(_:of:)``.
    public func parkedKey(_ key: ParkingKey, of consumer: ConsumerProgress.Key) -> ParkedKey? {
        entries[consumer]?[key]?.key
    }

    /// See ``ParkingStore/queue(of:of:after:limit:)``.
    public func queue(
        of key: ParkingKey, of consumer: ConsumerProgress.Key, after position: GlobalPosition, limit: Int
    ) -> [GlobalPosition] {
        Array((entries[consumer]?[key]?.queue ?? []).filter { $0 > position }.prefix(limit))
    }

    /// See ``ParkingStore/nextRetry(of:)``.
    public func nextRetry(of consumers: [ConsumerProgress.Key]) -> RequestedRetry? {
        consumers.flatMap { consumer in
            (entries[consumer] ?? [:]).values.filter { $0.key.request != nil }
                .map { RequestedRetry(of: $0.key, in: consumer) }
        }
        .min { ($0.since, $0.parked.key) < ($1.since, $1.parked.key) }
    }

    /// See ``ParkingStore/requestRetry(of:of:by:)``.
    public mutating func requestRetry(
        of keys: [ParkingKey]?, of consumer: ConsumerProgress.Key, by actor: String?, at now: Timestamp
    ) -> Int {
        let parked = entries[consumer] ?? [:]
        let wanted = keys.map { Set($0).intersection(parked.keys) } ?? Set(parked.keys)
        for key in wanted where parked[key]?.key.request == nil {
            entries[consumer]?[key]?.key.request = RetryRequest(actor: actor, at: now)
        }
        return wanted.count
    }

    /// See ``ParkingStore/requestSkip(of:of:_:by:)``.
    public mutating func requestSkip(
        of key: ParkingKey, of consumer: ConsumerProgress.Key, _ skip: RetryRequest.Skip, by actor: String,
        at now: Timestamp
    ) -> Bool {
        guard let parked = entries[consumer]?[key]?.key, parked.failure.position == skip.position,
            parked.first == skip.position
        else { return false }
        entries[consumer]?[key]?.key.request = RetryRequest(actor: actor, at: now, skip: skip)
        return true
    }
}

extension InMemoryParking.Entry {
    fileprivate init(_ parking: ParkingChanges.Parking, at now: Timestamp) {
        key = ParkedKey(
            key: parking.key, scope: parking.scope, failure: parking.failure, first: parking.failure.position,
            queued: 0,
            parkedAt: now, tries: 1, triedAt: now, request: nil)
        queue = []
    }

    fileprivate mutating func wait(_ positions: [GlobalPosition]) {
        queue = (queue + positions).sorted()
        count()
    }

    fileprivate mutating func absorb(_ other: Self) {
        if other.key.failure.position < key.failure.position { key.failure = other.key.failure }
        wait(other.queue)
    }

    /// Whether the step does not pass an event that is to be left out by now.
    fileprivate func permits(_ settlement: ParkingChanges.Settlement) -> Bool {
        guard let skip = key.request?.skip?.position, let through = settlement.through, through >= skip else {
            return true
        }
        return settlement.skip == skip
    }

    /// - Returns: whether something still waits.
    fileprivate mutating func settle(_ settlement: ParkingChanges.Settlement, at now: Timestamp) -> Bool {
        if let through = settlement.through {
            queue.removeAll { $0 <= through }
            if let skip = key.request?.skip, skip.position <= through { key.request?.skip = nil }
        }
        if let failure = settlement.failure {
            key.failure = failure
            key.tries += 1
            key.triedAt = now
            key.request = nil
        }
        count()
        return !queue.isEmpty
    }

    private mutating func count() {
        key.queued = Int64(queue.count)
        key.first = queue.first ?? key.first
    }
}

extension RequestedRetry {
    fileprivate var since: Timestamp { parked.request?.at ?? parked.parkedAt }
}
