import EventModel

/// How long something has lasted, for people and for programs.
struct Age: Sendable, Hashable {
    /// Never negative: a clock that was set back makes nothing younger than new.
    let seconds: Int64

    init(since start: Timestamp, at now: Timestamp) {
        seconds = max(0, start.duration(to: now).components.seconds)
    }

    /// The two largest units of it: `3 d 4 h`, `2 h 5 min`, `12 s`.
    var words: String {
        switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3_600: Self.pair(seconds / 60, "min", seconds % 60, "s")
        case ..<86_400: Self.pair(seconds / 3_600, "h", seconds % 3_600 / 60, "min")
        default: Self.pair(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h")
        }
    }

    private static func pair(_ large: Int64, _ unit: String, _ small: Int64, _ lesser: String) -> String {
        small == 0 ? "\(large) \(unit)" : "\(large) \(unit) \(small) \(lesser)"
    }
}
