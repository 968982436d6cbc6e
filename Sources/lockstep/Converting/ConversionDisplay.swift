import Conversion
import Converting
import Synchronization

/// Which step a conversion has come to, in one line of standard error, where somebody looks.
final class ConversionDisplay: Sendable {
    private let isShown: Bool
    private let done = Mutex<[String]>([])

    init(isShown: Bool) { self.isShown = isShown && StandardError.isTerminal }

    /// A step is done.
    func show(_ step: ConversionPlan.Step) { write { $0.append(step.step.rawValue) } }

    /// What is done now, which may take a while.
    func show(_ present: String) { write(present) { _ in } }

    /// Makes room for the answer.
    func clear() {
        guard isShown, done.withLock({ $0.isEmpty == false }) else { return }
        StandardError.writePart("\r\u{1b}[2K")
    }

    private func write(_ present: String? = nil, _ change: (inout [String]) -> Void) {
        let steps = done.withLock { done in
            change(&done)
            return done
        }
        guard isShown else { return }
        StandardError.writePart("\r\u{1b}[2K" + Self.line(steps, present))
    }

    /// `✓ validate_source  ✓ analyse  … storing`.
    static func line(_ steps: [String], _ present: String?) -> String {
        (steps.map { "✓ \($0)" } + [present.map { "… \($0)" }].compactMap(\.self)).joined(separator: "  ")
    }
}
