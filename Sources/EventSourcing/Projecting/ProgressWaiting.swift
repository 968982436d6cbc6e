import EventModel

/// What became of waiting for a consumer.
public enum WaitAnswer: Sendable, Hashable {
    /// The stored position is at or behind the one waited for: what was written up to it can be read.
    case reached
    /// The consumer stands still and has said why; waiting longer would not help.
    case stopped(at: GlobalPosition, reason: String)
    /// Time is over.
    case timedOut(at: GlobalPosition)
}

extension ProjectionStore {
    /// Waits until a consumer has handled everything up to `position`: read-your-writes on views.
    ///
    /// It asks the store, never the worker, so it also tells the truth about a worker in another process or a dead one (L8).
    ///
    /// - Parameter pollInterval: the longest pause between two looks; the first ones are shorter.
    public func wait(
        for key: ConsumerProgress.Key, through position: GlobalPosition, atMost limit: Duration,
        pollInterval: Duration = .milliseconds(20), time: some Timekeeper
    ) async throws(StoreError) -> WaitAnswer {
        try await wait(for: [key], through: position, atMost: limit, pollInterval: pollInterval, time: time)
    }

    /// Waits until a consumer has handled everything up to `position` in all of these, its lanes; see ``wait(for:through:atMost:pollInterval:time:)``.
    public func wait(
        for keys: [ConsumerProgress.Key], through position: GlobalPosition, atMost limit: Duration,
        pollInterval: Duration = .milliseconds(20), time: some Timekeeper
    ) async throws(StoreError) -> WaitAnswer {
        let deadline = time.steady() + limit
        var pause = min(Duration.milliseconds(1), pollInterval)
        while true {
            let progress = try await progress(of: keys)
            // A lane without a checkpoint has handled nothing.
            let reached = progress.count < keys.count ? .start : progress.map(\.position).min() ?? .start
            if reached >= position { return .reached }
            // A lane that has stopped behind the position is not waited for: the others may have gone on.
            if let stopped = progress.first(where: { $0.isStopped && $0.position < position }) {
                return .stopped(at: stopped.position, reason: stopped.lastError ?? "")
            }
            guard time.steady() < deadline else { return .timedOut(at: reached) }
            do throws(CancellationError) {
                try await time.sleep(for: min(pause, deadline - time.steady()))
            } catch {
                throw .cancelled
            }
            pause = min(pause * 2, pollInterval)
        }
    }
}

/// What a projector says about itself in its progress; health is judged from positions, not from this.
public enum ProjectorState: String, Sendable, Hashable {
    /// Nothing has been handled yet.
    case starting
    /// Working through history.
    case catchingUp = "catching-up"
    /// At the end of the log, or within a batch of it.
    case live
    /// Standing still at an event or a fault that somebody has to look at; it looks again by itself.
    case stopped
}

extension ConsumerProgress {
    /// Whether the projector has said that it stands still.
    fileprivate var isStopped: Bool { state == ProjectorState.stopped.rawValue }
}
