import EventModel

extension ReadableLog {
    /// The first position whose event was recorded at `moment` or later; the position behind `end` when there is none.
    ///
    /// Recorded times never decrease along the log, so a few events are looked at, however long it is.
    ///
    /// - Parameter end: the last position to look at.
    /// - Throws: ``StoreError``; `corrupt` where a position up to `end` holds no event.
    public func firstPosition(
        recordedAtOrAfter moment: Timestamp, through end: GlobalPosition
    ) async throws(StoreError) -> GlobalPosition {
        var low: Int64 = 1
        var high = end.rawValue + 1
        while low < high {
            let middle = GlobalPosition(low + (high - low) / 2)
            let query = EventQuery(after: GlobalPosition(middle.rawValue - 1), through: middle, limit: 1)
            guard let event = try await read(query).events.first else {
                throw .corrupt(at: middle, reason: "the event is missing")
            }
            if event.recordedAt < moment { low = middle.rawValue + 1 } else { high = middle.rawValue }
        }
        return GlobalPosition(low)
    }
}
