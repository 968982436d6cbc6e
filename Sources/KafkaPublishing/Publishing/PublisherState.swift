/// What the publisher's checkpoint says about it, for people. Health is judged from positions.
public enum PublisherState: String, Sendable {
    /// History is being published.
    case catchingUp = "catching-up"
    /// The end of the log has been published.
    case live
    /// The broker or the log is away, or a run has failed; it begins again by itself. `last_error` says why.
    case waiting
    /// Shut down.
    case stopped
    /// Refuses to touch the topic until somebody has looked. `last_error` holds the repair plan.
    case refused
}
