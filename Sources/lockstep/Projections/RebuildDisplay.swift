import EventSourcing
import Projector
import Synchronization

/// How far a rebuild is, in one line of standard error, where somebody looks.
final class RebuildDisplay: Sendable {
    /// Between two lines.
    private static let interval = Duration.milliseconds(100)

    private struct State {
        var last: RebuildProgress?
        /// The last progress that had events: what the answer tells of.
        var counted: RebuildProgress?
        var shownAt: Duration?
    }

    private let name: String
    private let isShown: Bool
    private let time: any Timekeeper
    private let state = Mutex(State())

    init(_ name: String, isShown: Bool, time: any Timekeeper = SystemTimekeeper()) {
        self.name = name
        self.isShown = isShown && StandardError.isTerminal
        self.time = time
    }

    /// What it was told last.
    var last: RebuildProgress? { state.withLock { $0.counted } }

    /// - Parameter isLine: whether it is what the line says.
    func show(_ progress: RebuildProgress, isLine: Bool = true) {
        let now = time.steady()
        let isDue = state.withLock { state in
            let isNew = state.last?.phase != progress.phase
            state.last = progress
            if progress.phase != .activating { state.counted = progress }
            if !isNew, let shownAt = state.shownAt, now - shownAt < Self.interval { return false }
            state.shownAt = now
            return true
        }
        guard isShown, isLine, isDue else { return }
        StandardError.writePart("\r\u{1b}[2K" + Self.line(name, progress))
    }

    /// Makes room for the answer.
    func clear() {
        guard isShown else { return }
        StandardError.writePart("\r\u{1b}[2K")
    }

    /// `executions: folding  ████████░░░░░░░░░░░░  40%  at 400000 of 1000000  142000 events/s  61.2 MB/s  4–6 s left`.
    static func line(_ name: String, _ progress: RebuildProgress) -> String {
        let filled = Int(progress.fraction * 20)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
        var line = "\(name): \(progress.phase.rawValue)  \(bar)  \(Int(progress.fraction * 100))%  "
        line += "at \(progress.position) of \(progress.target)"
        if progress.parked > 0 { line += "  \(Counted.of(progress.parked, "key")) parked" }
        guard progress.phase == .folding, progress.events > 0 else { return line }
        line += "  \(Int(progress.eventsPerSecond)) events/s  \(tenths(progress.bytesPerSecond / 1e6)) MB/s"
        guard let left = progress.remainingSeconds else { return line }
        let (least, most) = (Int(left.lowerBound.rounded(.up)), Int(left.upperBound.rounded(.up)))
        return line + (least == most ? "  \(most) s left" : "  \(least)–\(most) s left")
    }

    static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
