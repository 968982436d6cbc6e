/// Where a client's logs, errors and statistics go. Without one they are dropped: nothing is ever printed.
///
/// The closures run on librdkafka's threads: return at once.
public struct KafkaObserver: Sendable {
    /// One line of librdkafka's log.
    public var log: (@Sendable (KafkaLogLine) -> Void)?
    /// A failure of the client as a whole, such as a lost broker; librdkafka goes on trying unless it is fatal.
    public var error: (@Sendable (KafkaError) -> Void)?
    /// One report every `statistics.interval.ms`, which is 0 (never) unless set.
    public var statistics: (@Sendable (KafkaStatistics) -> Void)?

    /// An observer of what is given.
    public init(
        log: (@Sendable (KafkaLogLine) -> Void)? = nil, error: (@Sendable (KafkaError) -> Void)? = nil,
        statistics: (@Sendable (KafkaStatistics) -> Void)? = nil
    ) {
        self.log = log
        self.error = error
        self.statistics = statistics
    }

    /// An observer and the stream it feeds. Of more than `newest` undelivered diagnostics the oldest are dropped.
    public static func stream(newest: Int = 64) -> (observer: KafkaObserver, diagnostics: AsyncStream<KafkaDiagnostic>)
    {
        let (stream, continuation) = AsyncStream.makeStream(
            of: KafkaDiagnostic.self, bufferingPolicy: .bufferingNewest(newest))
        let observer = KafkaObserver(
            log: { continuation.yield(.log($0)) }, error: { continuation.yield(.error($0)) },
            statistics: { continuation.yield(.statistics($0)) })
        return (observer, stream)
    }
}

/// What a client says about itself.
public enum KafkaDiagnostic: Sendable {
    /// One line of librdkafka's log.
    case log(KafkaLogLine)
    /// A failure of the client as a whole.
    case error(KafkaError)
    /// A report of counters and queues.
    case statistics(KafkaStatistics)
}

/// One line of librdkafka's log.
public struct KafkaLogLine: Sendable, Hashable {
    /// Syslog's level: 0 emergency … 3 error, 4 warning, 6 information, 7 debug.
    public let level: Int
    /// librdkafka's short name of the place, for example `FAIL`.
    public let facility: String
    /// The text.
    public let text: String
}
