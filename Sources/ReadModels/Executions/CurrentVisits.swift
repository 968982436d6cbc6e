import EventModel

/// The visits that have not ended, as a row keeps them: sorted, and no more than people look at.
struct CurrentVisits {
    /// How many are listed at most; the column beside says how many there are.
    static let limit = 64

    private let visits: [String]

    /// The visits of a row; none without one.
    init(_ value: ColumnValue?) {
        guard case .json(let bytes)? = value, let list = try? JSONValue(bytes) else {
            visits = []
            return
        }
        visits = (list.array ?? []).compactMap(\.string)
    }

    private init(_ visits: [String]) { self.visits = visits }

    /// As JSON.
    var bytes: [UInt8] { JSONValue.array(visits.map(JSONValue.string)).compactBytes() }

    /// With this visit, or without it.
    func changed(_ visit: String, isRunning: Bool) -> CurrentVisits {
        let place = visits.firstIndex { !JSONKeyOrder.precedes($0, visit) } ?? visits.endIndex
        let isListed = place < visits.endIndex && visits[place].utf8.elementsEqual(visit.utf8)
        var visits = visits
        if isListed, !isRunning { visits.remove(at: place) }
        if !isListed, isRunning, visits.count < Self.limit { visits.insert(visit, at: place) }
        return CurrentVisits(visits)
    }
}
