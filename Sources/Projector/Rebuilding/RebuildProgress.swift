import EventModel

/// How far a rebuild is, for people: what was done, how fast, and how long it will still take.
public struct RebuildProgress: Sendable, Equatable {
    /// What a rebuild is doing.
    public enum Phase: String, Sendable, Hashable {
        /// Reading the log and folding it in memory.
        case folding
        /// Making the key and the indexes.
        case indexing
        /// Following the end of the log.
        case followingUp = "catching-up"
        /// Comparing with what readers see.
        case comparing
        /// Changing readers over.
        case activating
        /// Done.
        case done
    }

    /// What it is doing now.
    public var phase = Phase.folding
    /// In which lanes it is at work; `nil` while it does what is not of some lanes.
    public var atWork: LanesAtWork?
    /// The position of the generation's rows, whether stored or in memory.
    public var position = GlobalPosition.start
    /// Where the log ended when it began.
    public var target = GlobalPosition.start
    /// Events read by this run.
    public var events: Int64 = 0
    /// Bytes of these events.
    public var bytes: Int64 = 0
    /// Rows written by this run.
    public var rows: Int64 = 0
    /// Keys that are parked, because an event of theirs cannot be folded.
    public var parked = 0
    /// Time since this run began.
    public var elapsed = Duration.zero
    /// The rate in events per second over the last few looks: lowest and highest.
    public var recentRates: ClosedRange<Double>?

    /// Nothing is done yet.
    public init() {}

    /// Events per second since this run began.
    public var eventsPerSecond: Double { Double(events) / max(elapsed.inSeconds, 1e-9) }
    /// Bytes per second since this run began.
    public var bytesPerSecond: Double { Double(bytes) / max(elapsed.inSeconds, 1e-9) }

    /// Seconds until the log as it was at the beginning is folded, by the highest and the lowest of the recent rates; `nil` before there are
    /// any, and when there is nothing left.
    public var remainingSeconds: ClosedRange<Double>? {
        guard let rates = recentRates, rates.lowerBound > 0, position < target else { return nil }
        let left = Double(position.distance(to: target))
        return (left / rates.upperBound)...(left / rates.lowerBound)
    }

    /// How much of the log is folded, from 0 to 1.
    public var fraction: Double {
        target == .start ? 1 : min(1, Double(position.rawValue) / Double(target.rawValue))
    }
}

/// Measures the rate between looks, and keeps the last few.
struct RateWindow: Sendable {
    private var rates: [Double] = []
    private var last: (events: Int64, at: Duration)?
    private static let kept = 8

    /// Notes where the work is. Looks that follow one another at once count as one.
    mutating func note(events: Int64, at elapsed: Duration) {
        guard let before = last else {
            last = (events, elapsed)
            return
        }
        let seconds = (elapsed - before.at).inSeconds
        guard seconds >= 0.2 else { return }
        rates.append(Double(events - before.events) / seconds)
        if rates.count > Self.kept { rates.removeFirst() }
        last = (events, elapsed)
    }

    /// Lowest and highest; `nil` before the first two looks.
    var range: ClosedRange<Double>? {
        guard let lowest = rates.min(), let highest = rates.max() else { return nil }
        return lowest...highest
    }
}

extension Duration {
    /// As a number of seconds.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
