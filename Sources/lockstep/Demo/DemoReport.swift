import EventModel
import Synchronization

/// The numbered checks, shown as they are made.
final class DemoReport: Sendable {
    let asJSON: Bool
    private let style = Style.output
    private let state = Mutex((count: 0, failed: 0))

    init(asJSON: Bool) {
        self.asJSON = asJSON
    }

    var isAllPassed: Bool { state.withLock { $0.failed == 0 } }

    func heading(_ text: String) {
        guard !asJSON else { return }
        StandardOutput.shared.write("\n\(style.strong(text))")
        _ = StandardOutput.shared.flush()
    }

    /// A line for people.
    func say(_ text: String) {
        guard !asJSON else { return }
        StandardOutput.shared.write(Table.printable(text))
    }

    /// The last word.
    func summarise() {
        guard !asJSON else { return }
        let (count, failed) = state.withLock { $0 }
        let verdict =
            failed == 0
            ? style.good("All \(count) checks passed.") : style.bad("\(failed) of \(count) checks failed; see ✗ above.")
        StandardOutput.shared.write("\n\(verdict)")
    }

    /// - Parameter detail: what was seen, also when it passed.
    func check(_ text: String, _ passed: Bool, _ detail: String) {
        let number = state.withLock { state in
            state.count += 1
            if !passed { state.failed += 1 }
            return state.count
        }
        if asJSON {
            Answers.object { object in
                object.member("check", number)
                object.member("text", text)
                object.member("passed", passed)
                object.member("detail", detail)
            }
        } else {
            let mark = passed ? style.good("✓") : style.bad("✗")
            let place = number < 10 ? " \(number)" : "\(number)"
            StandardOutput.shared.write(" \(mark) \(place). \(text)")
            StandardOutput.shared.write("       \(style.faint(Table.printable(detail)))")
        }
        _ = StandardOutput.shared.flush()
    }
}
