/// The bounds this module keeps, in one place.
public enum ParlantLimits {
    /// The largest answer taken from the server, in bytes.
    public static let answerBytes = 16 << 20
    /// The largest body sent; the module in the server takes no more.
    public static let requestBytes = 8 << 20
    /// How long one request may take, the wait that it asks for not counted.
    public static let requestPatience: Duration = .seconds(10)
    /// The longest wait for new events that a caller may ask for.
    public static let longestPoll: Duration = .seconds(60)
    /// The longest wait for a turn's end that a caller may ask for; the module in the server waits no longer.
    public static let longestSettling: Duration = .seconds(20)
    /// How often a request that is safe to repeat is sent, the first time included.
    public static let attempts = 4
    /// The first wait between two attempts.
    public static let firstWait: Duration = .milliseconds(100)
    /// The longest wait between two attempts.
    public static let longestWait: Duration = .seconds(2)
    /// Events taken from one answer; a session that has more at once is read by ``ParlantConnector/events(of:from:waiting:)`` again.
    public static let eventsPerPage = 10_000
    /// The most pages of events that are looked through for an effect. What lies in one answer of ``answerBytes`` is fewer.
    public static let pagesLookedThrough = 20
    /// Characters kept of what the server said about a refusal.
    public static let detailCharacters = 200
    /// Problems kept of one refusal.
    public static let problems = 100
    /// Bytes of an id that is put into a path.
    public static let idBytes = 200
    /// The latest agent states that are asked for.
    public static let statesShown = 20
    /// The most agent states that the module in the server answers.
    public static let statesKept = 1_000
}
