import EventModel

/// A projection with one row per sync key, which can be folded anew from the streams of that key alone: whoever wants to know how one key
/// stands need not know the others.
public protocol StateProjection: Projection {
    /// The streams that the row of a sync key is made of, of each workspace those of its own.
    func streams(of syncKey: String) -> [StreamName]
}

extension SyncStateProjection: StateProjection {
    /// `workflow_execution-<key>` and `journey_session-<key>`.
    public func streams(of syncKey: String) -> [StreamName] {
        [ExecutionsProjection.category, SessionsProjection.execution].map { StreamName(trusting: "\($0)-\(syncKey)") }
    }
}
