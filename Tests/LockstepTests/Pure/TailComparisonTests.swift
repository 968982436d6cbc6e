import EventModel
import Foundation
import Testing

@testable import lockstep

@Suite("A topic's ends beside the log") struct TailComparisonTests {
    private let present = UUID()
    private let earlier = UUID()

    private func end(_ standing: TailComparison.End.Standing, _ incarnation: UUID?) -> TailComparison.End {
        TailComparison.End(lane: 0, position: GlobalPosition(9), standing: standing, incarnation: incarnation)
    }

    private func comparison(_ ends: [TailComparison.End], onRecord: Bool) -> TailComparison {
        TailComparison(
            topic: "t", exists: true, head: GlobalPosition(5), ends: ends, incarnation: present, isOnRecord: onRecord)
    }

    @Test func `a topic whose records the log holds contradicts nothing and was not left`() {
        let whole = comparison([end(.same, present), end(.empty, nil)], onRecord: false)
        #expect(!whole.isContradicted && !whole.isLeft)
    }

    @Test(arguments: [TailComparison.End.Standing.ahead, .other])
    func `what an earlier history has written is left once that is on record, and contradicts until then`(
        _ standing: TailComparison.End.Standing
    ) {
        let ends = [end(standing, earlier), end(.same, present)]
        #expect(comparison(ends, onRecord: false).isContradicted)
        #expect(!comparison(ends, onRecord: true).isContradicted && comparison(ends, onRecord: true).isLeft)
    }

    @Test func `what the present history has written and lost contradicts, whatever is on record`() {
        let lost = comparison([end(.ahead, earlier), end(.ahead, present)], onRecord: true)
        #expect(lost.isContradicted && !lost.isLeft && lost.contradictions.count == 2)
    }

    @Test func `that a topic was left is no reason to call one left that agrees with the log`() {
        #expect(!comparison([end(.same, present)], onRecord: true).isLeft)
    }
}
