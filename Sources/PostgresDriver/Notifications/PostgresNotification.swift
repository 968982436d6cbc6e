/// A message of `NOTIFY`.
public struct PostgresNotification: Sendable, Equatable {
    /// The channel it was sent on.
    public let channel: String
    /// Its payload, empty when it has none, shorter than 8000 bytes.
    public let payload: String
    /// The server process of the sender.
    public let backendPID: Int32
}
