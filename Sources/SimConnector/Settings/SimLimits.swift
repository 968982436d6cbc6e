import WorkflowDomain

/// The bounds this module keeps, in one place.
public enum SimLimits {
    /// The largest answer taken from the server, in bytes; a log is handed to ingest, which takes no more.
    public static let answerBytes = ExecutionLimits.reportBytes
    /// The largest body sent, in bytes.
    public static let requestBytes = 4 << 20
    /// How long a request that only reads, starts or cancels may take.
    public static let requestPatience: Duration = .seconds(10)
    /// How long an order may take that Sim answers when the workflow has gone on as far as it can.
    public static let orderPatience: Duration = .seconds(60)
    /// How often a request that is safe to repeat is sent, the first time included.
    public static let attempts = 3
    /// The first wait between two attempts.
    public static let firstWait: Duration = .milliseconds(100)
    /// The longest wait between two attempts. Who asks us to stay away for longer is told on, not waited for.
    public static let longestWait: Duration = .seconds(2)
    /// Bytes of an API key.
    public static let keyBytes = 4_096
    /// Bytes of the id of a workflow.
    public static let workflowBytes = 200
    /// Characters of the id of a run: Sim takes no more.
    public static let runCharacters = 128
    /// Bytes of the name of a pause.
    public static let contextBytes = ExecutionLimits.idBytes
    /// Bytes of the mark by which the next page is asked for.
    public static let cursorBytes = 8_192
    /// The most runs of one page.
    public static let pageRuns = 100
    /// Characters kept of what the server said about a refusal.
    public static let detailCharacters = 200
}
