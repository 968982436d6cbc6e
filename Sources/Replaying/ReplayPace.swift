import EventModel

/// How fast events follow each other: as they were recorded, so many times faster, or without any wait.
///
/// A value: the caller says what its clock shows and sleeps. Due times hang on each other and not on the moments at which events were
/// handed over, so that what handing over costs does not add up.
public struct ReplayPace: Sendable, Hashable {
    /// How fast.
    public enum Speed: Sendable, Hashable {
        /// Without a wait.
        case unbounded
        /// So many times as fast as the events were recorded; above 0.
        case times(Double)

        /// As the events were recorded.
        public static let realTime = Speed.times(1)
    }

    /// The factors that ``Speed/times(_:)`` may have.
    public static let factors = 0.001...1_000_000.0
    /// The longest wait between two events unless said otherwise.
    public static let longestWait = Duration.seconds(60)

    /// What to do before the next event.
    public struct Wait: Sendable, Hashable {
        /// No wait.
        public static let none = Wait(duration: .zero, shortenedFrom: nil)

        /// How long to sleep.
        public var duration: Duration
        /// What it would have been without the limit; `nil` where the limit was not met.
        public var shortenedFrom: Duration?

        /// A wait by its parts.
        public init(duration: Duration, shortenedFrom: Duration?) {
            self.duration = duration
            self.shortenedFrom = shortenedFrom
        }
    }

    private let speed: Speed
    private let limit: Duration
    /// The latest recorded time so far. Time that goes back is none that passes.
    private var latest: Timestamp?
    /// When the last event was due, on the caller's clock.
    private var due = Duration.zero

    /// A pace.
    ///
    /// - Parameter limit: the longest wait between two events; nights and weekends are shortened to it.
    public init(_ speed: Speed, longestWait limit: Duration = ReplayPace.longestWait) {
        self.speed = speed
        self.limit = limit
    }

    /// How long to wait before an event that was recorded at `moment`, when the steady clock shows `now`. The first one is due at once.
    public mutating func wait(before moment: Timestamp, at now: Duration) -> Wait {
        guard case .times(let factor) = speed else { return .none }
        guard let latest else {
            self.latest = moment
            due = now
            return .none
        }
        self.latest = max(latest, moment)
        let gap = max(.zero, latest.duration(to: moment)) / factor
        // Whoever was held up catches up, but not for longer than the longest wait.
        due = max(due + min(gap, limit), now - limit)
        return Wait(duration: max(.zero, due - now), shortenedFrom: gap > limit ? gap : nil)
    }
}
