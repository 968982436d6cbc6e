import EventModel

/// The last event of a stream, as it was when somebody read it.
public struct StreamEnd: Sendable, Hashable {
    /// Its version, which is the stream's.
    public let version: StreamVersion
    /// Where it is in the log.
    public let position: GlobalPosition

    /// An end by its parts.
    public init(version: StreamVersion, position: GlobalPosition) {
        self.version = version
        self.position = position
    }
}
