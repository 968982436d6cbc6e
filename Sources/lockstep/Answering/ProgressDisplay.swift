import EventSourcing
import Synchronization

/// How far long work is, in one line of standard error, where somebody looks.
final class ProgressDisplay: Sendable {
    /// Between two lines.
    private static let interval = Duration.milliseconds(100)

    private struct State {
        var shownAt: Duration?
        /// What was done when it was first shown: others may have done that.
        var first: Int64?
    }

    private let title: String
    private let noun: String
    private let isShown: Bool
    private let time: any Timekeeper
    private let begun: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - title: what is done, as a participle.
    ///   - noun: what is counted, one of them.
    init(_ title: String, counting noun: String = "event", isShown: Bool, time: any Timekeeper = SystemTimekeeper()) {
        self.title = title
        self.noun = noun
        self.isShown = isShown && StandardError.isTerminal
        self.time = time
        begun = time.steady()
    }

    func show(_ done: Int64, of total: Int64) {
        guard isShown else { return }
        let now = time.steady()
        let first: Int64? = state.withLock { state in
            if let shownAt = state.shownAt, now - shownAt < Self.interval { return nil }
            state.shownAt = now
            state.first = state.first ?? done
            return state.first
        }
        guard let first else { return }
        StandardError.writePart(
            "\r\u{1b}[2K" + Self.line(title, counting: noun, done, of: total, beyond: first, after: now - begun))
    }

    /// Makes room for the answer.
    func clear() {
        guard state.withLock({ $0.shownAt != nil }) else { return }
        StandardError.writePart("\r\u{1b}[2K")
    }

    /// `verifying  ████████░░░░░░░░░░░░  40%  400000 of 1000000 events  200000/s  3 s left`.
    ///
    /// - Parameter first: what was done before the time began.
    static func line(
        _ title: String, counting noun: String = "event", _ done: Int64, of total: Int64, beyond first: Int64 = 0,
        after elapsed: Duration
    ) -> String {
        let share = total > 0 ? min(1, Double(done) / Double(total)) : 1
        let filled = Int(share * 20)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
        var line = "\(title)  \(bar)  \(Int(share * 100))%  \(done) of \(total) \(noun)s"
        let seconds = elapsed / .seconds(1)
        guard seconds > 0, done > first else { return line }
        let rate = Double(done - first) / seconds
        line += "  \(Int(rate))/s"
        if done < total { line += "  \(Int((Double(total - done) / rate).rounded(.up))) s left" }
        return line
    }
}
