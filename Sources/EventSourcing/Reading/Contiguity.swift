import EventModel

extension EventBatch {
    /// The position of the last event, when every event stands directly behind the one before it (L1).
    ///
    /// - Parameter position: what was read before; it is also the answer for an empty batch.
    /// - Throws: ``StoreError/corrupt(at:reason:)`` with the first missing position.
    public func end(contiguouslyBehind position: GlobalPosition) throws(StoreError) -> GlobalPosition {
        var last = position
        for event in self {
            guard event.position == last.next else {
                throw .corrupt(
                    at: last.next, reason: "the event behind \(last) is missing, \(event.position) came instead")
            }
            last = event.position
        }
        return last
    }
}
