import EventSourcing

/// How a server's conversations are followed.
public struct FollowingLimits: Sendable, Hashable {
    /// Between the end of one survey and the next, at least.
    public var surveyPause: Duration
    /// A pause is this many times as long as the survey before it took, at least: a survey is work for the whole server.
    public var pauseFactor: Int
    /// Conversations that are looked at and settled at a time.
    public var conversations: Int
    /// Events of one report: with what follows from them, and its copy for an execution, they fit one append.
    public var reportedEvents: Int
    /// Bytes of one report's events, unless a single one is larger.
    public var reportedBytes: Int
    /// How long a conversation that is refused stands before it is tried again.
    public var parkingTime: Duration
    /// The waits while the server or the log is away.
    public var backoff: Backoff

    /// Limits; a survey every half second.
    public init(
        surveyPause: Duration = .milliseconds(500), pauseFactor: Int = 10, conversations: Int = 16,
        reportedEvents: Int = 200, reportedBytes: Int = 2 * 1_048_576, parkingTime: Duration = .seconds(300),
        backoff: Backoff = Backoff(base: .milliseconds(250), cap: .seconds(30))
    ) {
        precondition(pauseFactor >= 0 && conversations > 0, "somebody has to be looked at")
        precondition(reportedEvents > 0 && reportedBytes > 0, "a report holds at least one event")
        self.surveyPause = surveyPause
        self.pauseFactor = pauseFactor
        self.conversations = conversations
        self.reportedEvents = reportedEvents
        self.reportedBytes = reportedBytes
        self.parkingTime = parkingTime
        self.backoff = backoff
    }
}
