import EventModel

/// Which keys of a projection are set aside. Every event is covered by at most one of them.
///
/// A sync key that is set aside takes in the rows of the same sync key that were set aside before, so that one queue holds, in order,
/// everything that may concern them.
public struct ParkedKeys: Sendable, Hashable {
    /// Each key, with the sync key of the event that it was set aside for.
    private var scopes: [ParkingKey: ParkingKey] = [:]
    private var members: [ParkingKey: Set<ParkingKey>] = [:]

    /// Nothing.
    public init() {}

    /// How many there are.
    public var count: Int { scopes.count }

    /// Whether there is none.
    public var isEmpty: Bool { scopes.isEmpty }

    /// Whether this very key is set aside.
    public func contains(_ key: ParkingKey) -> Bool { scopes[key] != nil }

    /// The key behind which an event has to wait.
    ///
    /// - Parameter row: the row that the event concerns; `nil` when it does not tell.
    public func covering(_ event: RecordedEvent, concerning row: RowKey?) -> ParkingKey? {
        guard !isEmpty else { return nil }
        let whole = ParkingKey(syncKeyOf: event)
        if contains(whole) { return whole }
        let part = row.map(ParkingKey.init(row:))
        return part.flatMap { contains($0) ? $0 : nil }
    }

    /// Sets a key aside.
    ///
    /// - Parameter scope: the sync key of the event that it is set aside for; the key itself when that is a sync key.
    /// - Returns: the keys that it takes in, in order; they are set aside no more by themselves.
    @discardableResult
    public mutating func insert(_ key: ParkingKey, in scope: ParkingKey) -> [ParkingKey] {
        let absorbed = key == scope ? (members[scope] ?? []).subtracting([key]).sorted() : []
        for other in absorbed { remove(other) }
        scopes[key] = scope
        members[scope, default: []].insert(key)
        return absorbed
    }

    /// Sets a key aside no more.
    public mutating func remove(_ key: ParkingKey) {
        guard let scope = scopes.removeValue(forKey: key) else { return }
        members[scope]?.remove(key)
        if members[scope]?.isEmpty == true { members[scope] = nil }
    }
}
