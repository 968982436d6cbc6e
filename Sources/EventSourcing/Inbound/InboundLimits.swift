/// Bounds of what is taken in from outside.
public enum InboundLimits {
    /// Bytes of one payload.
    public static let payloadBytes = 32 * 1_048_576
    /// Commands that one payload may amount to.
    public static let commands = 100_000
    /// Bytes of the source and of the id by which a message names itself, together.
    public static let nameBytes = 4_096
    /// Messages that are taken in at a time by each reading of a topic.
    public static let messages = 4_096
    /// Readings of a topic side by side in a process. Two keep two cores busy, beside a log and a broker; more did not bring more where it was measured.
    public static let readings = 2
    /// Bytes of payloads that are taken in at a time by each reading, unless a single one is larger.
    public static let batchBytes = 16 * 1_048_576
    /// Tries to tell of refused messages in one reading of a topic. What is broken for good, such as a producer that the broker has fenced,
    /// is made anew with the next reading.
    public static let tellAttempts = 5
    /// Characters of a reason that is given for a refusal.
    public static let reasonCharacters = 1_000
    /// How far ahead of the moment at which it is received something may have happened: clocks differ, but not so much.
    public static let ahead = Duration.seconds(86_400)
    /// Tenants whose streams and mappings a consumer remembers at a time.
    public static let workspaces = 256
}
