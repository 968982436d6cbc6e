/// The bounds of what is answered about a process, and of who may ask.
public struct OperationsLimits: Sendable, Hashable {
    /// How long a look at the database may take.
    public var deadline: Duration
    /// How long a look is shown to whoever asks next, so that asking often costs the database nothing.
    public var freshness: Duration
    /// How long a connection may last, from its beginning to the end of the answer: each carries one request. More than ``deadline``.
    public var connectionPatience: Duration
    /// Connections at once; more wait to be accepted.
    public var connections: Int
    /// Bytes of one header field, and of the request line.
    public var fieldBytes: Int
    /// Bytes of all header fields together.
    public var headerBytes: Int
    /// Header fields.
    public var fields: Int

    /// Limits; what is not given is as for production.
    public init(
        deadline: Duration = .seconds(2), freshness: Duration = .seconds(1),
        connectionPatience: Duration = .seconds(10),
        connections: Int = 64, fieldBytes: Int = 8_192, headerBytes: Int = 16_384, fields: Int = 64
    ) {
        self.deadline = deadline
        self.freshness = freshness
        self.connectionPatience = connectionPatience
        self.connections = connections
        self.fieldBytes = fieldBytes
        self.headerBytes = headerBytes
        self.fields = fields
    }
}
