/// The bounds this module keeps, in one place.
public enum KafkaLimits {
    /// How long an append waits for room when librdkafka's queue is full, before the message is refused.
    public static let queueFullPatience: Duration = .seconds(10)
    /// Share of `queue.buffering.max.messages` above which a new batch waits for messages to leave, in percent.
    public static let queueHighWaterPercent = 75
    /// Messages one pull hands over at most.
    public static let messagesPerPull = 100_000
    /// How long librdkafka's own thread sleeps when nothing happens, in milliseconds.
    static let pollMilliseconds: Int32 = 200
    /// One slice of waiting for room in a full queue, in milliseconds.
    static let queueFullPollMilliseconds: Int32 = 5
    /// How long an abandoned producer drains the reports of what it dropped.
    static let abandonPatience: Duration = .seconds(5)
    /// Delivery slots allocated at a time.
    static let slotsPerChunk = 256
    /// Header slots a message starts with.
    static let headersPerMessage = 20
    /// Bytes kept of an error text.
    static let errorTextBytes = 512
}
