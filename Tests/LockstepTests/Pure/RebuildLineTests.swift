import EventModel
import Projector
import Testing

@testable import lockstep

@Suite("The line of a rebuild") struct RebuildLineTests {
    private func progress(_ atWork: LanesAtWork?) -> RebuildProgress {
        var progress = RebuildProgress()
        progress.position = GlobalPosition(400_000)
        progress.target = GlobalPosition(1_000_000)
        progress.events = 400_000
        progress.bytes = 200_000_000
        progress.parked = 2
        progress.elapsed = .seconds(4)
        progress.recentRates = 100_000.0...150_000.0
        progress.atWork = atWork
        return progress
    }

    @Test func `tells everything that there is to know while the log is folded`() {
        #expect(
            RebuildDisplay.line("executions", progress(LanesAtWork(.folding, in: [8, 3], of: 12)))
                == "executions: folding  ████████░░░░░░░░░░░░  40%  at 400000 of 1000000  2 keys parked  lanes 3, 8 of 12  "
                + "100000 events/s  50.0 MB/s  4–6 s left")
    }

    private static let words: [(LanesAtWork, String)] = [
        (LanesAtWork(.folding, in: [7], of: 12), "lane 7 of 12"),
        (LanesAtWork(.folding, in: [0], of: 1), "the only lane"),
        (LanesAtWork(.folding, in: [0, 1, 2, 4, 5, 9], of: 12), "lanes 0, 1, 2, 4 and 2 more of 12"),
        (LanesAtWork(.writing, in: [1, 3, 5], of: 12), "writing lanes 1, 3, 5 of 12"),
        (LanesAtWork(.writing, in: [0, 1, 2], of: 3), "writing all 3 lanes"),
        (LanesAtWork(.hindmost(at: GlobalPosition(4_000)), in: [3], of: 12), "lane 3 of 12 furthest behind, at 4000"),
        (LanesAtWork(.hindmost(at: GlobalPosition(4_000)), in: [0, 1], of: 2), "all 2 lanes at 4000"),
    ]

    @Test(arguments: words) func `names lanes in a few words`(_ atWork: LanesAtWork, _ text: String) {
        #expect(LanesText.of(atWork) == text)
        var catchingUp = progress(atWork)
        catchingUp.phase = .followingUp
        #expect(RebuildDisplay.line("timeline", catchingUp).hasSuffix("  \(text)"))
    }

    @Test func `leaves out what tells least where the terminal is narrow, and is never broken by it`() {
        let whole = progress(LanesAtWork(.folding, in: [3, 8], of: 12))
        let narrow = RebuildDisplay.line("executions", whole, width: 79)
        #expect(narrow == "executions: folding  40%  2 keys parked  lanes 3, 8 of 12  4–6 s left")
        for width in 20...140 { #expect(RebuildDisplay.line("executions", whole, width: width).count <= width) }
    }
}
