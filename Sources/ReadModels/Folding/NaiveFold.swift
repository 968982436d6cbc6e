import EventModel

/// The oracle: the whole history, one event after the other, into a dictionary. Nothing is batched, cached, loaded or left out, so it
/// is slow and easy to believe. Every view must equal it, row by row (L4).
public struct NaiveFold: Sendable {
    private let projection: any Projection
    private let skips: SkippedEvents
    /// The rows by key.
    public private(set) var rows: [RowKey: Row] = [:]

    /// The view of an empty log.
    ///
    /// - Parameter skips: the events that are left out of the projection.
    public init(_ projection: any Projection, skipping skips: SkippedEvents = .none) {
        self.projection = projection
        self.skips = skips
    }

    /// Folds further events, in log order.
    ///
    /// - Throws: ``ProjectionFault`` at the first event that cannot be folded; the rows are those of the events before.
    public mutating func fold(_ events: some Sequence<RecordedEvent>) throws(ProjectionFault) {
        for event in events where projection.interest.includes(event) && !skips.includes(event) {
            guard let key = try projection.key(of: event) else { continue }
            rows[key] = try projection.fold(rows[key], event)
        }
    }
}
