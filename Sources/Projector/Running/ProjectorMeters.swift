import CoreMetrics

/// What a projector of this process does, in numbers that only rise. Whether the work gets done is judged from outside.
struct ProjectorMeters: Sendable {
    private let events: Counter
    private let batches: Counter
    private let time: Timer

    /// - Parameter projection: its name; the generations of one are counted together.
    init(of projection: String) {
        let labels = [("projection", projection)]
        events = Counter(label: "lockstep.projector.events", dimensions: labels)
        batches = Counter(label: "lockstep.projector.batches", dimensions: labels)
        time = Timer(label: "lockstep.projector.batch", dimensions: labels)
    }

    /// Counts what was done between two looks at the statistics.
    func count(from last: ProjectorStatistics, to now: ProjectorStatistics) {
        guard now.batches > last.batches else { return }
        events.increment(by: now.eventsHandled - last.eventsHandled)
        batches.increment(by: now.batches - last.batches)
        let (seconds, attoseconds) = now.lastBatchDuration.components
        time.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
