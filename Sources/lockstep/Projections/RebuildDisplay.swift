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
        // A line that the terminal breaks could not be taken back. The last column is where the cursor is.
        StandardError.writePart("\r\u{1b}[2K" + Self.line(name, progress, width: StandardError.width - 1))
    }

    /// Makes room for the answer.
    func clear() {
        guard isShown else { return }
        StandardError.writePart("\r\u{1b}[2K")
    }

    /// `executions: folding  ████████░░░░░░░░░░░░  40%  at 400000 of 1000000  lanes 3, 8 of 12  142000 events/s  61.2 MB/s  4–6 s left`.
    ///
    /// - Parameter width: of the terminal; what tells least is left out of a line that would not fit.
    static func line(_ name: String, _ progress: RebuildProgress, width: Int = .max) -> String {
        var parts = parts(progress)
        var line = ""
        while true {
            line = (["\(name): \(progress.phase.rawValue)"] + parts.map(\.text)).joined(separator: "  ")
            guard line.count > width, let least = parts.indices.min(by: { parts[$0].weight < parts[$1].weight }) else {
                return String(line.prefix(width))
            }
            parts.remove(at: least)
        }
    }

    /// What is told, in order, and what may be left out of it first.
    private static func parts(_ progress: RebuildProgress) -> [(text: String, weight: Int)] {
        let filled = Int(progress.fraction * 20)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
        var parts: [(text: String, weight: Int)] = [
            (bar, 0), ("\(Int(progress.fraction * 100))%", 7), ("at \(progress.position) of \(progress.target)", 1),
        ]
        if progress.parked > 0 { parts.append(("\(Counted.of(progress.parked, "key")) parked", 6)) }
        if let atWork = progress.atWork { parts.append((LanesText.of(atWork), 4)) }
        guard progress.phase == .folding, progress.events > 0 else { return parts }
        parts.append(("\(Int(progress.eventsPerSecond)) events/s", 3))
        parts.append(("\(tenths(progress.bytesPerSecond / 1e6)) MB/s", 2))
        guard let left = progress.remainingSeconds else { return parts }
        let (least, most) = (Int(left.lowerBound.rounded(.up)), Int(left.upperBound.rounded(.up)))
        parts.append((least == most ? "\(most) s left" : "\(least)–\(most) s left", 5))
        return parts
    }

    static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
