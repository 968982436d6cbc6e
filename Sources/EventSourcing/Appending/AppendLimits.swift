/// Limits of the contract. One event must fit a Kafka record, one append a round trip.
public enum AppendLimits {
    /// Bytes of one event: data, metadata, stream, type and actor together.
    public static let eventBytes = 1_048_576
    /// Events of one append.
    public static let events = 1_000
    /// Bytes of one append, counted as for one event.
    public static let appendBytes = 8 * 1_048_576
    /// The largest schema version.
    public static let schemaVersion: Int32 = 32_767
    /// Bytes of an actor.
    public static let actorBytes = 200
    /// Kinds (workspace, category, type) of one log.
    public static let kinds = 100_000
}
