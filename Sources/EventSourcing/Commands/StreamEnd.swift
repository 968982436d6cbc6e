import EventModel

/// The last event of a stream, as it was when somebody read it.
public struct StreamEnd: Sendable, Hashable {
    /// Its version, which is the stream's.
    public let version: StreamVersion
    /// Where it is in the log.
    public let position: GlobalPosition
    /// When it was recorded, by the log's clock; `nil` where nobody has read that.
    public let recordedAt: Timestamp?

    /// An end by its parts.
    public init(version: StreamVersion, position: GlobalPosition, recordedAt: Timestamp? = nil) {
        self.version = version
        self.position = position
        self.recordedAt = recordedAt
    }
}
