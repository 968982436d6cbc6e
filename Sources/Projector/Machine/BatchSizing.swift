/// How many events to read at once: more while applying stays quick, fewer when it does not.
///
/// Small batches keep a slow database responsive and a lost batch cheap; large ones amortise the round trip during catch-up.
struct BatchSizing: Sendable, Hashable {
    let limits: ProjectorLimits
    private(set) var size: Int

    init(_ limits: ProjectorLimits) {
        self.limits = limits
        size = limits.smallestBatch
    }

    /// Learns from an applied batch of `count` events.
    mutating func applied(_ count: Int, in duration: Duration) {
        if duration > limits.slowApply {
            size = max(limits.smallestBatch, size / 2)
        } else if count >= size, duration < limits.slowApply / 3 {
            size = min(limits.largestBatch, size * 2)
        }
    }
}
